import { readAttribute } from './any-value.ts';
import { requestItems } from './request-items.ts';
import type { WireReader } from './wire-reader.ts';

/** The log records of an `ExportLogsServiceRequest`, with those of their fields that a fact is made of. */
export const logRecordsOf = (body: Uint8Array) => requestItems(body, readRecord);

/** By hand, as attributes are: it is entered once for each fact, and passes each of its attributes. */
function readRecord(reader: WireReader): object {
  let timeUnixNano: string | undefined;
  let eventName: string | null | undefined;
  let traceId: string | undefined;
  let spanId: string | undefined;
  const attributes: unknown[] = [];
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag === 0x32) attributes.push(readAttribute(reader));
    else if (tag === 0x09) timeUnixNano = reader.fixed64();
    else if (tag === 0x4a) traceId = reader.bytesAs('hex');
    else if (tag === 0x52) spanId = reader.bytesAs('hex');
    else if (tag === 0x62) eventName = reader.text();
    else reader.skip(tag);
  }
  return { timeUnixNano, eventName, traceId, spanId, attributes };
}
