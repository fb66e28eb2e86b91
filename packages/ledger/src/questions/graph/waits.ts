import type { Millis } from 'waybill';
import { type Claim, claimed, claimOf, type Evidence, inferred, observed, unknown, weaker } from '../evidence.ts';
import type { Awaiting } from './awaiting.ts';
import type { Begin } from './begin.ts';
import type { Execution } from './executions.ts';
import type { Parts, SegmentKind } from './parts.ts';

/** From when to when a message's time is told, and what is known of its waits. */
export interface Span {
  readonly begin: Begin;
  readonly notBefore: Millis | null;
  /** The end of work that is over, else the instant that is asked about. */
  readonly until: Millis;
  /** What is said of where it stands at that instant: a wait that nothing has ended is no surer. */
  readonly standing: Claim;
  awaits(released: Execution | null, next: Execution | null): Awaiting | null;
}

/** Before the first execution that is known: which is the first of all only where its counts say so. */
export function addFirstWait(parts: Parts, first: Execution, span: Span): void {
  const { executionId, startedAt, between, started } = first;
  const { begin, notBefore } = span;
  if (startedAt === null || started === null || begin.from === 'started.at') return;
  const isMissing = between === 'some' || first.is === 'redelivery' || (first.isReplayed && first.is === 'replay');
  const arrived = claimed(between === 'none' ? 'observed' : 'inferred', [started]);
  const evidence = weaker(begin.evidence, arrived.evidence);
  const because_facts = [...new Set([...begin.because_facts, ...arrived.because_facts])];
  const claim = { evidence, because_facts };
  if (notBefore !== null && notBefore > begin.at) parts.add('scheduled', notBefore, executionId, claim);
  if (isMissing) parts.add('unaccounted', startedAt, executionId, unknown(started));
  else addAwaited(parts, span.awaits(null, first), first, claim);
}

/** Waits for children, if for any, and then lies in its queue. */
function addAwaited(parts: Parts, awaiting: Awaiting | null, next: Execution, claim: Claim): void {
  const { executionId, startedAt } = next;
  if (startedAt === null) return;
  if (awaiting === null) parts.add('queued', startedAt, executionId, claim);
  else if (awaiting.until === null) parts.add('unaccounted', startedAt, executionId, claimOf(awaiting));
  else {
    const both = { ...claimOf(awaiting), evidence: weaker(awaiting.evidence, claim.evidence) };
    parts.add('awaiting_children', awaiting.until, executionId, both);
    parts.add('queued', startedAt, executionId, both);
  }
}

/** From the end of one execution to the start of the next that is known. */
export function addWaitBetween(parts: Parts, previous: Execution, next: Execution, span: Span): void {
  const { executionId, startedAt, between, started } = next;
  const { outcome, settled, retryAt, endedAt } = previous;
  if (endedAt === null) return;
  const isBackingOff = settled !== null && retryAt !== null && outcome === 'retry';
  if (isBackingOff && (startedAt !== null || retryAt < (next.endedAt ?? retryAt)))
    parts.add('backoff', retryAt, executionId, observed(settled));
  if (startedAt === null) return;
  const facts = [settled ?? previous.started, started];
  const claim = claimed(between === 'none' && settled ? 'observed' : 'inferred', facts);
  if (between === 'some' || outcome === 'open')
    parts.add('unaccounted', startedAt, executionId, claimed('unknown', facts));
  else if (outcome === 'dead' || outcome === 'ok') addParked(parts, previous, next, startedAt);
  else if (outcome === 'released') addAwaited(parts, span.awaits(previous, next), next, claim);
  else parts.add('queued', startedAt, executionId, claim);
}

/** It was over, and lay aside until somebody had it run again. */
function addParked(parts: Parts, { outcome, settled }: Execution, next: Execution, startedAt: Millis): void {
  const { executionId, is, arrival, started } = next;
  const evidence: Evidence = is !== 'replay' ? 'unknown' : outcome === 'ok' ? 'inferred' : arrival.evidence;
  const kind = is === 'replay' ? 'parked' : 'unaccounted';
  parts.add(kind, startedAt, executionId, claimed(evidence, [settled, started]));
}

/** What is left after the last execution: the wait for the next, or an earlier one that outlived it. */
export function addRest(parts: Parts, counted: readonly Execution[], span: Span): void {
  const { until, standing, notBefore, begin } = span;
  const last = counted.at(-1);
  const isGuess = standing.evidence === 'unknown';
  const claim: Claim = { ...claimOf(standing), evidence: isGuess ? 'unknown' : 'inferred' };
  const add = (kind: SegmentKind, to = until) => parts.add(isGuess ? 'unaccounted' : kind, to, null, claim);
  if (last === undefined && notBefore !== null && notBefore > begin.at) add('scheduled', Math.min(notBefore, until));
  const isOutlived = counted.some(({ isOverlapping, endedAt }) => isOverlapping && endedAt === until);
  if (isOutlived) add('run');
  else if (last?.outcome === 'dead' || last?.outcome === 'ok') add('parked');
  else if (last === undefined || last.outcome === 'released')
    addUnended(parts, span.awaits(last ?? null, null), span, claim);
  else if (last.outcome === 'retry' && last.retryAt !== null) add('backoff', Math.min(last.retryAt, until));
  add('queued');
}

function addUnended(parts: Parts, awaiting: Awaiting | null, { until }: Span, claim: Claim): void {
  if (awaiting === null || claim.evidence === 'unknown') return;
  const because = { ...inferred(), because_facts: [...claim.because_facts, ...awaiting.because_facts] };
  parts.add('awaiting_children', Math.min(awaiting.until ?? until, until), null, because);
}
