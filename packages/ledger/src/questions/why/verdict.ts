import type { FactError, MessageFact, Millis } from 'waybill';
import { type Claim, inferred, observed } from '../evidence.ts';
import type { Execution } from '../graph/executions.ts';
import type { Message, MessageAtSubscription } from '../graph/message.ts';
import { rfc3339 } from '../instant.ts';
import { type NoConsumersAnswer, noConsumersAnswer } from '../no-consumers.ts';

/** What an answer claims, as data: the words for it are the reader's. */
export type Verdict = Claim &
  (
    | {
        readonly kind: 'lost';
        readonly attempt: number | null;
        readonly instance: string;
        readonly destination: string;
        readonly lasted_ms: number;
        readonly lease_known: boolean;
        /** How long nearly all runs there take; null where nobody knows. */
        readonly run_p99_ms: number | null;
      }
    | {
        readonly kind: 'dead';
        readonly attempt: number | null;
        readonly max_attempts: number | null;
        readonly error: FactError | null;
        readonly same_error: number;
      }
    | { readonly kind: 'discarded'; readonly how: string | null; readonly actor: string | null }
    | {
        readonly kind: 'overdue';
        /** Nobody started it in time; or its lease ran out, and nobody ended it. */
        readonly what: 'never_started' | 'never_settled';
        readonly attempt: number | null;
        readonly due_at: string;
        readonly overdue_ms: number;
        readonly no_consumers: NoConsumersAnswer | null;
      }
    | {
        readonly kind: 'waiting';
        readonly after: 'sent' | 'retry' | 'released' | 'replayed';
        readonly waited_ms: number;
        readonly until: string | null;
        readonly error: FactError | null;
        readonly attempt: number | null;
      }
    | {
        readonly kind: 'running';
        readonly attempt: number | null;
        readonly instance: string;
        readonly ran_ms: number;
        readonly lease_until: string | null;
      }
    | { readonly kind: 'failed'; readonly attempt: number | null; readonly error: FactError | null }
    | { readonly kind: 'overlap'; readonly attempt: number | null; readonly instance: string; readonly ms: number }
    | { readonly kind: 'duplicate'; readonly count: number }
    | { readonly kind: 'clocks'; readonly part: string; readonly attempt: number | null; readonly ms: number }
    | {
        readonly kind: 'replayed';
        readonly actor: string;
        readonly reason: string;
        readonly at: string;
        readonly new_message_id: string | null;
      }
  );

interface Known {
  readonly asOf: number;
  /** Asked only where it is told. */
  readonly runP99Of: (destination: string, before: Millis) => number | null;
}

/** What is to be said about a message at one subscription, the weightiest first. */
export function verdictsOf(message: Message, at: MessageAtSubscription, { asOf, runP99Of }: Known): Verdict[] {
  return [
    ...at.executions.flatMap((execution) => lost(execution, at, runP99Of)),
    ...standing(at, asOf),
    ...discarded(message, at),
    ...at.executions.flatMap((execution, index) => overlap(execution, at.executions[index + 1])),
    ...clocks(at),
    ...duplicates(at),
    ...message.replays.map((replay): Verdict => {
      const { actor, reason, new_message_id } = replay;
      return {
        kind: 'replayed',
        actor,
        reason,
        at: rfc3339(replay.at),
        new_message_id: new_message_id ?? null,
        ...observed(replay),
      };
    }),
  ];
}

function lost(execution: Execution, at: MessageAtSubscription, runP99Of: Known['runP99Of']): Verdict[] {
  if (execution.outcome !== 'lost') return [];
  const { attempt, instance, leaseUntil, evidence, because_facts, executionId, startedAt } = execution;
  const lasted_ms = at.segments.find((part) => part.executionId === executionId && part.kind === 'lease_lost')?.ms ?? 0;
  const lease_known = leaseUntil !== null;
  const { destination } = at;
  const run_p99_ms = startedAt === null ? null : runP99Of(destination, startedAt);
  const what = { kind: 'lost', attempt, instance, destination, lasted_ms, lease_known, run_p99_ms } as const;
  return [{ ...what, evidence, because_facts }];
}

function standing(at: MessageAtSubscription, asOf: number): Verdict[] {
  const { state, evidence, because_facts, dueAt, executions, maxAttempts } = at;
  const last = executions.findLast(({ outcome }) => outcome !== 'skipped');
  const claim: Claim = { evidence, because_facts };
  if (state === 'overdue' && dueAt !== null) return [overdue(last, at, asOf - dueAt, claim)];
  if (state === 'dead' && last) {
    const same_error = executions.filter(({ error }) => error && error.fingerprint === last.error?.fingerprint).length;
    return [
      { kind: 'dead', attempt: last.attempt, max_attempts: maxAttempts, error: last.error, same_error, ...claim },
    ];
  }
  if (state === 'running' && last) {
    const { attempt, instance, startedAt, leaseUntil } = last;
    const lease_until = leaseUntil === null ? null : rfc3339(leaseUntil);
    return [{ kind: 'running', attempt, instance, ran_ms: asOf - (startedAt ?? asOf), lease_until, ...claim }];
  }
  if (state === 'unknown' && last?.outcome === 'failed')
    return [{ kind: 'failed', attempt: last.attempt, error: last.error, evidence: last.evidence, because_facts }];
  return state === 'waiting' ? [waiting(at, last, asOf, claim)] : [];
}

function overdue(last: Execution | undefined, at: MessageAtSubscription, overdue_ms: number, claim: Claim): Verdict {
  const what = last ? 'never_settled' : 'never_started';
  const due_at = rfc3339(at.dueAt ?? 0);
  const no_consumers = noConsumersAnswer(at);
  return { kind: 'overdue', what, attempt: last?.attempt ?? null, due_at, overdue_ms, no_consumers, ...claim };
}

function waiting(at: MessageAtSubscription, last: Execution | undefined, asOf: number, claim: Claim): Verdict {
  const after = last?.outcome === 'retry' || last?.outcome === 'released' ? last.outcome : last ? 'replayed' : 'sent';
  const next = last ? last.retryAt : at.notBefore;
  return {
    kind: 'waiting',
    after,
    waited_ms: asOf - (last?.endedAt ?? at.beginsAt),
    until: next !== null && next > asOf ? rfc3339(next) : null,
    error: last?.error ?? null,
    attempt: last?.attempt ?? null,
    ...claim,
  };
}

function discarded({ discarded: fact }: Message, { state, evidence, because_facts }: MessageAtSubscription): Verdict[] {
  if (state !== 'discarded') return [];
  return [{ kind: 'discarded', how: fact?.how ?? null, actor: fact?.actor ?? null, evidence, because_facts }];
}

function overlap(execution: Execution, next: Execution | undefined): Verdict[] {
  const { isOverlapping, attempt, instance, endedAt, started, settled } = execution;
  if (!isOverlapping || endedAt === null || next?.startedAt == null) return [];
  const facts = [started, settled, next.started].filter((fact) => fact !== null);
  return [{ kind: 'overlap', attempt, instance, ms: endedAt - next.startedAt, ...observed(...facts) }];
}

function clocks({ segments, executions }: MessageAtSubscription): Verdict[] {
  return segments.flatMap(({ ms, kind, executionId }): Verdict[] => {
    const index = executions.findIndex((execution) => execution.executionId === executionId);
    // An execution that outlived the next one explains its negative wait without any clock.
    if (ms >= 0 || executions[index - 1]?.isOverlapping) return [];
    const facts = [executions[index]?.started].filter((fact) => fact != null);
    return [{ kind: 'clocks', part: kind, attempt: executions[index]?.attempt ?? null, ms, ...inferred(...facts) }];
  });
}

function duplicates({ executions }: MessageAtSubscription): Verdict[] {
  const skipped = executions.filter(({ outcome }) => outcome === 'skipped');
  const facts = skipped.flatMap(({ settled }): MessageFact[] => (settled ? [settled] : []));
  return skipped.length === 0 ? [] : [{ kind: 'duplicate', count: skipped.length, ...observed(...facts) }];
}
