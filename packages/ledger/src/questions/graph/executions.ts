import type { FactError, Millis, Outcome, ReplayedFact, SentFact, SettledFact, StartedFact } from 'waybill';
import type { Claim } from '../evidence.ts';
import { type Arrival, arrivalOf, type Between, betweenOf, isSaidToBeFirst, type Visit } from './arrival.ts';
import { type Fate, fateOf, type Missing } from './fate.ts';
import { anyFactOf, type Pair, pairsOf } from './pairs.ts';

/** One run of a handler for one message. Its claim is that of the outcome. */
export interface Execution extends Claim {
  readonly executionId: string;
  readonly attempt: number | null;
  readonly deliveryCount: number | null;
  readonly is: Arrival['is'];
  readonly arrival: Arrival;
  /** The one that it follows, by count or by time. */
  readonly follows: string | null;
  readonly between: Between;
  /** Beside the work: a duplicate, or a copy of what was done already. It is no part of the time. */
  readonly isAside: boolean;
  /** Of a redrive, or of a log that is read again. */
  readonly isReplayed: boolean;
  readonly plan: string | null;
  readonly brokerId: string | null;
  readonly isSaidToBeFirst: boolean;
  readonly instance: string;
  readonly service: string;
  readonly traceId: string;
  /** Null when only its end was recorded. */
  readonly startedAt: Millis | null;
  /** Settled, or its lease ran out; null while it is open, or lost without a lease. */
  readonly endedAt: Millis | null;
  readonly outcome: Outcome | 'lost' | 'open';
  readonly error: FactError | null;
  readonly retryAt: Millis | null;
  readonly leaseUntil: Millis | null;
  readonly maxAttempts: number | null;
  /** It was still running when a later one started: both are kept. */
  readonly isOverlapping: boolean;
  readonly started: StartedFact | null;
  readonly settled: SettledFact | null;
}

interface Told {
  readonly started: readonly StartedFact[];
  readonly settled: readonly SettledFact[];
  /** The first that was recorded of a redrive, if anything. */
  readonly redrive: ReplayedFact | SentFact | null;
  readonly isEditedReplay: boolean;
  readonly missing: Missing;
}

/** The executions of one message at one subscription, in the order in which they ran. */
export function executionsOf({ started, settled, redrive, isEditedReplay, missing }: Told): Execution[] {
  const pairs = pairsOf(started, settled, isEditedReplay ? null : redrive).map(isEditedReplay ? asSentAtFirst : itself);
  const isAside = pairs.map((pair, index) => isBeside(pair, index, pairs));
  const counted = pairs.filter((_, index) => !isAside[index]);
  const nextOf = (pair: Pair) => (counted.includes(pair) ? (counted[counted.indexOf(pair) + 1] ?? null) : null);
  const fates = new Map(pairs.map((pair) => [pair, fateOf(pair, nextOf(pair), missing)] as const));
  return pairs.map((pair, index) => {
    const own = fates.get(pair) as Fate; // sound: each pair has one
    const before = counted.filter((other) => pairs.indexOf(other) < index);
    const known = before.findLast(({ plan }) => plan === pair.plan);
    const replayed = before.at(-1);
    const between = betweenOf(known ?? (pair.plan === null ? null : (replayed ?? null)), pair, missing.isLossy);
    const withFate = (other: Pair | undefined) => (other ? { pair: other, fate: fates.get(other) as Fate } : null); // sound: as above
    const visit: Visit = {
      ...{ pair, fate: own, between, isEditedReplay, redrive },
      previous: withFate(known),
      replayed: withFate(replayed),
      rival: rivalOf(pair, pairs),
      isLossy: missing.isLossy,
    };
    return executionOf(visit, isAside[index] === true, nextOf(pair));
  });
}

/** An edited replay is a message of its own: what its plan sent is what was sent at first. */
function asSentAtFirst(pair: Pair, _: number, all: readonly Pair[]): Pair {
  const first = all.find(({ plan }) => plan !== null)?.plan;
  return pair.plan === first ? { ...pair, plan: null } : pair;
}

function itself(pair: Pair): Pair {
  return pair;
}

/** Skipped, or begun although it is done and nobody asked for it again: no part of how its time went. */
function isBeside(pair: Pair, index: number, pairs: readonly Pair[]): boolean {
  if (pair.settled) return pair.settled.outcome === 'skipped';
  const rival = rivalOf(pair, pairs);
  if (rival?.settled && rival.settled.outcome !== 'skipped') return true;
  return pairs.some(({ settled, plan }, before) => before < index && settled?.outcome === 'ok' && plan === pair.plan);
}

/** Another execution that is said to be the first one too: a copy, or a second scheduler that fired the same tick. */
function rivalOf(pair: Pair, pairs: readonly Pair[]): Pair | null {
  if (!isSaidToBeFirst(pair)) return null;
  return (
    pairs.find(
      (other) =>
        other !== pair && other.plan === pair.plan && isSaidToBeFirst(other) && other.settled?.outcome !== 'skipped',
    ) ?? null
  );
}

function executionOf(visit: Visit, isAside: boolean, next: Pair | null): Execution {
  const { pair, fate, between, previous, replayed } = visit;
  const { started, settled } = pair;
  const fact = anyFactOf(pair);
  const arrival = arrivalOf(visit);
  return {
    executionId: pair.executionId,
    attempt: pair.attempt,
    deliveryCount: pair.deliveryCount,
    is: arrival.is,
    arrival,
    follows: (previous ?? replayed)?.pair.executionId ?? null,
    between,
    isAside,
    isReplayed: pair.plan !== null,
    plan: pair.plan,
    brokerId: pair.brokerId,
    isSaidToBeFirst: isSaidToBeFirst(pair),
    instance: fact.instance,
    service: fact.service,
    traceId: fact.trace_id,
    startedAt: started?.at ?? null,
    endedAt: settled?.at ?? (fate.outcome === 'lost' ? (started?.lease_until ?? null) : null),
    outcome: fate.outcome,
    error: settled?.error ?? null,
    retryAt: settled?.retry_at ?? null,
    leaseUntil: started?.lease_until ?? null,
    maxAttempts: started?.max_attempts ?? null,
    isOverlapping: settled !== null && isOutlived(settled, next?.started ?? null),
    started,
    settled,
    evidence: fate.evidence,
    because_facts: fate.because_facts,
  };
}

/** A retry follows from the settlement before it: when it seems to start earlier, it is the clocks that disagree. */
function isOutlived({ at, outcome }: SettledFact, next: StartedFact | null): boolean {
  return next !== null && next.at < at && (outcome === 'ok' || outcome === 'failed' || outcome === 'skipped');
}
