import { attributes, enumeration, formOf, hex, message, messages, nanoseconds, readFields, text } from './message.ts';
import { requestItems } from './request-items.ts';

const EVENT = formOf({ name: text(2), attributes: attributes(3) });
const LINK = formOf({ traceId: hex(1), spanId: hex(2) });
const STATUS = formOf({ message: text(2), code: enumeration(3) });

const SPAN = formOf({
  traceId: hex(1),
  spanId: hex(2),
  parentSpanId: hex(4),
  name: text(5),
  kind: enumeration(6),
  startTimeUnixNano: nanoseconds(7),
  endTimeUnixNano: nanoseconds(8),
  attributes: attributes(9),
  events: messages(11, EVENT),
  links: messages(13, LINK),
  status: message(15, STATUS),
});

/** The spans of an `ExportTraceServiceRequest`, with those of their fields that facts are derived of. */
export const spansOf = (body: Uint8Array) => requestItems(body, (reader) => readFields(reader, SPAN));
