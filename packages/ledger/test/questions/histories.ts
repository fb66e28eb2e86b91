import type { MessageFact, Millis, Outcome } from 'waybill';
import type { Destination } from '../../src/questions/graph/destinations.ts';
import { sent, settled, started, timeout } from './fact-makers.ts';

/** A small random story, told as it was: its facts by the clocks of those who record them. */
export interface History {
  readonly facts: readonly MessageFact[];
  readonly destinations: readonly Destination[];
  readonly asOf: Millis;
  readonly messages: readonly TrueMessage[];
}

interface TrueMessage {
  readonly id: string;
  readonly causeId: string | null;
  readonly state: string;
  readonly segments: readonly string[];
  readonly executions: ReadonlyMap<string, { readonly is: string; readonly outcome: string }>;
}

interface Faults {
  /** Of all facts, how many nobody receives. */
  readonly lost: number;
  /** How far each host's clock may be off. */
  readonly skewMs: number;
}

/** What a transport says of an arrival: the `failures` before it and the `deliveries` with it. */
const TRANSPORTS = {
  counting: (failures: number, deliveries: number) => ({
    attempt: failures + 1,
    delivery_count: deliveries,
    redelivered: deliveries > 1,
  }),
  receiving: (_: number, deliveries: number) => ({
    attempt: null,
    delivery_count: deliveries,
    redelivered: deliveries > 1,
  }),
  oneBit: (_: number, deliveries: number) => ({ attempt: null, redelivered: deliveries > 1 }),
  silent: () => ({ attempt: null }),
} as const;

const leaseMs = 30_000;
const asOf = 10_000_000;

type Turn = Extract<Outcome, 'ok' | 'retry' | 'dead' | 'released' | 'skipped'> | 'crash' | 'hang';
const COURSES: readonly (readonly Turn[])[] = [
  ['ok'],
  ['ok'],
  ['retry', 'ok'],
  ['retry', 'retry', 'dead'],
  ['released', 'ok'],
  ['crash', 'ok'],
  ['crash', 'retry', 'ok'],
  ['ok', 'skipped'],
  ['hang'],
  [],
];

/** The same seed tells the same story. */
export function historyOf(seed: number, { lost, skewMs }: Faults): History {
  const random = randomOf(seed);
  const skews = new Map<string, number>();
  const skewOf = (instance: string) => {
    const known = skews.get(instance) ?? Math.floor((2 * random() - 1) * skewMs);
    skews.set(instance, known);
    return known;
  };
  const recorded: { readonly trueAt: Millis; readonly fact: MessageFact }[] = [];
  const record = (trueAt: Millis, instance: string, make: (shown: Millis) => MessageFact) => {
    const shown = trueAt + skewOf(instance);
    recorded.push({ trueAt, fact: { ...make(shown), instance } });
    return shown;
  };
  const messages: TrueMessage[] = [];
  let now = 1_000_000;
  for (let index = 0; index < 8; index++) {
    const handlers = messages.filter(({ executions }) => executions.size > 0);
    const cause = handlers[Math.floor(random() * handlers.length)]?.id ?? null;
    now += 1_000 + Math.floor(random() * 60_000);
    messages.push(tell({ id: `msg_${index}`, causeId: cause, random, record, skewOf, at: now }));
  }
  recorded.sort((a, b) => a.trueAt - b.trueAt);
  const counts = new Map<string, number>();
  const facts = recorded.map(({ fact }) => {
    counts.set(fact.instance, (counts.get(fact.instance) ?? 0) + 1);
    return { ...fact, seq: counts.get(fact.instance) ?? 0 };
  });
  const destinations = Object.keys(TRANSPORTS).map((name) => ({ name, instrumented: true }));
  return { facts: facts.filter(() => random() >= lost), destinations, asOf, messages };
}

interface Telling {
  readonly id: string;
  readonly causeId: string | null;
  readonly at: Millis;
  random(): number;
  record(trueAt: Millis, instance: string, make: (shown: Millis) => MessageFact): Millis;
  skewOf(instance: string): number;
}

function tell({ id, causeId, at, random, record, skewOf }: Telling): TrueMessage {
  const names = Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[]; // sound: it is no more than these
  const destination = names[Math.floor(random() * names.length)] ?? 'silent';
  const common = { destination, correlation_id: causeId === null ? 'run_1' : 'req_1', causation_id: causeId };
  const worker = () => `${destination}-${Math.floor(random() * 2)}`;
  const segments: string[] = [];
  let cursor = record(at, 'sender', (shown) => sent(id, shown, common));
  const pass = (kind: string, to: Millis) => {
    if (to !== cursor) segments.push(`${kind} ${cursor} ${to}`);
    cursor = to;
  };
  const executions = new Map<string, { is: string; outcome: string }>();
  let [now, failures, deliveries, is, state] = [at, 0, 0, 'first', 'waiting'];
  for (const turn of COURSES[Math.floor(random() * COURSES.length)] ?? []) {
    now += 10 + Math.floor(random() * 2_000);
    const [instance, ran] = [worker(), 5 + Math.floor(random() * 3_000)];
    const own = {
      ...common,
      execution_id: `exe_${id}_${++deliveries}`,
      ...TRANSPORTS[destination](failures, deliveries),
    };
    const lease = { lease_until: now + skewOf(instance) + leaseMs };
    const shown = record(now, instance, (start) => started(id, 1, start, { ...own, ...lease }));
    if (turn === 'skipped') is = 'duplicate';
    else pass('queued', shown);
    executions.set(own.execution_id, { is, outcome: turn === 'crash' ? 'lost' : turn === 'hang' ? 'open' : turn });
    if (turn === 'crash' || turn === 'hang') {
      pass('lease_lost', lease.lease_until);
      now += leaseMs;
      state = turn === 'hang' ? 'overdue' : 'waiting';
      is = 'redelivery';
      continue;
    }
    now += ran;
    const error = turn === 'retry' || turn === 'dead' ? { error: timeout } : {};
    const backoff = turn === 'retry' ? { retry_at: now + skewOf(instance) + 1_000 } : {};
    const { execution_id, attempt } = own;
    const end = record(now, instance, (settledAt) =>
      settled(id, 1, settledAt, turn, { ...common, execution_id, attempt, ...error, ...backoff }),
    );
    if (turn === 'skipped') continue;
    pass('run', end);
    if (backoff.retry_at !== undefined) pass('backoff', backoff.retry_at);
    now += backoff.retry_at === undefined ? 0 : 1_000;
    failures += turn === 'retry' ? 1 : 0;
    is = turn === 'released' ? 'redelivery' : 'retry';
    state = turn === 'ok' ? 'done' : turn === 'dead' ? 'dead' : 'waiting';
  }
  if (state === 'waiting' || state === 'overdue') pass('queued', asOf);
  return { id, causeId, state, segments, executions };
}

/** mulberry32: good enough for stories, and the same everywhere. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
