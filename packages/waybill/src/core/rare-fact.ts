import type { Envelope } from './envelope.ts';
import type { Kernel } from './kernel.ts';

/** Where a fact happened. */
export interface Place {
  readonly system: string;
  readonly destination: string;
  readonly subscription?: string | undefined;
  readonly brokerId?: string | undefined;
}

/** What facts have in common, for the kinds that are rare: spread into an ordinary one, it costs more than the rest. */
export function rareFact(kernel: Kernel, envelope: Envelope, place: Place, at: number) {
  return {
    fact_id: kernel.mint('fct', at),
    at,
    service: kernel.service,
    instance: kernel.instance,
    seq: kernel.nextSeq(),
    version: kernel.version,
    message_id: envelope.messageId,
    correlation_id: envelope.correlationId,
    causation_id: envelope.causationId,
    foreign: envelope.foreign,
    hop: envelope.hop,
    // A foreign message that is handed on may have no trace; a fact belongs to one.
    trace_id: envelope.traceId ?? kernel.mintTraceId(),
    tenant_id: envelope.tenantId,
    operation: envelope.operation,
    event_type: envelope.eventType,
    business_key: envelope.businessKey ?? undefined,
    system: place.system,
    destination: place.destination,
    subscription: place.subscription,
    broker_id: place.brokerId,
  };
}
