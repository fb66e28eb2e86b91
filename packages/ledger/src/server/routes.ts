import type { Context } from 'hono';
import type { FactStore } from '../store/store.ts';
import { answerQuestion } from './answer.ts';
import { answerMetrics } from './answer-metrics.ts';
import { answerReadiness } from './answer-readiness.ts';
import type { Derivation } from './derivation.ts';
import { ingestLogs } from './ingest-logs.ts';
import { ingestTraces } from './ingest-traces.ts';
import type { Measures } from './measures.ts';
import type { Question } from './questions.ts';

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly handle: (context: Context) => Response | Promise<Response>;
}

/** Everything that the ledger answers over HTTP. */
export function routesOf(
  store: FactStore,
  derivation: Derivation,
  measures: Measures,
  questions: Readonly<Record<string, Question>>,
): readonly Route[] {
  return [
    { method: 'GET', path: '/healthz', handle: (context) => context.json({ status: 'ok' }) },
    { method: 'GET', path: '/readyz', handle: (context) => answerReadiness(store, context) },
    { method: 'GET', path: '/metrics', handle: (context) => answerMetrics(measures, context) },
    { method: 'POST', path: '/v1/logs', handle: (context) => ingestLogs(store, measures, context) },
    { method: 'POST', path: '/v1/traces', handle: (context) => ingestTraces(derivation, context) },
    ...Object.entries(questions).map(
      ([name, question]): Route => ({
        method: 'GET',
        path: `/api/v1/${name}`,
        handle: (context) => answerQuestion(store, name, question, context),
      }),
    ),
  ];
}
