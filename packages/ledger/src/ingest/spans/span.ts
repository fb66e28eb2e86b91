import type { Millis } from 'waybill';

/** A span as another names it. */
export interface SpanContext {
  readonly trace_id: string;
  readonly span_id: string;
}

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** What the attributes of a span say, under one name whichever version of the conventions wrote them. */
export interface SpanAttributes {
  /** The identity that a propagator of ours stamped, by the names of facts. */
  readonly message_id?: string;
  readonly correlation_id?: string;
  readonly causation_id?: string;
  readonly execution_id?: string;
  readonly tenant_id?: string;
  readonly operation?: string;
  readonly event_type?: string;
  readonly business_key?: string;
  readonly system?: string;
  readonly destination?: string;
  readonly routing_key?: string;
  readonly subscription?: string;
  readonly broker_id?: string;
  readonly conversation_id?: string;
  /** `send`, `publish`, `create`, `receive`, `process`, `deliver` or `settle`, if it is one that is known. */
  readonly messaging_operation?: string;
  readonly rpc_system?: string;
  readonly http_method?: string;
  readonly http_route?: string;
  readonly http_status?: string;
  readonly error_type?: string;
}

/** One span, as much of it as facts are derived of. What reads another encoding makes the same. */
export interface Span extends SpanContext, SpanAttributes {
  readonly parent_span_id?: string;
  readonly kind: SpanKind;
  readonly name: string;
  readonly started_at: Millis;
  readonly ended_at: Millis;
  readonly links?: readonly SpanContext[];
  readonly is_error?: true;
  readonly error_message?: string;
  readonly service: string;
  readonly instance: string;
  readonly version?: string;
}
