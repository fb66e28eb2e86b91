import type { Execution, IngressEdge, Settlement } from './delivery.ts';
import { type Envelope, type Gap, isEnvelope } from './envelope.ts';
import { freshScope, OpenExecution } from './execution.ts';
import { wholeOrNone } from './identity-text.ts';
import type { Kernel } from './kernel.ts';
import { contextOf } from './open.ts';
import { recordSettled, recordStarted, type Started } from './record.ts';
import { RULES } from './rules.ts';
import { traceHeadersOf, traceOf } from './trace.ts';
import { NO_TRACE_HEADERS, type TraceHeaders } from './w3c.ts';

/** The request itself is the message: the root of a workflow, or behind a trusted edge the next link of one. */
function requestEnvelope(
  kernel: Kernel,
  edge: IngressEdge,
  inbound: Envelope | undefined,
  headers: TraceHeaders,
  at: number,
): Envelope {
  const named = inbound?.messageId.startsWith('req_') ? inbound.messageId : undefined;
  const messageId = named ?? kernel.mint('req', at);
  const operation = wholeOrNone(edge.operation);
  return {
    messageId,
    correlationId: inbound?.correlationId ?? messageId,
    // An inbound message that is no request was what the caller handled: it is the cause of this request.
    causationId: inbound === undefined ? null : named === undefined ? inbound.messageId : inbound.causationId,
    traceId: inbound?.traceId ?? null,
    originTraceId: inbound?.originTraceId,
    traceHeaders: headers,
    // One that is too long is dropped: another's would be worse than none.
    tenantId: edge.tenantId == null ? (inbound?.tenantId ?? null) : wholeOrNone(edge.tenantId),
    operation,
    eventType: wholeOrNone(edge.eventType) ?? operation,
    businessKey: edge.businessKey == null ? (inbound?.businessKey ?? null) : wholeOrNone(edge.businessKey),
    byExecutionId: null,
    traceMode: inbound?.traceMode ?? null,
    traceReason: null,
    hop: inbound === undefined ? 0 : named === undefined ? inbound.hop + 1 : inbound.hop,
    sentAt: null,
    bindingsJson: null,
    hiddenJson: null,
    inheritJson: inbound?.inheritJson,
  };
}

/** A stranger may say which trace it was in, and no more: its baggage could name a workflow of ours. */
function publicHeaders(carried: Envelope | Gap): TraceHeaders {
  const { traceparent, tracestate } = traceHeadersOf(carried);
  return traceparent === undefined ? NO_TRACE_HEADERS : { traceparent, tracestate };
}

/** Where work enters. What a public edge carries is kept as `foreign` and believed in nothing. */
export function ingress(kernel: Kernel, edge: IngressEdge): Execution {
  const at = kernel.now();
  const carried = edge.envelope ?? 'absent';
  const isTrusted = edge.trust === 'trusted';
  const inbound = isTrusted && isEnvelope(carried) ? carried : undefined;
  const headers = isTrusted ? traceHeadersOf(carried) : publicHeaders(carried);
  const bare = requestEnvelope(kernel, edge, inbound, headers, at);
  const trace = traceOf(kernel, bare, headers, isTrusted ? RULES.ingressTrusted : RULES.ingressPublic);
  const envelope = { ...bare, traceId: trace.traceId };
  const context = contextOf(kernel, envelope, trace, 1, at, undefined);
  const scope = freshScope({
    context,
    causeId: envelope.messageId,
    traceHeaders: trace.headers,
    originTraceId: trace.originTraceId,
    inheritJson: envelope.inheritJson,
    bindingsJson: null,
    hiddenJson: null,
  });
  const destination = edge.destination ?? kernel.service;
  const foreign = !isTrusted && isEnvelope(carried) ? { correlation_id: carried.correlationId } : undefined;
  const delivery = { system: edge.system ?? 'http', destination, receivedAt: at, deliveryCount: 1, redelivered: false };
  const started: Started = { envelope, context, trace, delivery, foreign };
  recordStarted(kernel, started, at);
  return new OpenExecution(scope, kernel.now, (settlement: Settlement, endedAt) =>
    recordSettled(kernel, started, settlement, endedAt),
  );
}
