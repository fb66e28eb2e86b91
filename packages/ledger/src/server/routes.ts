import type { Context } from 'hono';
import type { Millis } from 'waybill';
import { rfc3339 } from '../questions/instant.ts';
import type { FactStore } from '../store/store.ts';
import { answerQuestion, ID_PARAMETERS } from './answer.ts';
import {
  type Admit,
  answerDestination,
  answerDestinations,
  declareDestination,
  removeDestination,
  takeReport,
} from './answer-destinations.ts';
import { answerMetrics } from './answer-metrics.ts';
import { answerOpenApi } from './answer-openapi.ts';
import { answerReadiness } from './answer-readiness.ts';
import { answerSearch, SEARCH_PARAMETERS } from './answer-search.ts';
import { answerTailEvents, TAIL_EVENTS_PARAMETERS } from './answer-tail-events.ts';
import { answerWindow, WINDOW_PARAMETERS } from './answer-window.ts';
import type { Derivation } from './derivation.ts';
import type { Followers } from './followers.ts';
import { ingestLogs } from './ingest-logs.ts';
import { ingestTraces } from './ingest-traces.ts';
import type { Measures } from './measures.ts';
import type { ParameterName } from './parameters.ts';
import { type Question, WINDOW_QUESTIONS, type WindowQuestion } from './questions.ts';
import type { TokenKind } from './tokens.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** The token that it asks for, where the ledger asks for any. */
  readonly asks?: TokenKind;
  readonly handle: (context: Context) => Response | Promise<Response>;
  /** What it is for; of a question, its answer says so itself. The description of the API is made of this and what follows. */
  readonly says?: string;
  readonly parameters?: readonly ParameterName[];
  /** The body that it takes: an export of OTLP, or what is said of destinations. */
  readonly takes?: 'logs' | 'traces' | 'report' | 'declaration';
  /** What it answers with: a name among `Documents`, or the media type of what is none of them. */
  readonly answers: string;
  /** Its answers have an `ETag`, and `If-None-Match` is heeded. */
  readonly isTagged?: true;
}

/** What the routes are handled with. */
interface Parts {
  readonly store: FactStore;
  readonly derivation: Derivation;
  readonly measures: Measures;
  readonly followers: Followers;
  readonly questions: Readonly<Record<string, Question>>;
  /** When a question is asked that names no instant. */
  readonly now: () => Millis;
  readonly admit: Admit;
}

/** Everything that the ledger answers over HTTP. */
export function routesOf({ store, derivation, measures, followers, questions, now, admit }: Parts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      says: 'Whether the process answers.',
      answers: 'health',
      handle: (context) => context.json({ status: 'ok', now: rfc3339(now()) }),
    },
    {
      method: 'GET',
      path: '/readyz',
      says: 'Whether facts can be written.',
      answers: 'readiness',
      handle: (context) => answerReadiness(store, context),
    },
    {
      method: 'GET',
      path: '/metrics',
      asks: 'read',
      says: 'What the ledger measures of itself, for Prometheus.',
      answers: 'text/plain',
      handle: (context) => answerMetrics(measures, context),
    },
    {
      method: 'POST',
      path: '/v1/logs',
      asks: 'ingest',
      says: 'Facts, as OTLP log records: 200 means that they are on disk.',
      takes: 'logs',
      answers: 'exported',
      handle: (context) => ingestLogs(store, measures, context),
    },
    {
      method: 'POST',
      path: '/v1/traces',
      asks: 'ingest',
      says: 'Spans, of which facts are derived: 200 means that they are on disk.',
      takes: 'traces',
      answers: 'exported',
      handle: (context) => ingestTraces(derivation, context),
    },
    {
      method: 'GET',
      path: '/api/v1/openapi.json',
      says: 'This description.',
      answers: 'application/json',
      isTagged: true,
      handle: answerOpenApi,
    },
    ...destinationRoutes(store, now, admit),
    {
      method: 'GET',
      path: '/api/v1/tail/events',
      asks: 'read',
      says: 'Facts as they are committed, as server-sent events: `data` is a `TailFact`, `id` its cursor. `Last-Event-ID` goes on from there.',
      parameters: TAIL_EVENTS_PARAMETERS,
      answers: 'text/event-stream',
      handle: (context) => answerTailEvents(followers, context),
    },
    {
      ...questionRoute('search', SEARCH_PARAMETERS),
      handle: (context) => answerSearch(store, context, now),
    },
    ...Object.entries(questions).map(
      ([name, question]): Route => ({
        ...questionRoute(name, ID_PARAMETERS),
        handle: (context) => answerQuestion(store, name, question, context, now),
      }),
    ),
    ...Object.entries<WindowQuestion>(WINDOW_QUESTIONS).map(
      ([name, question]): Route => ({
        ...questionRoute(name, parametersOf(question)),
        handle: (context) => answerWindow(store, name, question, context, now),
      }),
    ),
  ];
}

function destinationRoutes(store: FactStore, now: () => Millis, admit: Admit): readonly Route[] {
  const path = '/api/v1/destinations';
  const one = `${path}/:name`;
  return [
    {
      ...{ method: 'GET', path, asks: 'read', answers: 'destination_list', isTagged: true },
      says: 'What was said of destinations, each value with its source and age.',
      handle: (context) => answerDestinations(store, context, now),
    },
    {
      ...{ method: 'POST', path, asks: 'ingest', takes: 'report', answers: 'report' },
      says: 'What one source says of destinations; what it does not give stays as it was. To declare takes the token of an admin.',
      handle: (context) => takeReport(store, admit, context, now),
    },
    {
      ...{ method: 'GET', path: one, asks: 'read', parameters: ['name'], answers: 'destination_list', isTagged: true },
      says: 'What was said of one destination.',
      handle: (context) => answerDestination(store, context, now),
    },
    {
      ...{ method: 'PUT', path: one, asks: 'admin', parameters: ['name'], takes: 'declaration' },
      ...{ says: 'Declares one destination; what is left out is declared no more.', answers: 'destination_list' },
      handle: (context) => declareDestination(store, context, now),
    },
    {
      ...{ method: 'DELETE', path: one, asks: 'admin', parameters: ['name'], answers: 'removal' },
      says: 'Forgets all that was said of one destination.',
      handle: (context) => removeDestination(store, context),
    },
  ];
}

function parametersOf({ isFollowed, isSorted }: WindowQuestion): readonly ParameterName[] {
  return [...WINDOW_PARAMETERS, ...(isFollowed ? (['after'] as const) : []), ...(isSorted ? (['sort'] as const) : [])];
}

function questionRoute(name: string, parameters: readonly ParameterName[]): Omit<Route, 'handle'> {
  return { method: 'GET', path: `/api/v1/${name}`, asks: 'read', parameters, answers: name, isTagged: true };
}
