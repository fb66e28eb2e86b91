import { attributes, formOf, hex, nanoseconds, text } from './message.ts';
import { requestItems } from './request-items.ts';

const LOG_RECORD = formOf({
  timeUnixNano: nanoseconds(1),
  attributes: attributes(6),
  traceId: hex(9),
  spanId: hex(10),
  eventName: text(12),
});

/** The log records of an `ExportLogsServiceRequest`, with those of their fields that a fact is made of. */
export const logRecordsOf = (body: Uint8Array) => requestItems(body, LOG_RECORD);
