import { foreignOf, publicHeaders } from './arrived-envelope.ts';
import { bindingsJsonOf, bindingsOf } from './bindings.ts';
import type { Execution, IngressEdge, Settlement } from './delivery.ts';
import { situationOfGap } from './delivery-situation.ts';
import { type Envelope, type Gap, isEnvelope } from './envelope.ts';
import { freshRun, freshScope, OpenExecution } from './execution.ts';
import { wholeOrNone } from './identity-text.ts';
import { tickId } from './ids.ts';
import type { Kernel } from './kernel.ts';
import { contextOf } from './open.ts';
import { recordSettled, recordStarted, type Started } from './record-execution.ts';
import { recordLoss } from './record-gap.ts';
import { RULES, type Rule } from './rules.ts';
import { traceHeadersOf, traceOfRun } from './trace.ts';
import { NO_TRACE_HEADERS, type TraceHeaders } from './w3c.ts';

/** Where work enters: what is believed of what came with it, and by which rule. */
interface Entry {
  readonly rule: Rule;
  readonly inbound: Envelope | undefined;
  /** The workflow that baggage alone names. */
  readonly workflow: string | undefined;
  readonly headers: TraceHeaders;
}

function entryOf({ schedule, trust, envelope: carried = 'absent' }: IngressEdge): Entry {
  if (schedule !== undefined) {
    return { rule: RULES.tick, inbound: undefined, workflow: undefined, headers: NO_TRACE_HEADERS };
  }
  if (trust !== 'trusted') {
    return { rule: RULES.ingressPublic, inbound: undefined, workflow: undefined, headers: publicHeaders(carried) };
  }
  const inbound = isEnvelope(carried) ? carried : undefined;
  const workflow = typeof carried === 'object' && !isEnvelope(carried) ? carried.correlationId : undefined;
  return { rule: RULES.ingressTrusted, inbound, workflow, headers: traceHeadersOf(carried) };
}

/** The request itself is the message: the root of a workflow, or behind a trusted edge the next link of one. */
function requestEnvelope(kernel: Kernel, edge: IngressEdge, entry: Entry, at: number): Envelope {
  const { inbound, workflow, headers } = entry;
  const named = inbound?.messageId.startsWith('req_') ? inbound.messageId : undefined;
  const messageId = named ?? newMessageId(kernel, edge, at);
  const operation = wholeOrNone(edge.operation);
  return {
    messageId,
    correlationId: inbound?.correlationId ?? workflow ?? messageId,
    // An inbound message that is no request was what the caller handled: it is the cause of this request.
    causationId: inbound === undefined ? null : named === undefined ? inbound.messageId : inbound.causationId,
    traceId: inbound?.traceId ?? null,
    originTraceId: inbound?.originTraceId,
    traceHeaders: headers,
    tenantId: tenantOf(edge, inbound),
    operation,
    eventType: wholeOrNone(edge.eventType) ?? operation,
    businessKey: edge.businessKey == null ? (inbound?.businessKey ?? null) : wholeOrNone(edge.businessKey),
    byExecutionId: null,
    traceMode: inbound?.traceMode ?? null,
    traceReason: null,
    hop: inbound === undefined ? 0 : named === undefined ? inbound.hop + 1 : inbound.hop,
    sentAt: null,
    bindingsJson: allowedBindings(edge, inbound),
    hiddenJson: null,
    relations: edge.schedule === undefined ? undefined : { scheduleId: edge.schedule.id },
    inheritJson: inbound?.inheritJson,
  };
}

function newMessageId(kernel: Kernel, { schedule }: IngressEdge, at: number): string {
  return schedule === undefined
    ? (kernel.tracing?.requestId?.() ?? kernel.mint('req', at))
    : tickId(kernel.namespace, schedule.id, wholeMoment(schedule.dueAt, at));
}

/** A due time that no clock could show would make a different id in each scheduler. */
function wholeMoment(dueAt: number, otherwise: number): number {
  return Number.isFinite(dueAt) ? Math.floor(dueAt) : otherwise;
}

/** One that is too long is dropped: another's would be worse than none. */
function tenantOf(edge: IngressEdge, inbound: Envelope | undefined): string | null {
  if (edge.tenantId != null) return wholeOrNone(edge.tenantId);
  return edge.schedule === undefined ? (inbound?.tenantId ?? null) : 'system';
}

/** Of the bindings that came with it, those that the edge lets in. */
function allowedBindings({ inboundBindings }: IngressEdge, inbound: Envelope | undefined): string | null {
  if (inboundBindings === undefined || inbound === undefined || inbound.bindingsJson === null) return null;
  const carried = bindingsOf(inbound.bindingsJson);
  return bindingsJsonOf(Object.fromEntries(Object.entries(carried).filter(([name]) => inboundBindings.includes(name))));
}

/** Where work enters. What a public edge carries is kept as `foreign` and believed in nothing. */
export function ingress(kernel: Kernel, edge: IngressEdge): Execution {
  const at = kernel.now();
  const carried = edge.envelope ?? 'absent';
  const entry = entryOf(edge);
  const { rule } = entry;
  const bare = requestEnvelope(kernel, edge, entry, at);
  const executionId = kernel.mint('exe', at);
  const place = placeOf(kernel, edge);
  const run = { place, edge, envelope: bare, executionId, inbound: [entry.headers] };
  const trace = traceOfRun(kernel, run, rule);
  const envelope = { ...bare, traceId: trace.traceId };
  // A request that its caller sends again is the same one, and does not say which time it is.
  const isFirst = rule === RULES.ingressPublic;
  const context = contextOf(envelope, trace, isFirst ? 1 : null, executionId);
  const scope = freshScope({
    context,
    causeId: envelope.messageId,
    traceHeaders: trace.headers,
    originTraceId: trace.originTraceId,
    inheritJson: envelope.inheritJson,
    bindingsJson: envelope.bindingsJson,
    hiddenJson: null,
    run: freshRun(kernel),
  });
  const delivery = {
    ...place,
    receivedAt: at,
    schedule: edge.schedule,
    ...(isFirst ? { deliveryCount: 1, redelivered: false } : {}),
  };
  recordEntryLoss(kernel, envelope, delivery, carried, rule, at);
  const foreign = isFirst ? foreignOf(carried) : envelope.foreign;
  const started: Started = { envelope, context, trace, delivery, foreign };
  recordStarted(kernel, started, at);
  return new OpenExecution(scope, kernel.now, trace.span, (settlement: Settlement, endedAt) => {
    recordSettled(kernel, started, settlement, endedAt);
    trace.span?.settled(settlement);
  });
}

function placeOf(kernel: Kernel, edge: IngressEdge) {
  const system = edge.system ?? (edge.schedule === undefined ? 'http' : 'cron');
  return { system, destination: edge.destination ?? kernel.service };
}

/** Behind a trusted edge only our own services call: what comes without context has lost it. */
function recordEntryLoss(
  kernel: Kernel,
  envelope: Envelope,
  place: { readonly system: string; readonly destination: string },
  carried: Envelope | Gap,
  rule: Rule,
  at: number,
): void {
  if (rule !== RULES.ingressTrusted || isEnvelope(carried)) return;
  const { gap } = situationOfGap(carried);
  if (gap !== null) recordLoss(kernel, envelope, place, carried, gap, at);
}
