import type { Millis } from 'waybill';
import type { FactReader, Stretch } from '../store/store.ts';
import { rfc3339 } from './instant.ts';
import type { QueueOrder } from './queues/answer.ts';
import type { Searched } from './searched.ts';

/** What a question about a stretch of time is asked. */
export interface Asked {
  /** Facts after `asOf` are not looked at, whenever it ends. */
  readonly window: Stretch;
  readonly asOf: Millis;
  /** Rows of the answer. */
  readonly limit: number;
  /** Where the last answer ended, for what is asked again and again. */
  readonly after: number | null;
  /** What comes first, of those questions that let one choose. */
  readonly sort?: QueueOrder | undefined;
}

/** So many messages are folded for one answer: what is more is "at least". */
export const messagesMax = 200;

// An hour, and the minute that it begins in.
const bucketsMax = 61;
const minuteMs = 60_000;

export function searchedOf(reader: FactReader, { window, asOf }: Asked): Searched {
  const [from, to] = [window.since, Math.min(window.until, asOf)];
  const length = window.until - from;
  const bucket_ms = Math.max(1, Math.ceil(length / (bucketsMax * minuteMs))) * minuteMs;
  return {
    window: {
      from: rfc3339(from),
      to: rfc3339(to),
      bucket_ms,
      buckets: Math.ceil(length / bucket_ms),
    },
    facts: reader.timeline.counts(window).facts,
  };
}

/** How many of these instants fall into each bucket of the window; what is outside of it falls into none. */
export function perBucket(instants: Iterable<Millis>, { window }: Searched): number[] {
  const counts = Array.from({ length: window.buckets }, () => 0);
  for (const at of instants) {
    const bucket = Math.floor((at - Date.parse(window.from)) / window.bucket_ms);
    const count = counts[bucket];
    if (count !== undefined) counts[bucket] = count + 1;
  }
  return counts;
}
