import type { Context } from 'hono';
import { decodeTraces } from '../ingest/decode-traces.ts';
import { answerExport } from './answer-export.ts';
import type { Derivation } from './derivation.ts';

/** OTLP/HTTP traces: 200 means that the spans are on disk; what they tell becomes facts a little later. */
export function ingestTraces(derivation: Derivation, context: Context): Promise<Response> {
  return answerExport(context, 'rejectedSpans', async (body, { spansOf }) => {
    const { spans, ...rejected } = decodeTraces(body, spansOf);
    if (spans.length > 0) await derivation.take(spans);
    return rejected;
  });
}
