import { arrivedEnvelope } from './arrived-envelope.ts';
import type { Context } from './context.ts';
import type { Delivery, Execution, Settlement } from './delivery.ts';
import { situationOfDelivery } from './delivery-situation.ts';
import { readDialects } from './dialect.ts';
import { type Envelope, type Gap, isEnvelope } from './envelope.ts';
import { freshRun, freshScope, OpenExecution } from './execution.ts';
import type { Grouping } from './facts.ts';
import type { Kernel } from './kernel.ts';
import type { MessageMeter } from './metering.ts';
import { recordSettled, recordStarted, type Started } from './record-execution.ts';
import { recordLoss } from './record-gap.ts';
import type { Run } from './scope.ts';
import { type ExecutionTrace, traceHeadersOf, traceOfRun } from './trace.ts';

/** What a batch gives to each of its items: one execution, one trace, and the place in it. */
interface BatchPlace {
  readonly executionId: string;
  readonly trace: ExecutionTrace;
  readonly run: Run;
  readonly grouping: Grouping;
  /** The batch's span ends with its last item. */
  settled(settlement: Settlement): void;
}

interface Opened {
  readonly execution: OpenExecution;
  readonly envelope: Envelope;
  readonly meter: MessageMeter | undefined;
}

/** Opens one delivery, alone or as an item of a batch. */
export function openOne(kernel: Kernel, delivery: Delivery, batch: BatchPlace | undefined): Opened {
  const at = kernel.now();
  const carried = carriedBy(kernel, delivery);
  const rule = situationOfDelivery(kernel, delivery, carried);
  const bare = arrivedEnvelope(kernel, delivery, carried, rule, at);
  const executionId = batch?.executionId ?? kernel.mint('exe', at);
  const alone = { place: delivery, edge: undefined, envelope: bare, executionId, inbound: [bare.traceHeaders] };
  const trace = batch?.trace ?? traceOfRun(kernel, alone, rule, kernel.policyOf(delivery.destination));
  const envelope = bare.traceId === null ? { ...bare, traceId: trace.traceId } : bare;
  if (rule.gap !== null) recordLoss(kernel, envelope, delivery, carried, rule.gap, at);
  const context = contextOf(envelope, trace, delivery.attempt ?? null, executionId);
  const scope = freshScope({
    context,
    causeId: envelope.messageId,
    traceHeaders: trace.headers,
    originTraceId: trace.originTraceId,
    inheritJson: envelope.inheritJson,
    bindingsJson: envelope.bindingsJson,
    hiddenJson: envelope.hiddenJson,
    isReplaying: delivery.replay !== undefined,
    run: batch?.run ?? freshRun(kernel),
  });
  const started: Started = {
    envelope,
    context,
    trace,
    delivery,
    grouping: batch?.grouping,
    foreign: envelope.foreign,
  };
  recordStarted(kernel, started, at);
  const meter = kernel.metering?.started(delivery, envelope.sentAt, at);
  const settle = (settlement: Settlement, endedAt: number | undefined) => {
    recordSettled(kernel, started, settlement, endedAt);
    meter?.ended();
    if (batch !== undefined) return batch.settled(settlement);
    trace.span?.settled(settlement);
    meter?.ran(settlement, (endedAt ?? kernel.now()) - at);
  };
  return { execution: new OpenExecution(scope, kernel.now, trace.span, settle, meter), envelope, meter };
}

/** A waybill of ours first; where there is none, a foreign system's own headers may say as much. */
function carriedBy({ dialects }: Kernel, { envelope, carrier }: Delivery): Envelope | Gap {
  if (dialects.length === 0 || carrier === undefined || isEnvelope(envelope)) return envelope;
  return readDialects(dialects, carrier, traceHeadersOf(envelope)) ?? envelope;
}

export function contextOf(
  envelope: Omit<Context, 'traceId' | 'spanId' | 'executionId' | 'attempt'>,
  trace: Pick<Context, 'traceId' | 'spanId'>,
  attempt: number | null,
  executionId: string,
): Context {
  return {
    correlationId: envelope.correlationId,
    messageId: envelope.messageId,
    causationId: envelope.causationId,
    executionId,
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
