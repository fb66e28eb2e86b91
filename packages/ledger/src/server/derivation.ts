import type { MessageFact, Millis } from 'waybill';
import { type Arrived, derive, type Patience } from '../ingest/spans/derive.ts';
import type { Span } from '../ingest/spans/span.ts';
import type { ArrivedSpan, FactReader, FactStore, Look } from '../store/store.ts';
import { knownTo } from './known-to.ts';

export interface DerivationOptions extends Partial<Omit<Patience, 'now'>> {
  /** The clock; `Date.now`, if left out. */
  readonly now?: () => Millis;
  /** How long a trace is kept after its last span came, for those that are late. */
  readonly keepMs?: number;
  /** Of all traces together: beyond it the oldest are derived before their time. */
  readonly spansMax?: number;
  readonly everyMs?: number;
}

/** Makes facts of spans: of each trace once its spans have settled, and again when more come. */
export interface Derivation {
  /** Resolves when the spans are on disk. */
  take(spans: readonly Span[]): Promise<void>;
  /** Derives what is due by now, and lets go of what is old. */
  run(): Promise<void>;
  /** Runs from now on, also for what came before; it does not keep the process alive. */
  start(): void;
  stop(): Promise<void>;
}

/** So many traces are read at once: between two groups others are answered. */
const tracesMax = 100;
/** And so many are let go at once. */
const oldMax = 1_000;
const roomyShare = 0.9;
const forEver = Number.MAX_SAFE_INTEGER;

export function openDerivation(
  store: FactStore,
  onUnexpected: (error: unknown) => void,
  options: DerivationOptions = {},
): Derivation {
  const { now = Date.now, settleMs = 2_000, graceMs = 60_000, againMs = 5_000, everyMs = 1_000 } = options;
  const { keepMs = 900_000, spansMax = 200_000 } = options;
  const { spans: shelf } = store;
  let roughCount: number | undefined;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  /** Derives these traces as of `at`, and says when each is to be looked at again. */
  async function look(traceIds: readonly string[], at: Millis): Promise<void> {
    const traces = new Map<string, Arrived[]>();
    for (const id of traceIds) traces.set(id, (await shelf.of(id)).map(arrivedOf));
    const patience = { now: at, settleMs, graceMs, againMs };
    const { facts, looks, failures } = await store.read((reader) => deriveAll(reader, traces, patience));
    failures.forEach(onUnexpected);
    // First the facts: a trace that is looked at twice tells nothing new, and one that never is tells nothing.
    if (facts.length > 0) await store.append(facts);
    await shelf.looked(looks);
  }

  async function runOnce(): Promise<void> {
    const at = now();
    for (let due = await shelf.due(at, tracesMax); due.length > 0; due = await shelf.due(at, tracesMax))
      await look(due, at);
    await shelf.letGo(at - keepMs, oldMax);
    await makeRoom();
  }

  async function makeRoom(): Promise<void> {
    let count = await shelf.count();
    // Room for a while, and not for one span.
    const target = count > spansMax ? spansMax * roomyShare : spansMax;
    for (; count > target; count = await shelf.count()) {
      await shelf.letGo(forEver, tracesMax);
      // Where none was done with, the oldest are derived as if all patience were over.
      if ((await shelf.count()) === count) await look(await shelf.due(forEver, tracesMax), forEver);
    }
    roughCount = count;
  }

  function run(): Promise<void> {
    running ??= runOnce().finally(() => {
      running = undefined;
    });
    return running;
  }

  return {
    async take(spans) {
      const at = now();
      const kept = spans.map((span) => ({
        trace_id: span.trace_id,
        span_id: span.span_id,
        text: JSON.stringify(span),
      }));
      await shelf.keep(kept, at, at + settleMs);
      // Not counted anew, for that reads all traces. Whoever sends more than there is room for waits until there is.
      roughCount = (roughCount ?? (await shelf.count())) + spans.length;
      if (roughCount > spansMax) await run();
    },
    run,
    start() {
      const attempt = () => void run().catch(onUnexpected);
      timer ??= setInterval(attempt, everyMs).unref();
      attempt();
    },
    async stop() {
      clearInterval(timer);
      await running?.catch(onUnexpected);
    },
  };
}

/** What was derived, of which traces it is still to come, and what went wrong: that of one trace stops no other. */
function deriveAll(reader: FactReader, traces: ReadonlyMap<string, Arrived[]>, patience: Patience) {
  const facts: MessageFact[] = [];
  const failures: unknown[] = [];
  const known = knownTo(reader, facts);
  const looks = [...traces].map(([trace_id, arrived]): Look => {
    try {
      const derived = derive(arrived, known, patience);
      // One by one: a trace may have more facts than a call takes arguments.
      for (const fact of derived.facts) facts.push(fact);
      return { trace_id, seen: arrived.length, next_at: derived.nextAt };
    } catch (error) {
      failures.push(error);
      return { trace_id, seen: arrived.length, next_at: null };
    }
  });
  return { facts, looks, failures };
}

function arrivedOf({ text, arrived_at }: ArrivedSpan): Arrived {
  return { span: JSON.parse(text) as Span, arrivedAt: arrived_at }; // sound: `take` wrote it
}
