import type { Context } from 'hono';
import { exposition } from './exposition.ts';
import type { Measures } from './measures.ts';

/** What is measured, for Prometheus and whatever reads its text. */
export async function answerMetrics(measures: Measures, context: Context): Promise<Response> {
  context.header('content-type', 'text/plain; version=0.0.4; charset=utf-8');
  return context.body(exposition(await measures.families()));
}
