import type { Context } from 'hono';
import type { FactStore } from '../store/store.ts';
import { answerQuestion } from './answer.ts';
import { ingestLogs } from './ingest-logs.ts';
import type { Question } from './questions.ts';

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly handle: (context: Context) => Response | Promise<Response>;
}

/** Everything that the ledger answers over HTTP. */
export function routesOf(store: FactStore, questions: Readonly<Record<string, Question>>): readonly Route[] {
  return [
    { method: 'GET', path: '/healthz', handle: (context) => context.json({ status: 'ok' }) },
    { method: 'POST', path: '/v1/logs', handle: (context) => ingestLogs(store, context) },
    ...Object.entries(questions).map(
      ([name, question]): Route => ({
        method: 'GET',
        path: `/api/v1/${name}`,
        handle: (context) => answerQuestion(store, name, question, context),
      }),
    ),
  ];
}
