import type { CreatedFact, Millis, SentFact } from 'waybill';
import { type Claim, claimOf, inferred, observed, unknown } from '../evidence.ts';
import type { Execution } from './executions.ts';
import { isOrdinary } from './own-facts.ts';

/** Since when a message lay at a place, and which field says so. */
export interface Begin extends Claim {
  readonly at: Millis;
  readonly from:
    | 'created.at'
    | 'sent.created_at'
    | 'sent.at'
    | 'started.enqueued_at'
    | 'started.at'
    | 'settled.at'
    | 'discarded.at'
    | 'replayed.at'
    | 'gap.at';
}

/** What an ordinary publish takes at most, from its making to the transport's answer, by one clock. */
const publishMsMax = 250;

/**
 * The sender's own time comes first. Without its fact the broker's clock says since when, and without that nothing is
 * known before the first start. `isOurs`: somebody who records facts sent it, so that a send is missing;
 * `isForwarded`: it lay elsewhere before.
 */
export function beginOf(
  publishes: readonly (CreatedFact | SentFact)[],
  executions: readonly Execution[],
  { isOurs, isForwarded }: { readonly isOurs: boolean; readonly isForwarded: boolean },
): Begin | null {
  const ordinary = publishes.filter(isOrdinary);
  const made = ordinary.find(({ kind }) => kind === 'created');
  if (made) return { at: made.at, from: 'created.at', ...observed(made) };
  const [sent] = ordinary;
  if (sent) return isCopyMissing(ordinary, executions) ? unsure(sent) : sentBegin(sent, executions, isForwarded);
  const buried = publishes.find(({ dead_lettered }) => dead_lettered);
  if (buried) return { at: buried.at, from: 'sent.at', ...observed(buried) };
  const first = executions.find(({ isAside }) => !isAside) ?? executions[0];
  const start = first?.started;
  if (start?.enqueued_at !== undefined) {
    // A send of ours is missing: since when it lay there by its sender's clock is not known.
    const claim = isOurs ? unknown(start) : observed(start);
    return { at: start.enqueued_at, from: 'started.enqueued_at', ...claim };
  }
  if (start) return { at: start.at, from: 'started.at', ...observed(start) };
  if (first?.settled) return { at: first.settled.at, from: 'settled.at', ...observed(first.settled) };
  const redriven = publishes[0];
  return redriven ? { at: redriven.at, from: 'sent.at', ...inferred(redriven) } : null;
}

/** It was published more often than its sends tell: the first of them is among those that are missing, perhaps. */
function isCopyMissing(sends: readonly (CreatedFact | SentFact)[], executions: readonly Execution[]): boolean {
  const copies = new Set(executions.flatMap(({ isReplayed, brokerId }) => (isReplayed ? [] : (brokerId ?? []))));
  const firsts = executions.filter(({ isReplayed, isSaidToBeFirst }) => isSaidToBeFirst && !isReplayed);
  const known = new Set(sends.flatMap(({ broker_id }) => broker_id ?? []));
  // A transport knows a second publish for what it is: then there was a first.
  if (sends[0]?.kind === 'sent' && sends[0].status === 'duplicate') return true;
  const isForeign = known.size > 0 && copies.size > 0 && [...copies].every((id) => !known.has(id));
  return Math.max(copies.size, firsts.length) > sends.length || isForeign;
}

function unsure(sent: CreatedFact | SentFact): Begin {
  return { at: sent.at, from: 'sent.at', ...unknown(sent) };
}

/** A relay hands over what lay in an outbox before: it waits there since it was made. What is forwarded lay elsewhere. */
function sentBegin(sent: CreatedFact | SentFact, executions: readonly Execution[], isForwarded: boolean): Begin {
  const made = sent.created_at;
  const heldMs = made === undefined ? 0 : sent.at - made;
  const isRelayed = executions.some(({ started }) => started?.trace_mode.reason === 'outbox');
  if (made !== undefined && !isForwarded && (isRelayed || heldMs > publishMsMax || heldMs < 0))
    return { at: made, from: 'sent.created_at', ...inferred(sent) };
  return { at: sent.at, from: 'sent.at', ...observed(sent) };
}

/** The same begin, of which less is certain. */
export function doubted(begin: Begin): Begin {
  return { ...begin, ...claimOf(begin), evidence: 'inferred' };
}
