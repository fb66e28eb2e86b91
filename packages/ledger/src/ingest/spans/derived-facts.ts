import { createHash } from 'node:crypto';
import type { CreatedFact, FactCommon, FactError, SentFact, SettledFact, StartedFact } from 'waybill';
import { derivedId } from './derived-id.ts';
import type { Identity, Resolved } from './identity.ts';
import type { Span } from './span.ts';
import { systemOf } from './system.ts';

type Sent = Extract<Resolved, { is: 'sent' }>;
type Handled = Extract<Resolved, { is: 'handled' }>;

/**
 * That the message was sent. By the end of the span a consumer may have begun, so it is told at its start; and where
 * the span failed, nobody knows whether the transport took it.
 */
export function sentFact(span: Span, { identity }: Sent): SentFact {
  return { ...creation(span, 'sent', identity), kind: 'sent', status: span.is_error ? 'unknown' : 'taken' };
}

/** A fact stands as it is. What caused a message that was told without a cause is told by another, of its creation. */
export function lateCauseFact(span: Span, { identity }: Sent): CreatedFact {
  return { ...creation(span, 'created', identity), kind: 'created' };
}

function creation(span: Span, kind: 'sent' | 'created', identity: Identity) {
  const { correlations, byExecutionId } = identity;
  return {
    ...common(span, kind, 0, span.started_at, identity),
    ...(correlations !== undefined && { correlations }),
    ...(byExecutionId !== undefined && { by_execution_id: byExecutionId }),
  };
}

/** That each of the messages was started, and how that ended. */
export function handledFacts(span: Span, handled: Handled): (StartedFact | SettledFact)[] {
  const { items, batchId, executionId } = handled;
  const error = errorOf(span);
  const taken = { execution_id: executionId, attempt: null, subscription: span.subscription ?? destinationOf(span) };
  return items.flatMap((identity, index) => {
    const batch = batchId === null ? {} : { batch: { id: batchId, index, count: items.length } };
    const started: StartedFact = {
      ...common(span, 'started', index, span.started_at, identity),
      ...{
        kind: 'started',
        ...taken,
        received_at: span.started_at,
        trace_mode: modeOf(span, handled, identity),
        ...batch,
      },
    };
    const settled: SettledFact = {
      ...common(span, 'settled', index, span.ended_at, identity),
      ...{ kind: 'settled', ...taken, outcome: outcomeOf(span), ...(error !== undefined && { error }) },
    };
    return [started, settled];
  });
}

function common(span: Span, kind: string, index: number, at: number, identity: Identity): FactCommon {
  const { trace_id, span_id, service, instance, version, business_key, broker_id, conversation_id } = span;
  return {
    fact_id: derivedId('fct', kind, trace_id, span_id, index),
    ...{ at, service, instance, seq: 0 },
    ...(version !== undefined && { version }),
    message_id: identity.messageId,
    correlation_id: identity.correlationId,
    causation_id: identity.causationId,
    ...(conversation_id !== undefined && { foreign: { correlation_id: conversation_id } }),
    ...{ trace_id, span_id },
    tenant_id: span.tenant_id ?? null,
    operation: span.operation ?? null,
    event_type: span.event_type ?? requestTypeOf(span),
    ...(business_key !== undefined && { business_key }),
    ...{ system: systemOf(span), destination: destinationOf(span) },
    ...(broker_id !== undefined && { broker_id }),
    inferred: true,
  };
}

/** As the adapters of web frameworks say it: method and route; without them the span's own name says as much. */
function requestTypeOf({ kind, http_method: method, http_route: route, name }: Span): string | null {
  if (kind !== 'server') return null;
  return method === undefined || route === undefined ? name : `${method} ${route.split('?', 1)[0]}`;
}

/** A request's destination is the service that it comes to; RabbitMQ's default exchange has no name but its keys. */
function destinationOf({ kind, service, destination, routing_key: key }: Span): string {
  return kind === 'server' ? service : (destination ?? key ?? 'unknown');
}

function modeOf({ kind }: Span, { by, batchId }: Handled, { isLost }: Identity): StartedFact['trace_mode'] {
  const mode = by === 'link' ? 'L' : by === 'parent' ? 'P' : 'root';
  if (isLost) return { mode, reason: 'w3c_only' };
  if (by !== 'itself') return { mode, reason: batchId === null ? `span ${by}` : 'batch' };
  // A request may be the first; a message has come from somewhere.
  return { mode, reason: kind === 'server' ? 'root span' : 'no_context' };
}

/** What a transport does with a message that failed is not in its span; a request is not tried again. */
function outcomeOf(span: Span): SettledFact['outcome'] {
  if (span.kind !== 'server') return span.is_error ? 'failed' : 'ok';
  return span.is_error || isServerError(span) ? 'dead' : 'ok';
}

function isServerError({ http_status: status }: Span): boolean {
  return status?.startsWith('5') === true;
}

function errorOf(span: Span): FactError | undefined {
  if (outcomeOf(span) === 'ok') return undefined;
  const type = span.error_type ?? (isServerError(span) ? `HTTP ${span.http_status}` : 'Error');
  const message = span.error_message ?? '';
  return { type, message, fingerprint: fingerprintOf(type, message) };
}

// As recorders do it, so that one trouble is one, whoever tells of it: without ids, numbers and what is quoted.
const PARTICULARS =
  /[0-9a-f]{8}-[0-9a-f-]{27}|\b[a-z]+_[0-9A-Z]{26}\b|\b0x[0-9a-f]+|\b[0-9a-f]{16,}\b|\d+|"[^"]*"|'[^']*'/gi;

function fingerprintOf(type: string, message: string): string {
  const pattern = message.replace(PARTICULARS, '#');
  return `f_${createHash('sha256').update(`${type}\0${pattern}`).digest('hex').slice(0, 12)}`;
}
