import type { Context, Next } from 'hono';
import { ledgerError } from '../errors.ts';
import { type Body, lendFrom, openBodyBuffers } from './body-buffers.ts';

/** What one request holds of the bytes that all may hold together. */
export interface HeldBytes {
  /** @throws LEDGER_BUSY where they do not fit beside those of others. */
  hold(bytes: number): void;
  letGo(bytes: number): void;
  /** Empty, and the request's until it is answered. */
  body(lengthMin: number): Body;
}

const bytesMaxDefault = 64 * 1024 * 1024;
const MEBIBYTE = 1024 * 1024;
const NAME = 'held bytes';

/**
 * Counts the bytes of all bodies, as they were sent and as they were inflated, until their requests are answered: many
 * that are small enough by themselves would fill the memory together. One alone always fits, for it has limits of its own.
 */
export function openInFlight(bytesMax = bytesMaxDefault): (context: Context, next: Next) => Promise<void> {
  const buffers = openBodyBuffers();
  let all = 0;
  return async (context, next) => {
    let own = 0;
    const lent = lendFrom(buffers);
    const held: HeldBytes = {
      hold(bytes) {
        if (all + bytes > bytesMax && all > own) throw ledgerError('LEDGER_BUSY', `${Math.ceil(all / MEBIBYTE)} MiB`);
        own += bytes;
        all += bytes;
      },
      letGo(bytes) {
        own -= bytes;
        all -= bytes;
      },
      body: lent.body,
    };
    context.set(NAME, held);
    try {
      await next();
    } finally {
      held.letGo(own);
      lent.end();
    }
  };
}

export function heldBytes(context: Context): HeldBytes {
  return context.get(NAME) as HeldBytes; // sound: the app counts each request, and nobody else sets this name
}
