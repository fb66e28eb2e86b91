import type { Context } from './context.ts';
import type { Delivery, Execution, Settlement } from './delivery.ts';
import { type Envelope, type Gap, isEnvelope, type Unusable } from './envelope.ts';
import { freshScope, OpenExecution } from './execution.ts';
import type { Grouping } from './facts.ts';
import { hashedMessageId } from './ids.ts';
import type { Kernel } from './kernel.ts';
import { recordGap, recordSettled, recordStarted, type Started } from './record.ts';
import { RULES, type Rule } from './rules.ts';
import type { Run } from './scope.ts';
import { type ExecutionTrace, traceHeadersOf, traceOf } from './trace.ts';

/** The weakest situation wins: what was dead once is no first delivery, whatever its attempt says. */
function situationOf(delivery: Delivery): Rule {
  const { envelope } = delivery;
  if (!isEnvelope(envelope)) {
    const isTraced = typeof envelope === 'object' && envelope.traceHeaders.traceparent !== undefined;
    return isTraced ? RULES.w3cOnly : RULES.nothingReadable;
  }
  if (delivery.deadLettered) return RULES.deadLetter;
  if ((delivery.attempt ?? 1) > 1) return RULES.retry;
  return delivery.redelivered ? RULES.redelivery : RULES.firstDelivery;
}

/** An envelope for what came without one. It begins a workflow, and is the same for every delivery of the message. */
function rootEnvelope(kernel: Kernel, delivery: Delivery, at: number, gap: Gap): Envelope {
  const { system, destination, brokerId } = delivery;
  const messageId = brokerId === undefined ? kernel.mint('msg', at) : hashedMessageId(system, destination, brokerId);
  return {
    messageId,
    correlationId: messageId,
    causationId: null,
    traceId: null,
    traceHeaders: traceHeadersOf(gap),
    tenantId: null,
    operation: null,
    eventType: delivery.eventType ?? null,
    businessKey: null,
    byExecutionId: null,
    traceMode: null,
    traceReason: null,
    hop: 0,
    sentAt: null,
    bindingsJson: null,
    hiddenJson: null,
  };
}

/** The headers that were looked for and not found, or not usable. */
const ALL_MISSING = ['waybill', 'traceparent'];
const WAYBILL_MISSING = ['waybill'];

function gapReason(gap: Gap, rule: Rule): 'no_context' | 'w3c_only' | Unusable {
  const unusable = typeof gap === 'object' ? gap.unusable : gap === 'absent' ? undefined : gap;
  if (unusable !== undefined) return unusable;
  return rule === RULES.w3cOnly ? 'w3c_only' : 'no_context';
}

/** What a batch gives to each of its items: one execution, one trace, and the place in it. */
interface BatchPlace {
  readonly executionId: string;
  readonly trace: ExecutionTrace;
  readonly run: Run;
  readonly grouping: Grouping;
}

interface Opened {
  readonly execution: OpenExecution;
  readonly envelope: Envelope;
}

/** Opens one delivery, alone or as an item of a batch. */
export function openOne(kernel: Kernel, delivery: Delivery, batch: BatchPlace | undefined): Opened {
  const at = kernel.now();
  const rule = situationOf(delivery);
  const carried = delivery.envelope;
  const bare = isEnvelope(carried) ? carried : rootEnvelope(kernel, delivery, at, carried);
  const trace = batch?.trace ?? traceOf(kernel, bare, bare.traceHeaders, rule);
  const envelope = bare.traceId === null ? { ...bare, traceId: trace.traceId } : bare;
  if (!isEnvelope(carried)) {
    const reason = gapReason(carried, rule);
    const missing = rule === RULES.w3cOnly ? WAYBILL_MISSING : ALL_MISSING;
    recordGap(kernel, envelope, delivery, at, reason, missing, null);
  }
  const context = contextOf(kernel, envelope, trace, delivery.attempt ?? null, at, batch?.executionId);
  const scope = freshScope({
    context,
    causeId: envelope.messageId,
    traceHeaders: trace.headers,
    originTraceId: trace.originTraceId,
    inheritJson: envelope.inheritJson,
    bindingsJson: envelope.bindingsJson,
    hiddenJson: envelope.hiddenJson,
    run: batch?.run,
  });
  const started: Started = { envelope, context, trace, delivery, grouping: batch?.grouping };
  recordStarted(kernel, started, at);
  const settle = (settlement: Settlement, endedAt: number | undefined) =>
    recordSettled(kernel, started, settlement, endedAt);
  return { execution: new OpenExecution(scope, kernel.now, settle), envelope };
}

export function contextOf(
  kernel: Kernel,
  envelope: Envelope,
  trace: ExecutionTrace,
  attempt: number | null,
  at: number,
  executionId: string | undefined,
): Context {
  return {
    correlationId: envelope.correlationId,
    messageId: envelope.messageId,
    causationId: envelope.causationId,
    executionId: executionId ?? kernel.mint('exe', at),
    attempt,
    traceId: trace.traceId,
    spanId: trace.spanId,
    tenantId: envelope.tenantId,
    operation: envelope.operation,
    eventType: envelope.eventType,
    businessKey: envelope.businessKey,
    hop: envelope.hop,
  };
}

/** One delivery: its scope, by the rule of its situation, and the fact that it started. */
export function open(kernel: Kernel, delivery: Delivery): Execution {
  return openOne(kernel, delivery, undefined).execution;
}
