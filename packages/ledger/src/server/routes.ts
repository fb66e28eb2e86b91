import type { Context } from 'hono';
import type { Millis } from 'waybill';
import { rfc3339 } from '../questions/instant.ts';
import type { FactStore } from '../store/store.ts';
import { answerQuestion } from './answer.ts';
import { answerMetrics } from './answer-metrics.ts';
import { answerReadiness } from './answer-readiness.ts';
import { answerWindow } from './answer-window.ts';
import type { Derivation } from './derivation.ts';
import { ingestLogs } from './ingest-logs.ts';
import { ingestTraces } from './ingest-traces.ts';
import type { Measures } from './measures.ts';
import { type Question, WINDOW_QUESTIONS } from './questions.ts';
import type { TokenKind } from './tokens.ts';

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The token that it asks for, where the ledger asks for any. */
  readonly asks?: TokenKind;
  readonly handle: (context: Context) => Response | Promise<Response>;
}

/** Everything that the ledger answers over HTTP. */
export function routesOf(
  store: FactStore,
  derivation: Derivation,
  measures: Measures,
  questions: Readonly<Record<string, Question>>,
  now: () => Millis,
): readonly Route[] {
  return [
    { method: 'GET', path: '/healthz', handle: (context) => context.json({ status: 'ok', now: rfc3339(now()) }) },
    { method: 'GET', path: '/readyz', handle: (context) => answerReadiness(store, context) },
    { method: 'GET', path: '/metrics', asks: 'read', handle: (context) => answerMetrics(measures, context) },
    { method: 'POST', path: '/v1/logs', asks: 'ingest', handle: (context) => ingestLogs(store, measures, context) },
    { method: 'POST', path: '/v1/traces', asks: 'ingest', handle: (context) => ingestTraces(derivation, context) },
    ...Object.entries(questions).map(
      ([name, question]): Route => ({
        method: 'GET',
        path: `/api/v1/${name}`,
        asks: 'read',
        handle: (context) => answerQuestion(store, name, question, context, now),
      }),
    ),
    ...Object.entries(WINDOW_QUESTIONS).map(
      ([name, question]): Route => ({
        method: 'GET',
        path: `/api/v1/${name}`,
        asks: 'read',
        handle: (context) => answerWindow(store, name, question, context, now),
      }),
    ),
  ];
}
