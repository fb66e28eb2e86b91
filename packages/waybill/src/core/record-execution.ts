import type { Context } from './context.ts';
import type { Delivery, Settlement } from './delivery.ts';
import type { Envelope } from './envelope.ts';
import type { ForeignIdentity, Grouping } from './facts.ts';
import { factErrorOf } from './failure.ts';
import type { Kernel } from './kernel.ts';
import type { ExecutionTrace } from './trace.ts';

/** An execution as its facts need it; the delivery's envelope may be a gap, this one never is. */
export interface Started {
  readonly envelope: Envelope;
  readonly context: Context;
  readonly trace: ExecutionTrace;
  readonly delivery: Omit<Delivery, 'envelope'>;
  readonly grouping?: Grouping | undefined;
  readonly foreign?: ForeignIdentity | undefined;
}

export function recordStarted(kernel: Kernel, started: Started, at: number): void {
  if (!kernel.isRecording) return;
  const { envelope, context, trace, delivery } = started;
  const { relations } = envelope;
  kernel.record({
    kind: 'started',
    fact_id: kernel.mint('fct', at),
    at,
    service: kernel.service,
    instance: kernel.instance,
    seq: kernel.nextSeq(),
    version: kernel.version,
    message_id: envelope.messageId,
    correlation_id: envelope.correlationId,
    causation_id: envelope.causationId,
    foreign: started.foreign,
    hop: envelope.hop,
    trace_id: trace.traceId,
    origin_trace_id: trace.originTraceId,
    span_id: trace.spanId ?? undefined,
    tenant_id: envelope.tenantId,
    operation: envelope.operation,
    event_type: envelope.eventType,
    business_key: envelope.businessKey ?? undefined,
    system: delivery.system,
    destination: delivery.destination,
    subscription: delivery.subscription ?? delivery.destination,
    broker_id: delivery.brokerId,
    bindings: envelope.bindingsJson ?? undefined,
    overflow: envelope.overflow,
    execution_id: context.executionId,
    attempt: context.attempt,
    max_attempts: delivery.maxAttempts,
    delivery_count: delivery.deliveryCount,
    redelivered: delivery.redelivered,
    enqueued_at: delivery.enqueuedAt,
    received_at: delivery.receivedAt ?? at,
    lease_until: delivery.leaseUntil,
    trace_mode: { mode: trace.mode, reason: trace.reason },
    batch: started.grouping,
    schedule_id: delivery.schedule?.id ?? relations?.scheduleId,
    due_at: delivery.schedule?.dueAt,
    released_by: delivery.releasedBy,
    plan_id: relations?.replay?.planId,
    replay: delivery.replay ?? (relations?.replay === undefined ? undefined : 'operator'),
    saga_id: relations?.sagaId,
    dead_lettered: delivery.deadLettered ? true : undefined,
  });
}

export function recordSettled(
  kernel: Kernel,
  started: Started,
  settlement: Settlement,
  endedAt: number | undefined,
): void {
  if (!kernel.isRecording) return;
  const { envelope, context, trace, delivery } = started;
  const { outcome } = settlement;
  const isFailure = outcome === 'retry' || outcome === 'dead' || outcome === 'failed';
  const at = kernel.now();
  kernel.record({
    kind: 'settled',
    fact_id: kernel.mint('fct', at),
    at,
    service: kernel.service,
    instance: kernel.instance,
    seq: kernel.nextSeq(),
    version: kernel.version,
    message_id: envelope.messageId,
    correlation_id: envelope.correlationId,
    causation_id: envelope.causationId,
    hop: envelope.hop,
    trace_id: trace.traceId,
    origin_trace_id: trace.originTraceId,
    span_id: trace.spanId ?? undefined,
    tenant_id: envelope.tenantId,
    operation: envelope.operation,
    event_type: envelope.eventType,
    business_key: envelope.businessKey ?? undefined,
    saga_id: envelope.relations?.sagaId,
    system: delivery.system,
    destination: delivery.destination,
    subscription: delivery.subscription ?? delivery.destination,
    broker_id: delivery.brokerId,
    execution_id: context.executionId,
    attempt: context.attempt,
    ended_at: endedAt,
    by: settlement.by,
    outcome,
    error: isFailure ? factErrorOf(settlement.error) : undefined,
    retry_at: settlement.retryAt,
  });
}
