import type { Context } from './context.ts';
import type { Delivery, Settlement } from './delivery.ts';
import type { Envelope } from './envelope.ts';
import type { GapReason, Grouping } from './facts.ts';
import { factErrorOf } from './failure.ts';
import type { Kernel } from './kernel.ts';
import type { Scope } from './scope.ts';
import type { Receipt, Send } from './send.ts';
import type { ExecutionTrace } from './trace.ts';

/** Records what became of a send: `created` while a transaction is open, else `sent`. */
export function recordCreation(
  kernel: Kernel,
  send: Send,
  envelope: Envelope,
  receipt: Receipt,
  scope: Scope | undefined,
  createdAt: number,
): void {
  if (!kernel.isRecording) return;
  const at = kernel.now();
  const common = {
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
    // A relayed foreign message may have no trace; the fact then belongs to the scope's.
    trace_id: envelope.traceId ?? scope?.context.traceId ?? '',
    origin_trace_id: envelope.originTraceId,
    span_id: scope?.context.spanId ?? undefined,
    tenant_id: envelope.tenantId,
    operation: envelope.operation,
    event_type: envelope.eventType,
    business_key: envelope.businessKey ?? undefined,
    system: send.system,
    destination: send.destination,
    broker_id: receipt.brokerId ?? undefined,
    bindings: envelope.bindingsJson ?? undefined,
    by_execution_id: envelope.byExecutionId ?? undefined,
    created_at: createdAt,
    not_before: send.notBefore,
    dedup_key: send.dedupKey,
    fanout: envelope.fanout,
    continued_from: envelope.continuedFrom,
    late: scope?.run.endedAt === undefined ? undefined : (true as const),
  };
  if (receipt.status === 'pending') kernel.record({ kind: 'created', ...common });
  else kernel.record({ kind: 'sent', status: receipt.status, ...common });
}

/** Where context should have been, and was not. */
export function recordGap(
  kernel: Kernel,
  envelope: Envelope,
  place: {
    readonly system: string;
    readonly destination: string;
    readonly subscription?: string | undefined;
    readonly brokerId?: string | undefined;
  },
  at: number,
  reason: GapReason,
  missing: readonly string[],
  from: string | null,
): void {
  if (!kernel.isRecording) return;
  kernel.record({
    kind: 'gap',
    fact_id: kernel.mint('fct', at),
    at,
    service: kernel.service,
    instance: kernel.instance,
    seq: kernel.nextSeq(),
    version: kernel.version,
    message_id: envelope.messageId,
    correlation_id: envelope.correlationId,
    causation_id: envelope.causationId,
    trace_id: envelope.traceId ?? '',
    tenant_id: envelope.tenantId,
    operation: envelope.operation,
    event_type: envelope.eventType,
    business_key: envelope.businessKey ?? undefined,
    system: place.system,
    destination: place.destination,
    subscription: place.subscription,
    broker_id: place.brokerId,
    gap: { reason, missing, edge: { from, to: place.destination } },
  });
}

/** An execution as its facts need it; the delivery's envelope may be a gap, this one never is. */
export interface Started {
  readonly envelope: Envelope;
  readonly context: Context;
  readonly trace: ExecutionTrace;
  readonly delivery: Omit<Delivery, 'envelope'>;
  readonly grouping?: Grouping | undefined;
  readonly foreign?: { readonly correlation_id: string } | undefined;
}

export function recordStarted(kernel: Kernel, started: Started, at: number): void {
  if (!kernel.isRecording) return;
  const { envelope, context, trace, delivery } = started;
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
