import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { errorBody, ledgerError } from '../errors.ts';
import { arrivedAfter, newestOf } from '../questions/tail/arrived.ts';
import type { Told } from '../questions/tail/records.ts';
import type { FactStore } from '../store/store.ts';
import { openBell } from './bell.ts';

/** What a follower is told of. */
export interface Followed {
  /** Where to begin; with what comes from now on, if it is null. */
  readonly after: number | null;
  readonly isOf: (told: Told) => boolean;
}

/** Those who are sent facts as they come. */
export interface Followers {
  /** Facts were committed. */
  ring(): void;
  /** @throws FOLLOWERS_FULL. */
  follow(context: Context, followed: Followed): Promise<Response>;
  /** Ends all of them, so that their connections are idle; whoever comes later is ended at once. */
  end(): void;
}

export interface FollowersOptions {
  readonly followersMax?: number;
  /** How often one who hears of nothing is told that the ledger is there, and how long one may take for what it is sent. */
  readonly heartbeatMs?: number;
  readonly stallMsMax?: number;
}

const factsAtOnce = 200;
/** At most so often each looks for what is new, however often facts are committed. */
const betweenLooksMs = 100;
/** And at least so often: another process may have written to the ledger, and rings no bell here. */
const unrungMsMax = 1_000;
/** After so long a client that lost its connection comes again. */
const retryMs = 1_000;

/**
 * Nothing is buffered for a follower: facts lie in the store, and are read when it has taken those before. One that is
 * slow is behind, and costs no memory; one that takes nothing at all is let go, and may go on later where it was.
 */
export function openFollowers(
  store: FactStore,
  onUnexpected: (error: unknown) => void,
  options: FollowersOptions = {},
): Followers {
  const { followersMax = 100, heartbeatMs = 15_000, stallMsMax = 30_000 } = options;
  const bell = openBell();
  let count = 0;
  let isEnding = false;

  async function sendFacts(stream: SSEStreamingApi, { isOf }: Followed, begin: number, cut: () => void): Promise<void> {
    let cursor = begin;
    let sentAt = performance.now();
    const send = async (text: string) => {
      const late = setTimeout(cut, stallMsMax);
      await stream.write(text);
      clearTimeout(late);
      sentAt = performance.now();
    };
    await send(`retry: ${retryMs}\n\n`);
    while (!stream.aborted && !isEnding) {
      const [rings, lookedAt] = [bell.rings(), performance.now()];
      const arrived = await store.read((reader) => arrivedAfter(reader, cursor, factsAtOnce));
      const text = arrived.filter(isOf).map(eventOf).join('');
      if (text !== '') await send(text);
      else if (performance.now() - sentAt >= heartbeatMs) await send(': still here\n\n');
      cursor = arrived.at(-1)?.cursor ?? cursor;
      if (arrived.length === factsAtOnce) continue;
      await bell.rungSince(rings, Math.min(unrungMsMax, heartbeatMs));
      await pause(lookedAt + betweenLooksMs - performance.now());
    }
    if (isEnding) await send(`event: end\ndata: ${JSON.stringify(errorBody(ledgerError('LEDGER_CLOSED')))}\n\n`);
  }

  return {
    ring: bell.ring,
    async follow(context, followed) {
      if (count >= followersMax) throw ledgerError('FOLLOWERS_FULL', String(count));
      count++;
      try {
        // A proxy that gathers answers before it sends them would hold every fact back.
        context.header('x-accel-buffering', 'no');
        const begin = followed.after ?? (await store.read(newestOf)) ?? 0;
        return streamSSE(context, (stream) => {
          const cut = () => {
            stream.abort();
            // What the client does not take would keep the connection.
            socketOf(context)?.destroy();
          };
          return sendFacts(stream, followed, begin, cut)
            .catch(onUnexpected)
            .finally(() => count--);
        });
      } catch (error) {
        count--;
        throw error;
      }
    },
    end() {
      isEnding = true;
      bell.ring();
    },
  };
}

function eventOf({ cursor, record }: Told): string {
  return `id: ${cursor}\ndata: ${JSON.stringify(record)}\n\n`;
}

function socketOf(context: Context) {
  // Sound: listen.ts serves with the Node adapter, and `app.request` passes no bindings.
  return (context.env as Partial<HttpBindings> | undefined)?.incoming?.socket;
}

function pause(ms: number): Promise<void> {
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve) => setTimeout(resolve, ms));
}
