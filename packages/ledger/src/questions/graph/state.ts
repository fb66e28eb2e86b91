import type { DiscardedFact, MessageFact, Millis, ReplayedFact, SentFact } from 'waybill';
import { type Claim, claimed, claimOf, inferred, observed, unknown } from '../evidence.ts';
import { dueToSettle } from './due.ts';
import type { Execution } from './executions.ts';
import { isIngressId } from './own-facts.ts';
import { skewMsMax } from './skew.ts';

/** Of a message at a subscription. */
export type State = 'waiting' | 'running' | 'done' | 'dead' | 'discarded' | 'overdue' | 'unknown';

export interface Standing extends Claim {
  readonly state: State;
  /** When it was over; null while it is not, or when nobody knows. */
  readonly over: Millis | null;
}

interface Evident {
  readonly messageId: string;
  readonly executions: readonly Execution[];
  readonly discarded: readonly DiscardedFact[];
  /** That it was sent again as it was: by an operator, or to the transport. */
  readonly redrives: readonly (ReplayedFact | SentFact)[];
  readonly asOf: Millis;
  /** So many facts are missing that all of a redrive may be. */
  readonly isLossy: boolean;
  /** Where it stands as long as nobody has started it. */
  unstarted(): Standing;
}

/** What a message's facts at one subscription say about where it stands. */
export function standingOf(evident: Evident): Standing {
  const { executions, discarded } = evident;
  const last = lastOf(executions);
  const end = discarded.at(-1);
  if (end && (last === undefined || !isFinal(last) || end.at > (last.endedAt ?? 0) + skewMsMax))
    return { state: 'discarded', over: end.at, ...(last && isFinal(last) ? inferred(end) : observed(end)) };
  if (last) return standingAfter(last, evident);
  const skipped = executions.findLast(({ outcome }) => outcome === 'skipped');
  // A duplicate of work whose own execution left no facts here: somebody recognised it as done.
  if (skipped) return { state: 'done', over: skipped.endedAt, ...inferred(...factsOf(skipped)) };
  return evident.unstarted();
}

function factsOf({ started, settled }: Execution): MessageFact[] {
  return [started, settled].filter((fact) => fact !== null);
}

function isFinal({ outcome }: Execution): boolean {
  return outcome === 'ok' || outcome === 'dead';
}

/** The execution that decides: the newest, unless one before it was still running when it ended. */
function lastOf(executions: readonly Execution[]): Execution | undefined {
  const counted = executions.filter(({ isAside }) => !isAside);
  const newest = counted.at(-1);
  if (newest?.endedAt == null) return newest;
  return counted.reduce((last, execution) => {
    return execution.isOverlapping && (execution.endedAt ?? 0) > (last.endedAt ?? 0) ? execution : last;
  }, newest);
}

function standingAfter(last: Execution, evident: Evident): Standing {
  const { outcome, evidence, because_facts, endedAt: over } = last;
  switch (outcome) {
    case 'ok':
      return { state: 'done', over, ...doneClaim(last, evident) };
    case 'dead':
      return dead(last, evident);
    case 'released':
      // A request that its client gave up is handed back to nobody.
      if (isIngressId(evident.messageId)) return { state: 'discarded', over, evidence: 'inferred', because_facts };
      return { state: 'waiting', over: null, ...absenceAfter(last) };
    case 'retry':
      return { state: 'waiting', over: null, ...absenceAfter(last) };
    case 'lost':
      return { state: 'waiting', over: null, evidence: 'inferred', because_facts };
    case 'open':
      return evidence === 'unknown' ? { state: 'unknown', over: null, ...claimOf(last) } : open(last, evident);
    case 'failed':
    case 'skipped':
      return { state: 'unknown', over, evidence: 'unknown', because_facts };
  }
}

function open(last: Execution, { asOf }: Evident): Standing {
  const due = dueToSettle(last);
  const state = due !== null && due.at < asOf ? 'overdue' : 'running';
  return { state, over: null, evidence: 'inferred', because_facts: last.because_facts };
}

/** Done is done; but another death, or another execution that nobody has seen end, may have come after. */
function doneClaim(last: Execution, { executions }: Evident): Claim {
  const isDoubted = executions.some(
    (other) =>
      other !== last && ((other.outcome === 'dead' && !(last.isReplayed && last.started)) || isUnexplained(other)),
  );
  return isDoubted ? inferred(...factsOf(last)) : claimOf(last);
}

function isUnexplained({ isAside, outcome }: Execution): boolean {
  return isAside && outcome === 'open';
}

function dead(last: Execution, { redrives, executions, isLossy }: Evident): Standing {
  const over = last.endedAt;
  const plans = new Set(executions.flatMap(({ plan }) => plan ?? []));
  const redrive = redrives.find(({ plan_id }) => plan_id === undefined || !plans.has(plan_id));
  if (redrive) return { state: 'waiting', over: null, ...inferred(redrive) };
  const isDoubted =
    isLossy || executions.some((other) => other !== last && (other.outcome === 'ok' || isUnexplained(other)));
  return { state: 'dead', over, ...(isDoubted ? inferred(...factsOf(last)) : claimOf(last)) };
}

/** That nothing came after it is no fact: it is the lack of one. */
function absenceAfter(last: Execution): Claim {
  return claimed('inferred', factsOf(last));
}

export function unknownStanding(...facts: readonly MessageFact[]): Standing {
  return { state: 'unknown', over: null, ...unknown(...facts) };
}
