import type { Context } from 'hono';
import type { FactStore } from '../store/store.ts';
import { answerQuestion } from './answer.ts';
import { answerWindow } from './answer-window.ts';
import type { Derivation } from './derivation.ts';
import { ingestLogs } from './ingest-logs.ts';
import { ingestTraces } from './ingest-traces.ts';
import { type Question, WINDOW_QUESTIONS } from './questions.ts';

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly handle: (context: Context) => Response | Promise<Response>;
}

/** Everything that the ledger answers over HTTP. */
export function routesOf(
  store: FactStore,
  derivation: Derivation,
  questions: Readonly<Record<string, Question>>,
): readonly Route[] {
  return [
    { method: 'GET', path: '/healthz', handle: (context) => context.json({ status: 'ok' }) },
    { method: 'POST', path: '/v1/logs', handle: (context) => ingestLogs(store, context) },
    { method: 'POST', path: '/v1/traces', handle: (context) => ingestTraces(derivation, context) },
    ...Object.entries(questions).map(
      ([name, question]): Route => ({
        method: 'GET',
        path: `/api/v1/${name}`,
        handle: (context) => answerQuestion(store, name, question, context),
      }),
    ),
    ...Object.entries(WINDOW_QUESTIONS).map(
      ([name, question]): Route => ({
        method: 'GET',
        path: `/api/v1/${name}`,
        handle: (context) => answerWindow(store, name, question, context),
      }),
    ),
  ];
}
