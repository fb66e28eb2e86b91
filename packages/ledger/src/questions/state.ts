import type { DiscardedFact, MessageFact, Millis, ReplayedFact, SentFact } from 'waybill';
import { type Claim, inferred, observed, unknown } from './evidence.ts';
import type { Execution } from './executions.ts';

/** Of a message at a subscription. */
export type State = 'waiting' | 'running' | 'done' | 'dead' | 'discarded' | 'overdue' | 'unknown';

export interface Standing extends Claim {
  readonly state: State;
  /** When it was over; null while it is not, or when nobody knows. */
  readonly over: Millis | null;
}

interface Evident {
  readonly sends: readonly SentFact[];
  readonly executions: readonly Execution[];
  readonly facts: readonly MessageFact[];
  readonly dueAt: Millis | null;
  readonly asOf: Millis;
}

/** What a message's facts at one subscription say about where it stands. */
export function standingOf(evident: Evident): Standing {
  const { executions, facts } = evident;
  const discarded = facts.findLast((fact): fact is DiscardedFact => fact.kind === 'discarded');
  const last = lastOf(executions);
  if (discarded && (last === undefined || discarded.at >= (last.endedAt ?? last.startedAt ?? 0)))
    return { state: 'discarded', over: discarded.at, ...observed(discarded) };
  if (last) return standingAfter(last, facts);
  const skipped = executions.at(-1);
  // A duplicate of work whose own execution left no facts here: somebody recognised it as done.
  if (skipped)
    return { state: 'done', over: skipped.endedAt, evidence: 'inferred', because_facts: skipped.because_facts };
  return standingUnstarted(evident);
}

/** The execution that decides: the newest, unless one before it was still running when it ended. */
function lastOf(executions: readonly Execution[]): Execution | undefined {
  const counted = executions.filter(({ outcome }) => outcome !== 'skipped');
  const newest = counted.at(-1);
  if (newest?.endedAt == null) return newest;
  return counted.reduce((last, execution) => {
    return execution.isOverlapping && (execution.endedAt ?? 0) > (last.endedAt ?? 0) ? execution : last;
  }, newest);
}

function standingAfter(last: Execution, facts: readonly MessageFact[]): Standing {
  const { outcome, evidence, because_facts, endedAt: over } = last;
  if (outcome === 'ok') return { state: 'done', over, evidence, because_facts };
  if (outcome === 'dead') {
    const redrive = facts.find((fact): fact is ReplayedFact => isRedrive(fact) && fact.at >= (over ?? 0));
    return redrive
      ? { state: 'waiting', over: null, ...observed(redrive) }
      : { state: 'dead', over, evidence, because_facts };
  }
  // A request that its client gave up is handed back to nobody.
  if (outcome === 'released' && isIngress(last))
    return { state: 'discarded', over, evidence: 'inferred', because_facts };
  if (outcome === 'retry' || outcome === 'released') return { state: 'waiting', over: null, evidence, because_facts };
  if (outcome === 'open') return { state: 'running', over: null, evidence, because_facts };
  return { state: 'unknown', over, evidence: 'unknown', because_facts };
}

function standingUnstarted({ sends, facts, dueAt, asOf }: Evident): Standing {
  const taken = sends.find(({ status }) => status === 'taken');
  if (taken) {
    const isOverdue = dueAt !== null && asOf > dueAt;
    return { state: isOverdue ? 'overdue' : 'waiting', over: null, ...observed(taken) };
  }
  const refused = sends.at(-1);
  // Refused, or another message stood in its place: this one will not run.
  if (refused && refused.status !== 'unknown') return { state: 'discarded', over: refused.at, ...inferred(refused) };
  // The publish threw, or was made in a transaction that nobody has seen commit.
  return {
    state: 'unknown',
    over: null,
    ...unknown(...facts.filter(({ kind }) => kind === 'sent' || kind === 'created')),
  };
}

function isRedrive(fact: MessageFact): boolean {
  return fact.kind === 'replayed' && fact.new_message_id === undefined;
}

function isIngress({ started, settled }: Execution): boolean {
  return /^(req|tick|run)_/.test(started?.message_id ?? settled?.message_id ?? '');
}
