import type { JsonReader } from './json-reader.ts';
import { requestItems } from './request-items.ts';

/** The spans of an OTLP/HTTP request in JSON. */
export const spansOf = (body: Uint8Array) => requestItems(body, ['resourceSpans', 'scopeSpans', 'spans'], readSpan);

const readSpan = (reader: JsonReader) => reader.value();
