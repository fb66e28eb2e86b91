import type { Millis } from 'waybill';
import type { Evidence } from './evidence.ts';
import type { Execution } from './executions.ts';

export type SegmentKind =
  | 'scheduled'
  | 'queued'
  | 'run'
  | 'backoff'
  | 'parked'
  | 'lease_lost'
  | 'unaccounted'
  | 'skipped';

/** A stretch of a message's time. `ms` below zero is a disagreement of clocks: kept as it is, never clamped. */
export interface Segment {
  readonly kind: SegmentKind;
  readonly from: Millis;
  readonly to: Millis;
  readonly ms: number;
  readonly evidence: Evidence;
  /** The execution that it is, or that it came before; null for a wait that nothing has ended yet. */
  readonly executionId: string | null;
}

interface Span {
  readonly begin: Millis;
  readonly notBefore: Millis | null;
  /** The end of work that is over, else the instant that is asked about. */
  readonly until: Millis;
}

/** Where the time of one message at one subscription went. All parts but `skipped` add up to the wall time. */
export function segmentsOf(executions: readonly Execution[], { begin, notBefore, until }: Span): Segment[] {
  const segments: Segment[] = [];
  let available = begin;
  const add = (kind: SegmentKind, to: Millis, executionId: string | null, evidence: Evidence = 'observed') => {
    const ms = to - available;
    if (ms !== 0)
      segments.push({ kind, from: available, to, ms, evidence: ms < 0 ? 'inferred' : evidence, executionId });
    available = to;
  };
  const summed = executions.filter(({ outcome }) => outcome !== 'skipped');
  if (notBefore !== null && notBefore > begin)
    add('scheduled', summed.length > 0 ? notBefore : Math.min(notBefore, until), summed[0]?.executionId ?? null);
  for (const [index, execution] of summed.entries()) {
    const [previous, next] = [summed[index - 1], summed[index + 1]];
    const { executionId, startedAt, endedAt, retryAt } = execution;
    // After `failed` nobody has said whether the transport held it back or it lay in the queue.
    const isGuessed = previous?.outcome === 'failed';
    if (startedAt !== null) add(waitAfter(previous), startedAt, executionId, isGuessed ? 'inferred' : 'observed');
    add(workOf(execution, next), endedAt ?? next?.startedAt ?? until, executionId, execution.evidence);
    if (retryAt !== null) add('backoff', next ? retryAt : Math.min(retryAt, until), next?.executionId ?? null);
  }
  const last = summed.at(-1);
  // What is left after the last execution: an earlier one that outlived it, or the wait for the next.
  if (last?.endedAt != null && summed.some(({ isOverlapping, endedAt }) => isOverlapping && endedAt === until))
    add('run', until, null, 'inferred');
  else add(waitAfter(last), until, null);
  return [...segments, ...executions.flatMap(skippedSegment)];
}

function waitAfter(previous: Execution | undefined): SegmentKind {
  return previous?.outcome === 'dead' ? 'parked' : 'queued';
}

function workOf({ outcome, startedAt }: Execution, next: Execution | undefined): SegmentKind {
  if (startedAt === null) return 'unaccounted';
  if (outcome === 'lost') return 'lease_lost';
  return outcome === 'open' && next ? 'unaccounted' : 'run';
}

/** Drawn, and no part of the sum: a duplicate runs beside the work, or after it. */
function skippedSegment({ outcome, startedAt, endedAt, executionId, evidence }: Execution): Segment[] {
  if (outcome !== 'skipped' || startedAt === null || endedAt === null) return [];
  return [{ kind: 'skipped', from: startedAt, to: endedAt, ms: endedAt - startedAt, evidence, executionId }];
}
