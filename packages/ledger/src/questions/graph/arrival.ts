import type { MessageFact, Millis } from 'waybill';
import { type Claim, claimed, type Evidence } from '../evidence.ts';
import type { Fate } from './fate.ts';
import { anyFactOf, isSameCopy, type Pair } from './pairs.ts';
import { skewMsMax } from './skew.ts';

/** What an execution is to its message: the first one, or which of the ways in which it came again. */
export interface Arrival extends Claim {
  readonly is: 'first' | 'retry' | 'redelivery' | 'duplicate' | 'replay' | 'unknown';
  readonly because: readonly string[];
}

/** Whether executions between two known ones have left no facts: shown by counts, excluded by them, or not known. */
export type Between = 'none' | 'some' | 'unknown';

/** One execution among those of its message at its subscription. */
export interface Visit {
  readonly pair: Pair;
  readonly fate: Fate;
  /** The one before it in the same delivery or redrive: no duplicate, no copy. */
  readonly previous: { readonly pair: Pair; readonly fate: Fate } | null;
  /** The last one before the redrive that it belongs to. */
  readonly replayed: { readonly pair: Pair; readonly fate: Fate } | null;
  readonly between: Between;
  /** It is a replay of another message, edited. */
  readonly isEditedReplay: boolean;
  /** The fact of the redrive, where an operator recorded one. */
  readonly redrive: MessageFact | null;
  /** Another copy of the message began anew as well, because it was published twice. */
  readonly rival: Pair | null;
  /** So many facts are missing that all of another copy's may be. */
  readonly isLossy: boolean;
}

/** A log is read again after a while; before that it is the same reading that goes on. */
const rereadMsMin = 600_000;

export function arrivalOf(visit: Visit): Arrival {
  const { pair, previous, rival } = visit;
  const own = anyFactOf(pair);
  if (pair.settled?.outcome === 'skipped')
    return arrived('duplicate', 'observed', [pair.settled], 'settled as skipped');
  if (pair.plan !== null && previous === null) return replayed(visit);
  if (rival !== null && pair.settled === null)
    return rival.settled !== null && rival.settled.outcome !== 'skipped'
      ? arrived('duplicate', 'inferred', [own, anyFactOf(rival)], 'another copy of it ran')
      : arrived('unknown', 'unknown', [own, anyFactOf(rival)], 'two copies of it began');
  return previous === null ? firstOrMissed(visit) : afterPrevious(visit, previous);
}

function arrived(
  is: Arrival['is'],
  evidence: Evidence,
  facts: readonly (MessageFact | null)[],
  ...because: readonly string[]
): Arrival {
  return { is, because, ...claimed(evidence, facts) };
}

function replayed({ pair, between, replayed: before, redrive }: Visit): Arrival {
  const facts = [pair.started, redrive];
  if (isSaidToBeFirst(pair)) return arrived('replay', 'observed', facts, `of ${pair.plan}`);
  if (before !== null && between === 'none') return arrived('replay', 'observed', facts, `of ${pair.plan}`);
  if (before?.pair.attempt != null && pair.attempt === before.pair.attempt + 1)
    return arrived('replay', 'inferred', facts, `of ${pair.plan}, where its attempts go on`);
  const isAgain = (pair.deliveryCount ?? pair.attempt ?? 1) > 1 || pair.started?.redelivered === true;
  if (!isAgain) return arrived('replay', 'inferred', facts, `the first known of ${pair.plan}`);
  return arrived('unknown', 'unknown', facts, 'an execution of the redrive is missing');
}

/** Its own counts say that nothing came before it. An attempt alone does not: handing back is no attempt. */
export function isSaidToBeFirst({ started, attempt, deliveryCount }: Pair): boolean {
  if (started === null || (attempt ?? 1) > 1 || (deliveryCount ?? 1) > 1 || started.redelivered === true) return false;
  return deliveryCount === 1 || started.redelivered === false;
}

function firstOrMissed({ pair, isEditedReplay, rival, isLossy }: Visit): Arrival {
  const { started, attempt, deliveryCount } = pair;
  const is = isEditedReplay ? 'replay' : 'first';
  const facts = [anyFactOf(pair)];
  if (isSaidToBeFirst(pair)) {
    const isSure = pair.settled !== null || (rival === null && !isLossy);
    return arrived(is, isSure ? 'observed' : 'inferred', facts, 'its counts begin with it');
  }
  if (started === null && attempt === null)
    return arrived('unknown', 'unknown', facts, 'its start is missing, which would say how often it came');
  if ((attempt ?? 1) <= 1 && (deliveryCount ?? 1) <= 1 && started?.redelivered !== true)
    return arrived(is, 'inferred', facts, 'none is known before it');
  return byCounts(pair, { attempt: 1, deliveryCount: 1 }, facts, 'none is known before it');
}

/** How many came before, and how many of them failed: where all or none did, that says what this one is. */
function byCounts(
  { attempt, deliveryCount }: Pair,
  since: { readonly attempt: number | null; readonly deliveryCount: number | null },
  facts: readonly MessageFact[],
  why: string,
): Arrival {
  const failed = attempt === null || since.attempt === null ? null : attempt - since.attempt;
  const came = deliveryCount === null || since.deliveryCount === null ? null : deliveryCount - since.deliveryCount;
  if (failed !== null && came !== null && failed === came && failed > 0)
    return arrived('retry', 'inferred', facts, why, `${failed} failed of ${came} before it`);
  if (failed === 0 && came !== null && came > 0)
    return arrived('redelivery', 'inferred', facts, why, 'none failed before it');
  return arrived('unknown', 'unknown', facts, why);
}

function afterPrevious(
  { pair, between, redrive }: Visit,
  { pair: before, fate }: NonNullable<Visit['previous']>,
): Arrival {
  const facts = [anyFactOf(pair), anyFactOf(before)];
  if (between === 'some') return byCounts(pair, before, facts, 'an execution between is missing');
  const evidence = between === 'none' ? 'observed' : 'inferred';
  const follows = `follows ${before.executionId}`;
  switch (fate.outcome) {
    case 'retry':
      return arrived('retry', evidence, facts, follows, 'which failed, to be tried again');
    case 'released':
      return arrived('redelivery', evidence, facts, follows, 'which was handed back');
    case 'failed':
      return arrived('retry', 'inferred', facts, follows, 'which failed');
    case 'lost':
      return arrived('redelivery', 'inferred', facts, follows, 'which never ended');
    case 'dead':
      return redrive
        ? arrived('replay', 'inferred', [...facts, redrive], follows, 'which was dead, and redriven')
        : arrived('replay', 'inferred', facts, follows, 'which was dead');
    case 'ok':
      return afterDone(pair, before, facts);
    case 'skipped':
      return arrived('unknown', 'unknown', facts, follows);
    case 'open':
      return afterUnknown(pair, before, facts);
  }
}

/** Done, and started once more. */
function afterDone(pair: Pair, before: Pair, facts: readonly MessageFact[]): Arrival {
  const { started, settled } = pair;
  const ended = before.settled?.at ?? 0;
  const isUncounted = started !== null && pair.attempt === null && pair.deliveryCount === null && !started.redelivered;
  if (isUncounted && pair.brokerId !== null && pair.brokerId === before.brokerId && started.at - ended > rereadMsMin)
    return arrived('replay', 'inferred', facts, 'the same place in its log, long after it was done');
  // It was not recognised as a duplicate, and ran again.
  if (settled && (started?.redelivered || (pair.deliveryCount ?? 1) > 1) && isSameCopy(pair, before))
    return arrived('redelivery', 'inferred', facts, 'it came again after it was done');
  return arrived('unknown', 'unknown', facts, 'it was done before');
}

/** The end of the one before is missing: only what was counted since tells. */
function afterUnknown(pair: Pair, before: Pair, facts: readonly MessageFact[]): Arrival {
  const why = `how ${before.executionId} ended is not known`;
  if (pair.deliveryCount !== null || pair.attempt === null || before.attempt === null)
    return byCounts(pair, before, facts, why);
  const lease = before.started?.lease_until;
  const isBeforeLease = lease !== undefined && isEarlier(pair, lease);
  if (pair.attempt === before.attempt + 1 && isBeforeLease)
    return arrived('retry', 'inferred', facts, why, 'it came before the lease was over');
  return arrived('unknown', 'unknown', facts, why);
}

function isEarlier({ started }: Pair, lease: Millis): boolean {
  return started !== null && started.at + skewMsMax < lease;
}

/** What the counts of two that follow each other say of others between them. */
export function betweenOf(before: Pair | null, pair: Pair, isLossy: boolean): Between {
  if (before === null) {
    // One without an end may be a second copy, of which only the end would have said so.
    if (isSaidToBeFirst(pair)) return pair.settled === null && isLossy ? 'unknown' : 'none';
    const isAgain = (pair.attempt ?? 1) > 1 || (pair.deliveryCount ?? 1) > 1 || pair.started?.redelivered === true;
    return isAgain ? 'some' : 'unknown';
  }
  if (!isSameCopy(before, pair)) return 'unknown';
  if (before.deliveryCount !== null && pair.deliveryCount !== null)
    return pair.deliveryCount === before.deliveryCount + 1
      ? 'none'
      : pair.deliveryCount > before.deliveryCount + 1
        ? 'some'
        : 'unknown';
  if (before.attempt !== null && pair.attempt !== null && pair.attempt > before.attempt + 1) return 'some';
  return 'unknown';
}
