import type { GapReason } from 'waybill';
import { type Claim, claimed, inferred, observed, unknown, weaker } from '../evidence.ts';
import { firstOf, isBatchId, isIngressId, isOrdinary, type OwnFacts } from './own-facts.ts';

/** What led to a message, claimed once: every question reads it here. */
export interface CauseClaim extends Claim {
  readonly via: 'root' | 'cause' | 'replay' | 'unknown';
  /** None at a root; the items of a batch, as far as they are known. */
  readonly messageIds: readonly string[];
  readonly batchId: string | null;
  /** Items of the batch that have left no facts. */
  readonly missing: number;
  readonly how: 'recorded' | 'span' | 'broker_id' | 'foreign' | 'workflow' | 'business_key' | 'destination' | null;
  /** The reasons of a conclusion; empty where a fact says so. */
  readonly because: readonly string[];
  /** Where nothing was concluded: how many messages that nobody took were sent to where it arrived; null if too many. */
  readonly candidates: number | null;
}

/** Several deliveries that one call of a handler took: one execution, and a message each. */
export interface Batch {
  readonly batchId: string;
  readonly executionId: string | null;
  /** How many there were; null where none of their starts is known. */
  readonly count: number | null;
  /** In their order in the batch, as far as that is known. */
  readonly items: readonly string[];
  /** That these are its items: what their starts say. */
  readonly claim: Claim;
}

const NONE = { messageIds: [], batchId: null, missing: 0, how: null, because: [], candidates: 0 } as const;

const LOSSES: ReadonlySet<string> = new Set<GapReason>([
  'no_context',
  'w3c_only',
  'unreadable',
  'oversized',
  'untrusted',
  'partial',
]);

/** What the facts of a message say led to it; null where its context was lost, and has to be inferred. */
export function recordedCause(
  own: OwnFacts,
  replayedAs: OwnFacts | undefined,
  batchOf: (id: string, byExecutionId: string | null) => Batch,
): CauseClaim | null {
  const { first } = own;
  if (own.replayOf !== null)
    return { ...NONE, via: 'replay', messageIds: [own.replayOf], how: 'recorded', ...observed(first) };
  const redrive = replayedAs?.replayed.find(({ new_message_id }) => new_message_id === own.messageId);
  if (replayedAs && redrive)
    return { ...NONE, via: 'replay', messageIds: [replayedAs.messageId], how: 'recorded', ...observed(redrive) };
  if (isReplayOfWhat(own))
    return { ...NONE, via: 'unknown', because: ['what it replays is missing'], ...unknown(first) };
  if (own.causationId !== null && !isBatchId(own.causationId)) {
    // Only ends are known: an edited replay, which has another's causes, would look the same.
    const isEndOnly = own.sent.length + own.created.length + own.started.length === 0;
    const claim = claimed(isEndOnly || namesAncestor(own) ? 'inferred' : 'observed', [citing(own)]);
    return { ...NONE, via: 'cause', messageIds: [own.causationId], how: 'recorded', ...claim };
  }
  if (own.causationId !== null) return batchCause(own, own.causationId, batchOf);
  return rootClaim(own);
}

/** Wolverine hands on the id of the first message of a chain: from the third on that is a cause, and not the direct one. */
function namesAncestor({ facts }: OwnFacts): boolean {
  return facts.some(({ foreign }) => foreign?.issuer === 'wolverine');
}

/** A replay whose own send is missing may be of another message: which causes it then carries are not its own. */
function isReplayOfWhat({ started, sent, created, replayed }: OwnFacts): boolean {
  const isReplayed = started.length > 0 && started.every(({ plan_id }) => plan_id !== undefined);
  return isReplayed && replayed.length === 0 && sent.length + created.length === 0;
}

function citing({ facts, first }: OwnFacts): OwnFacts['first'] {
  return first.causation_id === null ? (facts.find(({ causation_id }) => causation_id !== null) ?? first) : first;
}

function batchCause(
  own: OwnFacts,
  batchId: string,
  batchOf: (id: string, byExecutionId: string | null) => Batch,
): CauseClaim {
  const {
    items,
    count,
    claim: said,
  } = batchOf(
    batchId,
    firstOf(own.sent, (fact) => fact.by_execution_id),
  );
  const claim = items.length > 0 ? observed(citing(own)) : unknown(citing(own));
  return {
    ...NONE,
    ...{ via: 'cause', messageIds: items, batchId, how: 'recorded' },
    missing: count === null ? (items.length > 0 ? 0 : 1) : Math.max(0, count - items.length),
    evidence: weaker(claim.evidence, said.evidence),
    because_facts: [...claim.because_facts, ...said.because_facts],
  };
}

/**
 * A root is one that says so itself: an ingress by its start, a new workflow by its send. Null where context was lost.
 * Behind a trusted edge only our own services call: what looks like a root there may be a call whose gap is missing.
 */
function rootClaim(own: OwnFacts): CauseClaim | null {
  const { messageId, correlationId, started } = own;
  if (isIngressId(messageId) && messageId === correlationId) {
    if (isContextLost(own)) return null;
    const start = started.find(
      ({ trace_mode }) => messageId.startsWith('tick_') || trace_mode.reason !== 'trusted edge',
    );
    return { ...NONE, via: 'root', ...(start ? observed(start) : inferred(own.first)) };
  }
  if (correlationId.startsWith('run_') && !isContextLost(own)) {
    const sent = [...own.created, ...own.sent].find(isOrdinary);
    const isBegun = started.some(({ trace_mode }) => trace_mode.reason === 'new workflow');
    if (sent || isBegun) return { ...NONE, via: 'root', ...claimed('observed', [sent ?? started[0]]) };
    return { ...NONE, via: 'root', ...inferred(own.first) };
  }
  return null;
}

/** Whether something says that context should have been there: a gap, or a start that found none. */
export function isContextLost({ gaps, started }: OwnFacts): boolean {
  return (
    gaps.some(({ gap }) => LOSSES.has(gap.reason)) || started.some(({ trace_mode }) => LOSSES.has(trace_mode.reason))
  );
}

/** It came from somewhere, and nothing of its own says from where: its sender is none of ours, or was not heard. */
export function cameWithoutContext(own: OwnFacts): boolean {
  if (own.causationId !== null || own.replayOf !== null || own.sent.some(isOrdinary) || own.created.length > 0)
    return false;
  return isContextLost(own) || (own.messageId === own.correlationId && !isIngressId(own.messageId));
}

/** Why context was lost on the way to it; null where no fact says so. */
export function lossReasonOf({ gaps, started }: Pick<OwnFacts, 'gaps' | 'started'>): GapReason | null {
  const gap = gaps.find(({ gap: { reason } }) => LOSSES.has(reason));
  if (gap) return gap.gap.reason;
  const reason = started.find(({ trace_mode }) => LOSSES.has(trace_mode.reason))?.trace_mode.reason;
  // Sound: it is one of LOSSES, which are reasons of gaps.
  return (reason as GapReason | undefined) ?? null;
}

export function unknownCause(own: OwnFacts, because: string, candidates: number | null = 0): CauseClaim {
  return { ...NONE, via: 'unknown', because: [because], candidates, ...unknown(own.gaps[0] ?? own.first) };
}

export function inferredCause(
  causeId: string,
  how: NonNullable<CauseClaim['how']>,
  because: readonly string[],
  claim: Claim,
): CauseClaim {
  const { because_facts } = claim;
  return { ...NONE, via: 'cause', messageIds: [causeId], how, because, evidence: 'inferred', because_facts };
}
