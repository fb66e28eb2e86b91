import { createGunzip } from 'node:zlib';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { isLedgerError, ledgerError } from '../errors.ts';
import { type HeldBytes, heldBytes } from './in-flight.ts';

const MEBIBYTE = 1024 * 1024;
/** What is read from the wire, and what it may inflate to: a megabyte of gzip can hold a gigabyte. */
const sentMiBMax = 16;
const inflatedMiBMax = 64;
/** What is inflated in one go; of twice as much less is gained than it costs requests that are small. */
const chunkBytes = 64 * 1024;

/**
 * The body of a request, inflated.
 *
 * @throws BODY_TOO_LARGE, BODY_UNREADABLE, LEDGER_BUSY, MEDIA_TYPE_UNSUPPORTED.
 */
export async function readBody(context: Context): Promise<Uint8Array> {
  const held = heldBytes(context);
  const encoding = (context.req.header('content-encoding') ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw ledgerError('MEDIA_TYPE_UNSUPPORTED', `content-encoding ${encoding.slice(0, 60)}`);
  const sent = await readSent(context, held);
  return encoding === 'gzip' ? inflated(sent, held) : sent;
}

async function readSent(context: Context, held: HeldBytes): Promise<Uint8Array> {
  const sentMax = sentMiBMax * MEBIBYTE;
  const said = Number(context.req.header('content-length') ?? 0);
  if (said > sentMax) throw tooLarge(sentMiBMax);
  // At once, so that it is refused before it comes, and not in the middle.
  held.hold(said);
  const body = held.body(said);
  let length = 0;
  // Counted while it is read, for a body that comes in chunks says nothing of its length.
  for await (const part of partsOf(context)) {
    length += part.length;
    if (length > sentMax) throw tooLarge(sentMiBMax);
    if (length > said) held.hold(Math.min(part.length, length - said));
    body.add(part);
  }
  return body.bytes();
}

/** From the socket itself where there is one, which takes less than a web stream around it. */
async function* partsOf({ env, req }: Context): AsyncGenerator<Uint8Array> {
  const { incoming } = (env ?? {}) as Partial<HttpBindings>; // what the server for Node gives, and a call in process does not
  try {
    // Whoever stops reading still has to be answered.
    if (incoming !== undefined) yield* incoming.iterator({ destroyOnReturn: false });
    else if (req.raw.body !== null) yield* req.raw.body;
  } catch {
    throw ledgerError('BODY_UNREADABLE', 'it ended too early');
  }
}

/** All members of a gzip file count together: the limit is on what comes out, wherever it was packed. */
async function inflated(packed: Uint8Array, held: HeldBytes): Promise<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  gunzip.end(packed);
  const body = held.body(packed.length);
  let length = 0;
  try {
    for await (const part of gunzip) {
      length += part.length;
      if (length > inflatedMiBMax * MEBIBYTE) throw tooLarge(inflatedMiBMax);
      held.hold(part.length);
      body.add(part);
    }
  } catch (error) {
    throw isLedgerError(error) ? error : ledgerError('BODY_UNREADABLE', 'it is not gzip');
  }
  held.letGo(packed.length);
  return body.bytes();
}

function tooLarge(limitMiB: number): Error {
  return ledgerError('BODY_TOO_LARGE', `${limitMiB} MiB`);
}
