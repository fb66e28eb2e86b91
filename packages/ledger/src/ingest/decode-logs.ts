import type { Fact } from 'waybill';
import { readRecord } from './fact-record.ts';
import { logRecordsOf } from './json/log-records.ts';
import type { ReadItems } from './otlp-request.ts';
import { type Rejected, Rejections } from './rejections.ts';

/** What a request held: the facts, and how many records called themselves facts and were none. */
interface DecodedLogs extends Rejected {
  readonly facts: Fact[];
}

/**
 * Reads the body of an OTLP/HTTP request for `/v1/logs`, in JSON if nothing else is said. Records that are no facts
 * are skipped, bad ones are counted, and the good ones beside them are kept. `onRejected` is told why, of each.
 *
 * @throws BODY_UNREADABLE where the body as a whole is no such request.
 */
export function decodeLogs(
  body: Uint8Array,
  readItems: ReadItems = logRecordsOf,
  onRejected: (reason: string) => void = () => {},
): DecodedLogs {
  const facts: Fact[] = [];
  const rejections = new Rejections('record');
  for (const [record, origin] of readItems(body)) {
    const reading = readRecord(record, origin);
    if (reading === null) continue;
    if ('fact' in reading) {
      facts.push(reading.fact);
      continue;
    }
    rejections.add(reading.rejected);
    onRejected(reading.rejected);
  }
  return { facts, ...rejections.summary() };
}
