// Asks both stores the same of the same facts, by every route, and tells where they say something else.
import { createApp, type FactStore, openClickhouseStore, openSqliteStore } from '@waybill/ledger';
import type { MessageFact } from 'waybill';
import { simulate } from 'waybill/testing';
import { QUESTIONS, WINDOW_QUESTIONS } from '../packages/ledger/src/server/questions.ts';
import { startEngine } from '../packages/ledger/test/clickhouse-engine/engine.ts';

interface Compared {
  readonly asked: number;
  /** The first routes of which the answers are not the same bytes. */
  readonly different: readonly string[];
}

/** What production does to every second workflow: facts and contexts are lost, and clocks are off. */
const FAULTS = { lostFacts: 0.05, lostContext: 0.1, skewMs: 5_000 };
const differentMax = 20;
/** Workflows in one ledger: more than the store far away fetches whole, so that both of its ways are compared. */
const together = 20;
/** A question waits for the database most of the time: several are asked at once. */
const askers = 4;
const dayMs = 86_400_000;

/**
 * The same, of ledgers in memory and in a ClickHouse that is started for them. All workflows are of one hour: more than a few
 * of them in one ledger would make each question about a time one about all of them.
 */
export async function compareInProcess(
  seed: number,
  workflows: number,
  onProgress: (workflows: number, compared: Compared) => void = () => {},
  routesOf = routesFor,
): Promise<Compared> {
  const engine = await startEngine();
  let asked = 0;
  const different: string[] = [];
  try {
    for (let from = 0; from < workflows; from += together) {
      const indexes = Array.from({ length: Math.min(together, workflows - from) }, (_, place) => from + place);
      const clickhouse = await openClickhouseStore({ url: await engine.database(`compared_${from}`), everyMs: 0 });
      const sqlite = openSqliteStore({ path: ':memory:' });
      const compared = await compareStores([sqlite, clickhouse], seed, indexes, routesOf);
      await Promise.all([sqlite.close(), clickhouse.close()]);
      await engine.drop(`compared_${from}`);
      asked += compared.asked;
      different.push(...compared.different.slice(0, differentMax - different.length));
      onProgress(from + indexes.length, { asked, different });
    }
    return { asked, different };
  } finally {
    await engine.stop();
  }
}

/** Both are empty: the facts of each workflow are appended to both, and then both are asked. */
async function compareStores(
  stores: readonly [FactStore, FactStore],
  seed: number,
  indexes: readonly number[],
  routesOf: typeof routesFor,
): Promise<Compared> {
  const all: MessageFact[][] = [];
  for (const index of indexes) {
    const { facts } = simulate(index % 2 === 0 ? { seed, index } : { seed, index, faults: FAULTS });
    all.push(facts.filter((fact) => fact.kind !== 'dropped'));
    for (const store of stores) await store.append(facts);
  }
  const apps = stores.map((store) => createApp({ store }));
  let asked = 0;
  const different: string[] = [];
  const routes = routesOf(all);
  const askAll = async () => {
    for (const route of routes) {
      asked++;
      const [one, other] = await Promise.all(apps.map(async (app) => textOf(await app.request(route))));
      if (one !== other) different.push(`${route}\n  ${firstDifference(one, other)}`);
    }
  };
  await Promise.all(Array.from({ length: askers }, askAll));
  return { asked, different };
}

/** A cursor is a store's own: what is told from there on is compared, and not where that is. */
async function textOf(response: Response): Promise<string> {
  return `${response.status} ${(await response.text()).replace(/"cursor":"\d+"/, '"cursor":"its own"')}`;
}

function firstDifference(one = '', other = ''): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  const around = (text: string) => text.slice(Math.max(0, at - 80), at + 80);
  return `${around(one)}\n  ${around(other)}`;
}

/** One in so many of the routes, in which each kind has its turn: of many workflows all would take hours. */
export function oneIn(parts: number): typeof routesFor {
  return function* (workflows) {
    // Of each so many another one than of those before: what is always asked one after another has its turn, too.
    for (const [place, route] of [...routesFor(workflows)].entries())
      if ((place + Math.floor(place / parts)) % parts === 0) yield route;
  };
}

function* routesFor(workflows: readonly MessageFact[][]): Generator<string> {
  for (const facts of workflows) {
    const [first, last] = [Math.min(...facts.map(({ at }) => at)), Math.max(...facts.map(({ at }) => at))];
    for (const id of idsOf(facts)) {
      for (const question of Object.keys(QUESTIONS)) {
        yield routeOf(question, { id, as_of: instant(last + dayMs) });
        if (id.startsWith('msg_')) yield routeOf(question, { id, as_of: instant((first + last) / 2) });
      }
    }
    yield* windowRoutesFor([facts]);
    for (const q of searchesFor(facts))
      yield routeOf('search', { q, since: instant(first - 1), as_of: instant(last + 1), limit: '20' });
  }
}

/** What is asked about the time of each of them. */
export function* windowRoutesFor(workflows: readonly MessageFact[][]): Generator<string> {
  for (const facts of workflows) {
    const [first, last] = [Math.min(...facts.map(({ at }) => at)), Math.max(...facts.map(({ at }) => at))];
    for (const question of Object.keys(WINDOW_QUESTIONS)) {
      const window = { since: instant(first - 1), until: instant(last + 1), as_of: instant(last + 1), limit: '200' };
      yield routeOf(question, window);
      yield routeOf(question, { ...window, tenant: facts.find(({ tenant_id }) => tenant_id)?.tenant_id ?? 'nobody' });
      yield routeOf(question, { as_of: instant((first + last) / 2) });
    }
  }
}

/** A key, a part of one, a tenant and a type: what somebody would look for. */
function searchesFor(facts: readonly MessageFact[]): Set<string> {
  const key = facts.find(({ business_key }) => business_key)?.business_key ?? '';
  const type = facts.findLast(({ event_type }) => event_type)?.event_type ?? '';
  const tenant = facts.find(({ tenant_id }) => tenant_id)?.tenant_id ?? '';
  const searches = new Set([key, key.slice(0, -1), type, `tenant:${tenant}`, 'state:dead', 'state:overdue']);
  searches.delete('');
  return searches;
}

/** One of each kind of id, as it is written and as it is typed; and the ids of a few messages. */
function idsOf(facts: readonly MessageFact[]): Set<string> {
  const ids = new Set<string>();
  const [head] = facts;
  const messages = [...new Set(facts.map(({ message_id }) => message_id))];
  for (const id of [head?.correlation_id, head?.trace_id, messages[0], messages.at(-1), messages[messages.length >> 1]])
    if (id !== undefined) ids.add(id);
  for (const field of ['execution_id', 'broker_id', 'business_key', 'batch'] as const) {
    const found = facts.findLast((fact) => field in fact) as Readonly<Record<string, unknown>> | undefined; // sound: only read
    const value = field === 'batch' ? (found?.[field] as { id?: string } | undefined)?.id : found?.[field];
    if (typeof value === 'string') ids.add(value);
  }
  const own = messages.find((id) => id.startsWith('msg_')) ?? '';
  ids
    .add(own.slice(-6))
    .add(own.slice(-4).toLowerCase())
    .add(`${own.slice(-6, -1)}U`)
    .add(own.slice(-7, -2));
  ids.delete('');
  return ids;
}

function routeOf(question: string, parameters: Readonly<Record<string, string>>): string {
  return `/api/v1/${question}?${new URLSearchParams(parameters)}`;
}

function instant(at: number): string {
  return new Date(Math.trunc(at)).toISOString();
}
