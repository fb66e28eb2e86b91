import type { Delivery } from './delivery.ts';
import { type Envelope, type Gap, isEnvelope } from './envelope.ts';
import type { ForeignIdentity } from './facts.ts';
import { wholeOrNone } from './identity-text.ts';
import { hashedMessageId, tickId } from './ids.ts';
import type { Kernel } from './kernel.ts';
import { RULES, type Rule } from './rules.ts';
import { traceHeadersOf } from './trace.ts';
import { NO_TRACE_HEADERS, type TraceHeaders } from './w3c.ts';

/** The account of what nobody in particular asked for. */
const SYSTEM_TENANT = 'system';

/** A delivery's envelope, by the rule of its situation: the one that it carries, or one that is made of where it lies. */
export function arrivedEnvelope(
  kernel: Kernel,
  delivery: Delivery,
  carried: Envelope | Gap,
  rule: Rule,
  at: number,
): Envelope {
  if (rule === RULES.tick) return tickEnvelope(kernel, delivery, carried, at);
  if (rule.messageId === 'carried' && isEnvelope(carried)) return carried;
  const { system, destination, brokerId } = delivery;
  const messageId = brokerId === undefined ? kernel.mint('msg', at) : hashedMessageId(system, destination, brokerId);
  const named = rule === RULES.partial && typeof carried === 'object' && !isEnvelope(carried) ? carried : undefined;
  return {
    ...NOTHING_CARRIED,
    messageId,
    correlationId: named?.correlationId ?? messageId,
    traceHeaders: rule === RULES.deliveryPublic ? publicHeaders(carried) : traceHeadersOf(carried),
    tenantId: wholeOrNone(delivery.tenantId),
    eventType: wholeOrNone(delivery.eventType),
    businessKey: wholeOrNone(delivery.businessKey),
    bindingsJson: rule === RULES.deliveryPublic ? null : (delivery.bindingsJson ?? null),
    foreign: rule === RULES.deliveryPublic ? foreignOf(carried) : undefined,
  };
}

/** A tick is a message of its own, the same wherever it fires; its template only says whose it is. */
function tickEnvelope(kernel: Kernel, delivery: Delivery, carried: Envelope | Gap, at: number): Envelope {
  const template = isEnvelope(carried) ? carried : undefined;
  const { schedule, system, destination, brokerId } = delivery;
  const scheduleId = schedule?.id ?? template?.relations?.scheduleId;
  const messageId =
    schedule !== undefined
      ? tickId(kernel.namespace, schedule.id, schedule.dueAt)
      : brokerId === undefined
        ? kernel.mint('tick', at)
        : hashedMessageId(system, destination, brokerId);
  return {
    ...NOTHING_CARRIED,
    messageId,
    correlationId: messageId,
    traceHeaders: NO_TRACE_HEADERS,
    tenantId: wholeOrNone(delivery.tenantId) ?? template?.tenantId ?? SYSTEM_TENANT,
    operation: template?.operation ?? wholeOrNone(scheduleId),
    eventType: template?.eventType ?? wholeOrNone(delivery.eventType),
    businessKey: template?.businessKey ?? wholeOrNone(delivery.businessKey),
    relations: { scheduleId },
  };
}

const NOTHING_CARRIED = {
  causationId: null,
  traceId: null,
  operation: null,
  byExecutionId: null,
  traceMode: null,
  traceReason: null,
  hop: 0,
  sentAt: null,
  bindingsJson: null,
  hiddenJson: null,
} as const;

/** A stranger may say which trace it was in, and no more: its baggage could name a workflow of ours. */
export function publicHeaders(carried: Envelope | Gap): TraceHeaders {
  const { traceparent, tracestate } = traceHeadersOf(carried);
  return traceparent === undefined ? NO_TRACE_HEADERS : { traceparent, tracestate };
}

/** What a stranger claimed: kept, and believed in nothing. */
export function foreignOf(carried: Envelope | Gap): ForeignIdentity | undefined {
  return isEnvelope(carried) ? { correlation_id: carried.correlationId } : undefined;
}
