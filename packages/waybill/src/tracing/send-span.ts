import type { Receipt, Send } from '../core/send.ts';
import type { SendSpan, SendStart } from '../core/tracing.ts';
import type { TraceHeaders } from '../core/w3c.ts';
import { type Bridged, isEntered } from './bridged.ts';
import { baggageOf } from './carried-baggage.ts';
import { methodOf } from './execution-name.ts';
import { reasonOf } from './links.ts';
import { type OtelAttributes, type OtelContext, type OtelSpan, SPAN_KIND, STATUS_ERROR } from './opentelemetry-api.ts';
import { ATTRIBUTE, identityAttributes, messagingAttributes } from './span-attributes.ts';
import { headersOf, isValid, remoteSpanOf } from './span-context.ts';
import type { NamedSpan } from './span-naming.ts';
import { markFailed } from './span-status.ts';

/** The span of a send, whose context is the creation context of what is sent. It ends when the transport has answered. */
export function startSend(bridged: Bridged, start: SendStart): SendSpan | undefined {
  const { api, tracer, spans } = bridged;
  const { send, scope, envelope, isResent } = start;
  const active = api.context.active();
  const baggage = isEntered(active) ? baggageOf(api, active) : scope?.traceHeaders.baggage;
  if (spans === 'never' || (spans === 'auto' && send.isTraced)) return standingBack(bridged, active, baggage);
  if (!bridged.hasProvider()) return undefined;
  const parent = parentOf(bridged, active, scope?.traceHeaders);
  const created = isResent && envelope !== undefined ? remoteSpanOf(envelope.traceHeaders) : undefined;
  const { name, kind } = nameOf(bridged, send, isResent);
  const attributes = attributesOf(start);
  const links = created === undefined ? undefined : [{ context: created, attributes: reasonOf(envelope?.traceReason) }];
  const span = tracer.startSpan(name, links ? { kind, attributes, links } : { kind, attributes }, parent);
  const context = span.spanContext();
  // Without a tracer the API gives zeros, or the parent once more.
  if (!isValid(context) || context.spanId === api.trace.getSpan(parent)?.spanContext().spanId) return undefined;
  const { traceId, spanId } = context;
  return {
    ...{ traceId, spanId, headers: headersOf(context, baggage) },
    settled: (receipt) => bridged.guarded(() => settle(span, receipt)),
  };
}

/** Another tool makes the span, inside of ours: what is active here is its parent, and the message's creation context. */
function standingBack({ api }: Bridged, active: OtelContext, baggage: string | undefined): SendSpan | undefined {
  const context = api.trace.getSpan(active)?.spanContext();
  if (!isValid(context)) return undefined;
  const { traceId, spanId } = context;
  return { traceId, spanId, headers: headersOf(context, baggage), settled: () => {} };
}

/** What is active; where no context manager has brought it here, the span of the scope. */
function parentOf({ api }: Bridged, active: OtelContext, headers: TraceHeaders | undefined): OtelContext {
  if (headers === undefined || isValid(api.trace.getSpan(active)?.spanContext())) return active;
  const remote = remoteSpanOf(headers);
  return remote === undefined ? active : api.trace.setSpanContext(active, remote);
}

function nameOf({ naming }: Bridged, send: Send, isResent: boolean): NamedSpan {
  const own = naming[send.system]?.send;
  if (own !== undefined) return { name: own.name, kind: SPAN_KIND[own.kind] };
  // Low in cardinality: the method, and what the app says is the pattern of the path.
  if (send.kind === 'request') return { name: send.eventType ?? 'HTTP', kind: SPAN_KIND.client };
  // Of a message made earlier the creation context is another span; of what an outbox is given, this one.
  const kind = isResent ? SPAN_KIND.client : SPAN_KIND.producer;
  return { name: `${operationOf(send)} ${send.destination}`, kind };
}

function operationOf({ edge }: Send): 'create' | 'send' {
  return edge === 'outbox' ? 'create' : 'send';
}

function attributesOf({ send, envelope, count, scope }: SendStart): OtelAttributes {
  if (send.kind === 'request') {
    const attributes = envelope === undefined ? {} : identityAttributes(envelope);
    attributes[ATTRIBUTE.httpMethod] = methodOf(send.eventType ?? 'HTTP');
    attributes[ATTRIBUTE.serverAddress] = send.destination;
    return attributes;
  }
  const attributes = messagingAttributes(envelope, undefined, send, operationOf(send));
  if (count > 1) attributes[ATTRIBUTE.messageCount] = count;
  if (envelope === undefined && scope !== undefined) attributes[ATTRIBUTE.correlationId] = scope.context.correlationId;
  return attributes;
}

function settle(span: OtelSpan, { status, brokerId, error }: Receipt): void {
  if (brokerId != null) span.setAttribute(ATTRIBUTE.brokerId, brokerId);
  if (error !== undefined) markFailed(span, error);
  else if (status === 'refused') {
    span.setAttribute(ATTRIBUTE.errorType, status);
    span.setStatus({ code: STATUS_ERROR, message: 'The transport refused it.' });
  }
  span.end();
}
