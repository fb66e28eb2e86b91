import type { Envelope } from './envelope.ts';
import type { Kernel } from './kernel.ts';
import type { Replay, Send } from './send.ts';

/** An operator redrove a message: recorded of the original, whoever it was sent for. */
export function recordReplayed(kernel: Kernel, send: Send, { of, ...replay }: Replay, sent: Envelope): void {
  if (!kernel.isRecording) return;
  const at = kernel.now();
  kernel.record({
    kind: 'replayed',
    fact_id: kernel.mint('fct', at),
    at,
    service: kernel.service,
    instance: kernel.instance,
    seq: kernel.nextSeq(),
    version: kernel.version,
    message_id: of.messageId,
    correlation_id: of.correlationId,
    causation_id: of.causationId,
    trace_id: of.traceId ?? kernel.mintTraceId(),
    tenant_id: of.tenantId,
    operation: of.operation,
    event_type: of.eventType,
    business_key: of.businessKey ?? undefined,
    system: send.system,
    destination: send.destination,
    actor: replay.actor,
    reason: replay.reason,
    plan_id: replay.planId,
    new_message_id: sent.messageId === of.messageId ? undefined : sent.messageId,
  });
}
