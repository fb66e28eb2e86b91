import { setTimeout as pause } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { TailFact } from '../questions/tail/answer.ts';
import { failureOf } from './failure.ts';
import type { Ledger } from './ledger.ts';

/** So often in a row a ledger that is away is tried again. */
const triesMax = 10;
const retryMsDefault = 1_000;
const retryMsMax = 30_000;

/** Facts as they come, without end. Where the connection is lost it goes on behind the last fact, once the ledger is back. */
export async function* followed(
  ledger: Ledger,
  parameters: Readonly<Record<string, string>>,
  cursor: string,
  onLost: () => void,
): AsyncGenerator<TailFact> {
  let lastEventId = cursor;
  let retryMs = retryMsDefault;
  let failedTries = 0;
  let isAway = false;
  const came: EventSourceMessage[] = [];
  for (;;) {
    const parser = createParser({
      onEvent: (event) => came.push(event),
      onRetry: (ms) => {
        retryMs = Math.min(ms, retryMsMax);
      },
    });
    try {
      for await (const text of await ledger.follow(parameters, lastEventId)) {
        failedTries = 0;
        isAway = false;
        parser.feed(text);
        for (const { event, id, data } of came.splice(0)) {
          // One with a name says that the ledger stops: then the stream ends.
          if (event !== undefined) continue;
          yield JSON.parse(data);
          lastEventId = id ?? lastEventId;
        }
      }
    } catch (error) {
      const { code, status } = failureOf(error);
      if ((code !== 'LEDGER_UNREACHABLE' && status !== 503) || ++failedTries > triesMax) throw error;
    }
    if (!isAway) onLost();
    isAway = true;
    await pause(retryMs);
  }
}
