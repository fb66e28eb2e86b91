import { claimed, claimOf } from '../evidence.ts';
import type { Execution } from './executions.ts';
import { Parts, type Segment } from './parts.ts';
import { addFirstWait, addRest, addWaitBetween, type Span } from './waits.ts';

/** Where the time of one message at one subscription went. All parts but `skipped` add up to the wall time. */
export function segmentsOf(executions: readonly Execution[], span: Span): Segment[] {
  const parts = new Parts(span.begin.at);
  const counted = executions.filter(({ isAside }) => !isAside);
  for (const [index, execution] of counted.entries()) {
    const [previous, next] = [counted[index - 1], counted[index + 1]];
    if (previous) addWaitBetween(parts, previous, execution, span);
    else addFirstWait(parts, execution, span);
    if (execution.settled) addRun(parts, execution);
    else if (next) addUnsettled(parts, execution, next);
    else addRunning(parts, execution, span);
  }
  addRest(parts, counted, span);
  return [...parts.segments, ...executions.flatMap(skippedSegment)];
}

function addRun(parts: Parts, execution: Execution): void {
  const { executionId, startedAt, settled } = execution;
  if (settled === null) return;
  if (startedAt === null) parts.add('unaccounted', settled.at, executionId, claimed('unknown', [settled]));
  else parts.add('run', settled.at, executionId, claimOf(execution));
}

/** Without a lease, what was lost lasts until it is delivered again; where its end is only missing, so does not knowing. */
function addUnsettled(parts: Parts, execution: Execution, next: Execution): void {
  const { executionId, endedAt, outcome } = execution;
  const to = outcome === 'lost' ? (endedAt ?? next.startedAt) : next.startedAt;
  if (to !== null) parts.add(outcome === 'lost' ? 'lease_lost' : 'unaccounted', to, executionId, claimOf(execution));
}

function addRunning(parts: Parts, execution: Execution, { until, standing }: Span): void {
  const { executionId, leaseUntil } = execution;
  const claim = claimOf(execution);
  if (claim.evidence === 'unknown' || standing.evidence === 'unknown') {
    parts.add('unaccounted', until, executionId, { ...claim, evidence: 'unknown' });
  } else if (leaseUntil !== null && leaseUntil < until) {
    parts.add('lease_lost', leaseUntil, executionId, claim);
    parts.add('queued', until, null, claim);
  } else {
    parts.add('run', until, executionId, claim);
  }
}

/** Drawn, and no part of the sum: a duplicate runs beside the work, or after it. */
function skippedSegment({ outcome, startedAt, endedAt, executionId, ...claim }: Execution): Segment[] {
  if (outcome !== 'skipped' || startedAt === null || endedAt === null) return [];
  const ms = endedAt - startedAt;
  return [{ kind: 'skipped', from: startedAt, to: endedAt, ms, executionId, ...claimOf(claim) }];
}
