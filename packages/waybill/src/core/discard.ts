import type { Envelope } from './envelope.ts';
import type { DiscardedFact } from './facts.ts';
import type { Kernel } from './kernel.ts';

/** A message that will never run, and who or what said so. */
export interface Discarded {
  readonly envelope: Envelope;
  readonly system: string;
  readonly destination: string;
  /** Left out: nobody who takes it will run it. */
  readonly subscription?: string | undefined;
  readonly brokerId?: string | undefined;
  /** `superseded`: another message stands in its place. `rolled_back`: with the transaction that made it. */
  readonly how: DiscardedFact['how'];
  readonly actor?: string | undefined;
}

/** Records that a message was discarded: else it would look as if it were still waiting. */
export function discard(kernel: Kernel, { envelope, ...place }: Discarded): void {
  if (!kernel.isRecording) return;
  const at = kernel.now();
  kernel.record({
    kind: 'discarded',
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
    trace_id: envelope.traceId ?? kernel.mintTraceId(),
    tenant_id: envelope.tenantId,
    operation: envelope.operation,
    event_type: envelope.eventType,
    business_key: envelope.businessKey ?? undefined,
    system: place.system,
    destination: place.destination,
    subscription: place.subscription,
    broker_id: place.brokerId,
    how: place.how,
    actor: place.actor,
  });
}
