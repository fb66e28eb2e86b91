import type { FactReader } from '../../store/store.ts';
import { type Asked, searchedOf } from '../asked.ts';
import { unknown } from '../evidence.ts';
import { type Destination, isDark, probedNow } from '../graph/destinations.ts';
import { destinationsOf } from '../graph/known-destinations.ts';
import { rfc3339 } from '../instant.ts';
import { type Learned, learnedOf } from '../learned.ts';
import type { QueueOrder, QueueRow, QueuesData } from './answer.ts';
import { type Waiting, waitingIn } from './waiting.ts';

/** Destinations that nobody told of, and facts name. */
const unheardMax = 200;
/** Of each row's messages: there may be two hundred rows. */
const readMax = 32;
/** A tenth above the p99 would be a lease for a run; so much above it, a worker that went silent is waited for. */
const leaseTimes = 20;
const leaseMsLeast = 60_000;

/** Where does work wait, as of now? Of what was said of each destination, and of what facts show. */
export function ask(reader: FactReader, asked: Asked): QueuesData {
  const { asOf, limit, sort = 'oldest' } = asked;
  const known = destinationsOf(reader.destinations(null), asOf);
  const used = reader.timeline.destinations(asked.window, unheardMax);
  const names = new Set(known.map(({ name }) => name));
  const all = [...known, ...used.filter((name) => !names.has(name)).flatMap((name) => unheardOf(reader, name, asked))];
  const waiting = waitingIn(reader, asked);
  const dark = all.filter((each) => isUnknowable(each, asked));
  const rows = all
    .filter((each) => !dark.includes(each))
    .map((each) => ({
      each,
      measured: measuredAt(each, asked, used.includes(each.name) ? waiting.at(each.name) : null),
    }))
    .filter(({ each, measured }) => isQueue(each, measured))
    .sort((a, b) => ORDERS[sort](a.measured, b.measured) || (a.each.name < b.each.name ? -1 : 1));
  return {
    searched: searchedOf(reader, asked),
    destinations: all.length,
    queues: rows.slice(0, limit).map(({ each, measured }) => queueRow(reader, each, measured, asked)),
    not_shown: Math.max(0, rows.length - limit),
    unknown: dark.map(({ name }) => ({ destination: name, because: 'no_facts', ...unknown() })),
    is_at_least: waiting.isAtLeast,
  };
}

/** A request is sent as well, and waits in no queue. */
const REQUESTS: readonly string[] = ['http', 'cron'];

function unheardOf(reader: FactReader, name: string, { window, asOf }: Asked): Destination[] {
  const facts = reader.factsOf(reader.timeline.sampleOf(name, window, 1)).filter(({ at }) => at <= asOf);
  const system = facts.find((fact) => fact.kind === 'sent' && fact.destination === name)?.system;
  return system === undefined || REQUESTS.includes(system) ? [] : [{ name, sources: {} }];
}

/** Nobody records what is taken from there, and no probe has looked. */
function isUnknowable(each: Destination, { asOf }: Asked): boolean {
  return isPlace(each) && isDark(each, null) && probedNow(each, 'depth', asOf) === null;
}

/** What is put aside waits for nobody, and an ingress is where work begins. */
function isPlace({ kind }: Destination): boolean {
  return kind !== 'dead-letter' && kind !== 'ingress';
}

/** A topic keeps what was taken: it is a queue while something in it waits. */
function isQueue(each: Destination, { depth }: Measured): boolean {
  return isPlace(each) && (each.kind !== 'topic' || (depth ?? 0) > 0);
}

type Measured = Pick<QueueRow, 'destination' | 'depth' | 'depth_evidence' | 'oldest_ms' | 'consumers'>;

/** A probe of some minutes ago says nothing of now, and one counts the messages of all tenants. */
function measuredAt(each: Destination, { asOf, window }: Asked, waiting: Waiting | null): Measured {
  const consumers = probedNow(each, 'consumers', asOf);
  const depth = window.tenantId === null ? probedNow(each, 'depth', asOf) : null;
  const common = { destination: each.name, consumers };
  if (depth !== null)
    return { ...common, depth, depth_evidence: 'observed', oldest_ms: probedNow(each, 'oldest_ms', asOf) };
  if (waiting === null) return { ...common, depth: null, depth_evidence: 'unknown', oldest_ms: null };
  const oldest_ms = waiting.since === null ? 0 : asOf - waiting.since;
  return { ...common, depth: waiting.messages, depth_evidence: 'inferred', oldest_ms };
}

const ORDERS: Readonly<Record<QueueOrder, (a: Measured, b: Measured) => number>> = {
  oldest: (a, b) => (b.oldest_ms ?? -1) - (a.oldest_ms ?? -1),
  depth: (a, b) => (b.depth ?? -1) - (a.depth ?? -1),
  name: () => 0,
  // Fewest first: where nobody is, one has to look.
  consumers: (a, b) => (a.consumers ?? Number.MAX_SAFE_INTEGER) - (b.consumers ?? Number.MAX_SAFE_INTEGER),
};

function queueRow(reader: FactReader, each: Destination, measured: Measured, { window, asOf }: Asked): QueueRow {
  const learned = learnedOf(reader, each.name, window, asOf, readMax);
  const { lease_ms = null, sources = {} } = each;
  const percentile = (name: 'queued_p50_ms' | 'queued_p99_ms' | 'run_p99_ms') => learned[name] ?? each[name] ?? null;
  const run_p99_ms = percentile('run_p99_ms');
  const areSaid = [sources.declared, sources.probed].some((source) => source?.fields.includes('subscriptions'));
  const shown = areSaid || learned.subscriptions.length === 0 ? (each.subscriptions ?? []) : learned.subscriptions;
  return {
    ...measured,
    system: each.system ?? learned.system,
    subscriptions: shown,
    last_consumer_seen_at: each.last_consumer_seen_at ?? null,
    queued_p50_ms: percentile('queued_p50_ms'),
    queued_p99_ms: percentile('queued_p99_ms'),
    ...{ run_p99_ms, lease_ms },
    is_lease_long: isLeaseLong(lease_ms, run_p99_ms),
    deadline_ms: each.deadline_ms ?? null,
    max_attempts: each.max_attempts ?? null,
    dead_letter: each.dead_letter ?? null,
    sources: { ...sources, ...learnedSource(each, learned, asOf, areSaid) },
  };
}

export function isLeaseLong(leaseMs: number | null, runP99Ms: number | null): boolean {
  return leaseMs !== null && runP99Ms !== null && leaseMs > leaseMsLeast && leaseMs > leaseTimes * runP99Ms;
}

/** What was learned just now takes the place of what was kept of it; what could not be is as old as it was. */
function learnedSource(
  { sources, system }: Destination,
  learned: Learned,
  asOf: number,
  areSaid: boolean,
): Pick<QueueRow['sources'], 'learned'> {
  const now = Object.entries(learned).flatMap(([field, value]) => {
    const isSaid = field === 'system' ? system !== undefined : field === 'subscriptions' && areSaid;
    return isSaid || value === null || (Array.isArray(value) && value.length === 0) ? [] : [field];
  });
  if (now.length === 0) return {};
  const { learned: kept } = sources ?? {};
  const rest = (kept?.fields ?? []).filter((field) => !now.includes(field));
  const older = rest.map((field) => [field, kept?.older?.[field] ?? kept?.at ?? '']);
  return {
    learned: {
      at: rfc3339(asOf),
      fields: [...now, ...rest],
      ...(rest.length > 0 && { older: Object.fromEntries(older) }),
    },
  };
}
