import { readAttributes } from './attributes.ts';
import { type JsonReader, OBJECT } from './json-reader.ts';
import { requestItems } from './request-items.ts';

/** The log records of an OTLP/HTTP request in JSON, with those of their fields that a fact is made of. */
export const logRecordsOf = (body: Uint8Array) =>
  requestItems(body, ['resourceLogs', 'scopeLogs', 'logRecords'], readRecord);

function readRecord(reader: JsonReader): unknown {
  if (!reader.isAt(OBJECT)) return reader.value();
  let timeUnixNano: unknown;
  let eventName: unknown;
  let traceId: unknown;
  let spanId: unknown;
  let attributes: unknown;
  for (let more = reader.enter(OBJECT); more; more = reader.goesOn(OBJECT)) {
    const name = reader.key();
    if (name === 'attributes') attributes = readAttributes(reader);
    else if (name === 'timeUnixNano') timeUnixNano = reader.value();
    else if (name === 'eventName') eventName = reader.value();
    else if (name === 'traceId') traceId = reader.value();
    else if (name === 'spanId') spanId = reader.value();
    else reader.value();
  }
  return { timeUnixNano, eventName, traceId, spanId, attributes };
}
