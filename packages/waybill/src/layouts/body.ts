import type { Envelope, Gap } from '../core/envelope.ts';
import { envelopeOf } from '../core/read-waybill.ts';
import { NO_TRACE_HEADERS, type TraceHeaders } from '../core/w3c.ts';

/** A message that carries its identity in its own body, as plain JSON that any language reads. */
interface MessageBody {
  readonly event_type: string | null;
  readonly message_id: string;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly trace_id: string | null;
  readonly tenant_id: string | null;
  readonly operation: string | null;
  readonly origin_trace_id?: string;
  readonly payload: unknown;
}

/** The body for a message, with its keys in the order of the article that first described it. */
export function writeBody(envelope: Envelope, payload: unknown): MessageBody {
  return {
    event_type: envelope.eventType,
    message_id: envelope.messageId,
    correlation_id: envelope.correlationId,
    causation_id: envelope.causationId,
    trace_id: envelope.traceId,
    tenant_id: envelope.tenantId,
    operation: envelope.operation,
    ...(envelope.originTraceId === undefined ? {} : { origin_trace_id: envelope.originTraceId }),
    payload,
  };
}

/**
 * Reads a body. Its `trace_id` has no span id: without headers beside it, it is neither parent nor link, and
 * stays as the origin.
 */
export function readBody(body: unknown, traceHeaders: TraceHeaders = NO_TRACE_HEADERS): ReadBody {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { envelope: 'absent', payload: body };
  if (!('message_id' in body) && !('correlation_id' in body)) return { envelope: 'absent', payload: body };
  const { payload, ...identity } = body as { readonly payload?: unknown };
  const envelope = envelopeOf(identity, traceHeaders);
  if (envelope === null) return { envelope: 'unreadable', payload: body };
  return { envelope: { ...envelope, traceMode: null, unknownJson: undefined }, payload };
}

interface ReadBody {
  readonly envelope: Envelope | Gap;
  /** What the handler is given; the whole body where it has no identity. */
  readonly payload: unknown;
}
