import type { FactError, GapReason } from 'waybill';
import { type Claim, type Evidence, inferred, observed } from '../evidence.ts';
import type { MessageAtSubscription } from '../graph/message.ts';
import { rfc3339 } from '../instant.ts';
import type { Placed } from './order.ts';

/** What a row of a workflow says beside its figures, the weightiest first. */
export type Note = Claim &
  (
    | { readonly kind: 'unseen' }
    | { readonly kind: 'overdue'; readonly overdue_ms: number }
    | { readonly kind: 'lease_lost'; readonly ms: number; readonly attempt: number | null }
    | { readonly kind: 'gap'; readonly reason: GapReason; readonly cause_evidence: Evidence }
    | { readonly kind: 'error'; readonly error: FactError; readonly next_at: string | null }
    | { readonly kind: 'overlap'; readonly attempt: number | null }
    | { readonly kind: 'clocks'; readonly ms: number }
    | { readonly kind: 'duplicate'; readonly count: number }
    | { readonly kind: 'cause_missing'; readonly causation_id: string }
    | { readonly kind: 'replay'; readonly is_edited: boolean }
    | { readonly kind: 'subscriptions'; readonly states: Readonly<Record<string, number>> }
  );

export function notesOf({ message, parent, via, evidence }: Placed, asOf: number): Note[] {
  const [at] = message.subscriptions;
  const notes: Note[] = [];
  if (message.takenUnseen !== null) notes.push({ kind: 'unseen', ...inferred(message.first) });
  else if (at.state === 'overdue' && at.dueAt !== null)
    notes.push({
      kind: 'overdue',
      overdue_ms: asOf - at.dueAt,
      evidence: at.evidence,
      because_facts: at.because_facts,
    });
  notes.push(...lostOf(at));
  for (const gap of message.gaps)
    notes.push({
      kind: 'gap',
      reason: gap.gap.reason,
      cause_evidence: parent === null ? 'unknown' : evidence,
      ...observed(gap),
    });
  notes.push(...errorOf(at, asOf), ...oddities(at));
  if (parent === null && message.causationId !== null)
    notes.push({ kind: 'cause_missing', causation_id: message.causationId, ...observed(message.first) });
  if (via === 'replay') notes.push({ kind: 'replay', is_edited: true, ...observed(message.first) });
  const redrives = message.replays.filter(({ new_message_id }) => new_message_id === undefined);
  if (redrives.length > 0) notes.push({ kind: 'replay', is_edited: false, ...observed(...redrives) });
  if (message.subscriptions.length > 1)
    notes.push({ kind: 'subscriptions', states: tally(message.subscriptions), ...observed(message.first) });
  return notes;
}

function lostOf({ segments, executions }: MessageAtSubscription): Note[] {
  return executions.flatMap(({ outcome, executionId, attempt, evidence, because_facts }): Note[] => {
    const part = segments.find((segment) => segment.executionId === executionId && segment.kind === 'lease_lost');
    return outcome === 'lost' && part ? [{ kind: 'lease_lost', ms: part.ms, attempt, evidence, because_facts }] : [];
  });
}

/** The error that it ended with, or that it is being retried for; one that a later attempt overcame is no news. */
function errorOf({ executions, state }: MessageAtSubscription, asOf: number): Note[] {
  const last = executions.findLast(({ outcome }) => outcome !== 'skipped');
  if (!last?.settled || !last.error || state === 'done') return [];
  const next_at = last.retryAt !== null && last.retryAt > asOf ? rfc3339(last.retryAt) : null;
  return [{ kind: 'error', error: last.error, next_at, ...observed(last.settled) }];
}

function oddities({ executions, segments }: MessageAtSubscription): Note[] {
  const notes: Note[] = [];
  const overlapping = executions.filter(({ isOverlapping }) => isOverlapping);
  for (const { attempt, evidence, because_facts } of overlapping)
    notes.push({ kind: 'overlap', attempt, evidence, because_facts });
  const negative = segments.find(({ ms }) => ms < 0);
  const started = executions.find(({ executionId }) => executionId === negative?.executionId)?.started;
  if (negative && overlapping.length === 0)
    notes.push({ kind: 'clocks', ms: negative.ms, ...inferred(...(started ? [started] : [])) });
  const skipped = executions.flatMap(({ outcome, settled }) => (outcome === 'skipped' && settled ? [settled] : []));
  if (skipped.length > 0) notes.push({ kind: 'duplicate', count: skipped.length, ...observed(...skipped) });
  return notes;
}

function tally(subscriptions: readonly MessageAtSubscription[]): Record<string, number> {
  const states: Record<string, number> = {};
  for (const { state } of subscriptions) states[state] = (states[state] ?? 0) + 1;
  return states;
}
