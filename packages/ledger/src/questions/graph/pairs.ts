import type { Millis, SettledFact, StartedFact } from 'waybill';
import { skewMsMax } from './skew.ts';

/** Start and end of one execution, as far as they were recorded: one of them always is. */
export interface Pair {
  readonly executionId: string;
  readonly started: StartedFact | null;
  readonly settled: SettledFact | null;
  readonly attempt: number | null;
  readonly deliveryCount: number | null;
  readonly brokerId: string | null;
  /** The redrive or the second reading that it belongs to; null for what was sent at first. */
  readonly plan: string | null;
}

/** A start or an end of each pair is there. */
export function anyFactOf({ started, settled }: Pair): StartedFact | SettledFact {
  const fact = started ?? settled;
  if (!fact) throw new TypeError('an execution without facts');
  return fact;
}

export function beginOf({ started, settled }: Pair): Millis {
  return started?.at ?? settled?.at ?? 0;
}

/** That a message was sent again as it was. */
interface Redriven {
  readonly at: Millis;
  readonly plan_id?: string | undefined;
}

/** In the order in which they ran. */
export function pairsOf(
  started: readonly StartedFact[],
  settled: readonly SettledFact[],
  redrive: Redriven | null,
): Pair[] {
  const found = new Map<string, { started: StartedFact | null; settled: SettledFact | null }>();
  for (const fact of started) {
    // The first start counts: it is never moved.
    if (!found.has(fact.execution_id)) found.set(fact.execution_id, { started: fact, settled: null });
  }
  for (const fact of settled) {
    // The last end counts: a settlement may be corrected (failed, then dead).
    const known = found.get(fact.execution_id);
    if (known) known.settled = fact;
    else found.set(fact.execution_id, { started: null, settled: fact });
  }
  const pairs = [...found.values()].map(pairOf);
  return pairs.length < 2 ? pairs : inOrder(withPlans(pairs, redrive));
}

function pairOf({ started, settled }: { started: StartedFact | null; settled: SettledFact | null }): Pair {
  const replay = started?.replay === undefined || started.replay === 'operator' ? null : started.replay;
  return {
    executionId: started?.execution_id ?? settled?.execution_id ?? '',
    started,
    settled,
    attempt: started?.attempt ?? settled?.attempt ?? null,
    deliveryCount: started?.delivery_count ?? null,
    brokerId: started?.broker_id ?? settled?.broker_id ?? null,
    plan: started?.plan_id ?? replay ?? (started?.replay === 'operator' ? 'operator' : null),
  };
}

/** An end without its start names no plan: what ended after the redrive belongs to it. */
function withPlans(pairs: readonly Pair[], redrive: Redriven | null): Pair[] {
  const planned = pairs.filter(({ plan }) => plan !== null);
  const plan = planned[0]?.plan ?? redrive?.plan_id ?? null;
  if (plan === null) return [...pairs];
  const since = redrive?.at ?? Math.min(...planned.map(beginOf));
  const isAfter = (pair: Pair) => beginOf(pair) > since + (pair.settled?.outcome === 'dead' ? skewMsMax : 0);
  return pairs.map((pair) => (pair.started === null && isAfter(pair) ? { ...pair, plan } : pair));
}

/** By what the transport counted, because the clocks of two workers may disagree; by time where it did not count. */
function inOrder(pairs: Pair[]): Pair[] {
  const ranks = rankOfPlans(pairs);
  const ordered: Pair[] = [];
  for (const pair of pairs.sort((a, b) => beginOf(a) - beginOf(b))) {
    let place = ordered.length;
    for (let before = ordered[place - 1]; before && ranBefore(pair, before, ranks); before = ordered[place - 1])
      place--;
    ordered.splice(place, 0, pair);
  }
  return ordered;
}

/** A redrive counts anew: its executions come behind those of what was sent at first. */
function rankOfPlans(pairs: readonly Pair[]): ReadonlyMap<string | null, number> {
  const plans = [...new Set(pairs.map(({ plan }) => plan))].filter((plan) => plan !== null);
  const begins = new Map(
    plans.map((plan) => [plan, Math.min(...pairs.filter((pair) => pair.plan === plan).map(beginOf))]),
  );
  plans.sort((a, b) => (begins.get(a) ?? 0) - (begins.get(b) ?? 0));
  return new Map<string | null, number>([[null, 0], ...plans.map((plan, index) => [plan, index + 1] as const)]);
}

function ranBefore(pair: Pair, other: Pair, ranks: ReadonlyMap<string | null, number>): boolean {
  const rank = (ranks.get(pair.plan) ?? 0) - (ranks.get(other.plan) ?? 0);
  if (rank !== 0) return rank < 0;
  if (isSameCopy(pair, other)) {
    if (pair.deliveryCount !== null && other.deliveryCount !== null && pair.deliveryCount !== other.deliveryCount)
      return pair.deliveryCount < other.deliveryCount;
    if (pair.attempt !== null && other.attempt !== null && pair.attempt !== other.attempt)
      return pair.attempt < other.attempt;
    const [again, otherAgain] = [pair.started?.redelivered, other.started?.redelivered];
    if (again !== undefined && otherAgain !== undefined && again !== otherAgain) return otherAgain;
  }
  const [a, b] = [anyFactOf(pair), anyFactOf(other)];
  const ms = beginOf(pair) - beginOf(other);
  if (a.instance === b.instance || Math.abs(ms) > skewMsMax || isLast(pair) === isLast(other)) return ms < 0;
  return isLast(other);
}

/** Published twice, a message lies there twice, and each copy is counted on its own. */
export function isSameCopy(a: Pair, b: Pair): boolean {
  return a.brokerId === null || b.brokerId === null || a.brokerId === b.brokerId;
}

/** Nothing is delivered again after it, but by chance. */
function isLast({ settled }: Pair): boolean {
  return settled?.outcome === 'ok' || settled?.outcome === 'dead' || settled?.outcome === 'skipped';
}
