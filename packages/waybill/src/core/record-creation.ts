import { createHash } from 'node:crypto';
import type { Envelope } from './envelope.ts';
import type { CreatedFact, SentFact } from './facts.ts';
import type { Kernel } from './kernel.ts';
import type { Scope } from './scope.ts';
import type { Receipt, Send } from './send.ts';

/** Records what became of a send: `created` while a transaction is open, else `sent`. */
export function recordCreation(
  kernel: Kernel,
  send: Send,
  envelope: Envelope,
  receipt: Receipt,
  scope: Scope | undefined,
  createdAt: number,
  spanId: string | undefined,
): void {
  if (!kernel.isRecording) return;
  const at = kernel.now();
  const { relations } = envelope;
  const status = receipt.status === 'pending' ? undefined : receipt.status;
  kernel.record({
    kind: status === undefined ? 'created' : 'sent',
    status,
    fact_id: kernel.mint('fct', at),
    at,
    service: kernel.service,
    instance: kernel.instance,
    seq: kernel.nextSeq(),
    version: kernel.version,
    message_id: envelope.messageId,
    correlation_id: envelope.correlationId,
    causation_id: envelope.causationId,
    correlations: scope?.correlations,
    hop: envelope.hop,
    foreign: envelope.foreign,
    // A foreign message that is handed on may have no trace; a fact belongs to one.
    trace_id: envelope.traceId ?? kernel.mintTraceId(),
    origin_trace_id: envelope.originTraceId,
    span_id: spanId,
    tenant_id: envelope.tenantId,
    operation: envelope.operation,
    event_type: envelope.eventType,
    business_key: envelope.businessKey ?? undefined,
    system: send.system,
    destination: send.destination,
    broker_id: receipt.brokerId ?? undefined,
    bindings: envelope.bindingsJson ?? undefined,
    overflow: envelope.overflow,
    by_execution_id: envelope.byExecutionId ?? undefined,
    created_at: createdAt,
    not_before: send.notBefore,
    dedup_key: send.dedupKey,
    due_at: send.dueAt,
    fanout: relations?.fanout,
    flow: relations?.flow,
    in_reply_to: relations?.inReplyTo,
    replay_of: relations?.replayOf,
    saga_id: relations?.sagaId,
    continued_from: relations?.continuedFrom,
    plan_id: relations?.replay?.planId,
    dead_lettered: send.deadLetter === undefined ? undefined : true,
    derived_key: scope?.isReplaying ? derivedKeyOf(send, envelope) : undefined,
    late: scope?.run.endedAt === undefined ? undefined : true,
    // Sound: what is sent has a status, and what is created none. One literal, because a spread costs more than the fact.
  } as CreatedFact | SentFact);
}

/** Equal for what two readings of a log make of one message; the app's own key tells apart what is alike in all else. */
function derivedKeyOf({ destination, dedupKey = '' }: Send, { causationId, eventType }: Envelope): string {
  const parts = [causationId ?? '', eventType ?? '', destination, dedupKey];
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}
