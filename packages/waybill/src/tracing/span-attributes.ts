import type { Envelope } from '../core/envelope.ts';
import type { Send } from '../core/send.ts';
import type { ExecutionStart } from '../core/tracing.ts';
import { methodOf } from './execution-name.ts';
import type { OtelAttributes } from './opentelemetry-api.ts';

/** OpenTelemetry's messaging conventions, and where they have no name ours, as facts have them. A test holds both. */
export const ATTRIBUTE = {
  system: 'messaging.system.name',
  /** Its name until 2026, which is what backends and dashboards know: written beside the new one. */
  systemBefore: 'messaging.system',
  operationName: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  subscription: 'messaging.destination.subscription.name',
  messageCount: 'messaging.batch.message_count',
  brokerId: 'messaging.message.id',
  conversationId: 'messaging.message.conversation_id',
  errorType: 'error.type',
  httpMethod: 'http.request.method',
  serverAddress: 'server.address',
  messageId: 'waybill.message_id',
  correlationId: 'waybill.correlation_id',
  causationId: 'waybill.causation_id',
  executionId: 'waybill.execution_id',
  byExecutionId: 'waybill.by_execution_id',
  attempt: 'waybill.attempt',
  tenantId: 'waybill.tenant_id',
  operation: 'waybill.operation',
  eventType: 'waybill.event_type',
  businessKey: 'waybill.business_key',
  outcome: 'waybill.outcome',
  status: 'waybill.status',
  gapReason: 'waybill.gap.reason',
  why: 'waybill.why',
  /** Of a link: why this is no child. */
  linkReason: 'waybill.trace_mode.reason',
} as const;

type Identity = Pick<
  Envelope,
  'messageId' | 'correlationId' | 'causationId' | 'tenantId' | 'operation' | 'eventType' | 'businessKey'
>;

/** Who and why, on whatever span or log record. */
export function identityAttributes(identity: Identity, executionId?: string): OtelAttributes {
  const attributes: OtelAttributes = {
    [ATTRIBUTE.messageId]: identity.messageId,
    [ATTRIBUTE.correlationId]: identity.correlationId,
  };
  if (identity.causationId !== null) attributes[ATTRIBUTE.causationId] = identity.causationId;
  if (executionId !== undefined) attributes[ATTRIBUTE.executionId] = executionId;
  if (identity.tenantId !== null) attributes[ATTRIBUTE.tenantId] = identity.tenantId;
  if (identity.operation !== null) attributes[ATTRIBUTE.operation] = identity.operation;
  if (identity.eventType !== null) attributes[ATTRIBUTE.eventType] = identity.eventType;
  if (identity.businessKey !== null) attributes[ATTRIBUTE.businessKey] = identity.businessKey;
  return attributes;
}

/** One operation on a destination, as the conventions describe it. */
export function messagingAttributes(
  identity: Identity | undefined,
  executionId: string | undefined,
  { system, destination }: Pick<Send, 'system' | 'destination'>,
  operation: 'create' | 'send' | 'receive' | 'process' | 'settle',
  name: string = operation,
): OtelAttributes {
  const attributes = identity === undefined ? {} : identityAttributes(identity, executionId);
  attributes[ATTRIBUTE.system] = system;
  attributes[ATTRIBUTE.systemBefore] = system;
  attributes[ATTRIBUTE.operationType] = operation;
  attributes[ATTRIBUTE.operationName] = name;
  attributes[ATTRIBUTE.destination] = destination;
  if (identity !== undefined) attributes[ATTRIBUTE.conversationId] = identity.correlationId;
  return attributes;
}

/** Of a run that work enters by. */
export function entryAttributes({ place, edge, envelope, executionId }: ExecutionStart): OtelAttributes {
  const attributes = envelope === undefined ? {} : identityAttributes(envelope, executionId);
  if (place.system === 'http' && edge?.eventType != null) attributes[ATTRIBUTE.httpMethod] = methodOf(edge.eventType);
  return attributes;
}

/** What a handler's run says beside it. */
export function deliveryAttributes(start: ExecutionStart): OtelAttributes {
  const { place, envelope, executionId, inbound } = start;
  const attributes = messagingAttributes(envelope, executionId, place, 'process');
  if (envelope === undefined) attributes[ATTRIBUTE.executionId] = executionId;
  if (place.subscription !== undefined) attributes[ATTRIBUTE.subscription] = place.subscription;
  if (inbound.length > 1) attributes[ATTRIBUTE.messageCount] = inbound.length;
  else if (place.brokerId !== undefined) attributes[ATTRIBUTE.brokerId] = place.brokerId;
  if (place.attempt !== undefined && inbound.length === 1) attributes[ATTRIBUTE.attempt] = place.attempt;
  return attributes;
}
