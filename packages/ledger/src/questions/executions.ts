import type { FactError, MessageFact, Millis, Outcome, SettledFact, StartedFact } from 'waybill';
import { type Claim, inferred, observed, unknown } from './evidence.ts';
import { groupBy } from './grouping.ts';

/** `lost` is never recorded, only inferred. An `open` one has started, and nothing says more. */
type ExecutionOutcome = Outcome | 'lost' | 'open';
export type Arrival = 'first' | 'retry' | 'redelivery' | 'duplicate' | 'replay' | 'unknown';

export interface Execution extends Claim {
  readonly executionId: string;
  readonly attempt: number | null;
  readonly is: Arrival;
  readonly instance: string;
  readonly service: string;
  readonly traceId: string;
  /** Null when only its end was recorded. */
  readonly startedAt: Millis | null;
  /** Settled, or its lease ran out; null while it is open, or lost without a lease. */
  readonly endedAt: Millis | null;
  readonly outcome: ExecutionOutcome;
  readonly error: FactError | null;
  readonly retryAt: Millis | null;
  readonly leaseUntil: Millis | null;
  readonly maxAttempts: number | null;
  /** It was still running when a later one started: both are kept. */
  readonly isOverlapping: boolean;
  readonly started: StartedFact | null;
  readonly settled: SettledFact | null;
}

interface Pair {
  readonly started: StartedFact | null;
  readonly settled: SettledFact | null;
}

/** The executions of one message at one subscription, in the order they started. */
export function executionsOf(facts: readonly MessageFact[]): Execution[] {
  const pairs = pairsOf(facts);
  return pairs.map((pair, index) => executionOf(pair, pairs[index - 1], pairs.slice(index + 1)));
}

function pairsOf(facts: readonly MessageFact[]): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const fact of facts) {
    if (fact.kind !== 'started' && fact.kind !== 'settled') continue;
    const known = pairs.get(fact.execution_id) ?? { started: null, settled: null };
    // The first start and the last end: a settlement may be corrected (failed, then dead), a start is never moved.
    if (fact.kind === 'settled') pairs.set(fact.execution_id, { ...known, settled: fact });
    else if (known.started === null) pairs.set(fact.execution_id, { ...known, started: fact });
  }
  const plans = [...groupBy(pairs.values(), ({ started }) => started?.plan_id).values()].map(inCausalOrder);
  return plans.sort(([a], [b]) => beginOf(a) - beginOf(b)).flat();
}

/** By what the transport counted, because the clocks of two workers may disagree; a replay begins to count anew. */
function inCausalOrder<Own extends readonly Pair[]>(pairs: Own): Own {
  const isCounted = pairs.every((pair) => attemptOf(pair) !== null);
  const byCount = (a: Pair, b: Pair) =>
    (attemptOf(a) ?? 0) - (attemptOf(b) ?? 0) || (a.started?.delivery_count ?? 0) - (b.started?.delivery_count ?? 0);
  const sorted = pairs.toSorted((a, b) => (isCounted ? byCount(a, b) : 0) || beginOf(a) - beginOf(b));
  // Sound: sorting keeps the length.
  return sorted as readonly Pair[] as Own;
}

function attemptOf({ started, settled }: Pair): number | null {
  return started?.attempt ?? settled?.attempt ?? null;
}

function beginOf({ started, settled }: Pair): Millis {
  return started?.at ?? settled?.at ?? 0;
}

function executionOf(pair: Pair, previous: Pair | undefined, later: readonly Pair[]): Execution {
  const { started, settled } = pair;
  const fact = started ?? settled;
  // Unreachable: pairsOf makes a pair of at least one fact.
  if (!fact) throw new TypeError('an execution without facts');
  const redelivered = settled ? undefined : later.find((next) => next.started?.redelivered)?.started;
  const next = later.find((other) => other.started)?.started;
  return {
    executionId: fact.execution_id,
    attempt: fact.attempt,
    is: arrivalOf(pair, previous),
    instance: fact.instance,
    service: fact.service,
    traceId: fact.trace_id,
    startedAt: started?.at ?? null,
    endedAt: settled?.at ?? (redelivered ? (started?.lease_until ?? null) : null),
    outcome: settled?.outcome ?? (redelivered ? 'lost' : 'open'),
    error: settled?.error ?? null,
    retryAt: settled?.retry_at ?? null,
    leaseUntil: started?.lease_until ?? null,
    maxAttempts: started?.max_attempts ?? null,
    isOverlapping: settled !== null && isOutlived(settled, next ?? null),
    started,
    settled,
    ...claimOf(pair, redelivered ?? null, next ?? null),
  };
}

/** A retry follows from the settlement before it: when it seems to start earlier, it is the clocks that disagree. */
function isOutlived({ at, outcome }: SettledFact, next: StartedFact | null): boolean {
  return next !== null && next.at < at && (outcome === 'ok' || outcome === 'failed' || outcome === 'skipped');
}

function claimOf({ started, settled }: Pair, redelivered: StartedFact | null, next: StartedFact | null): Claim {
  if (started && settled) return observed(started, settled);
  if (settled) return observed(settled);
  if (started && redelivered) return inferred(started, redelivered);
  // Started and not settled is plainly observed; when another one follows, what became of it is not.
  if (started) return next ? unknown(started, next) : observed(started);
  return unknown();
}

function arrivalOf({ started, settled }: Pair, previous: Pair | undefined): Arrival {
  if (settled?.outcome === 'skipped') return 'duplicate';
  if (started?.plan_id !== undefined || started?.replay !== undefined) return 'replay';
  if (started?.redelivered) return 'redelivery';
  const attempt = attemptOf({ started, settled });
  if (!previous) return attempt !== null && attempt > 1 ? 'retry' : 'first';
  const before = previous.settled?.outcome;
  if (before === 'retry') return 'retry';
  if (before === 'released') return 'redelivery';
  // `failed` does not say what comes next; only a count of failures that grew does.
  const attemptBefore = previous.started?.attempt ?? null;
  return attempt !== null && attemptBefore !== null && attempt > attemptBefore ? 'retry' : 'unknown';
}
