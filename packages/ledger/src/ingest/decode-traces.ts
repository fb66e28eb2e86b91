import { spansOf } from './json/spans.ts';
import type { ReadItems } from './otlp-request.ts';
import { type Rejected, Rejections } from './rejections.ts';
import { readSpan } from './spans/read-span.ts';
import type { Span } from './spans/span.ts';

interface DecodedTraces extends Rejected {
  readonly spans: Span[];
}

/**
 * Reads the body of an OTLP/HTTP request for `/v1/traces`, in JSON if nothing else is said: all spans that are ones.
 *
 * @throws BODY_UNREADABLE where the body as a whole is no such request.
 */
export function decodeTraces(body: Uint8Array, readItems: ReadItems = spansOf): DecodedTraces {
  const spans: Span[] = [];
  const rejections = new Rejections('span');
  for (const [item, origin] of readItems(body)) {
    const reading = readSpan(item, origin);
    if ('rejected' in reading) rejections.add(reading.rejected);
    else spans.push(reading);
  }
  return { spans, ...rejections.summary() };
}
