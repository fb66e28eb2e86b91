import type { DestinationPolicy } from './destination-policy.ts';
import type { Envelope, Relations } from './envelope.ts';
import { isWhole, wholeOrNone } from './identity-text.ts';
import type { Kernel } from './kernel.ts';
import { RULES, type Rule } from './rules.ts';
import type { Scope } from './scope.ts';
import type { Send } from './send.ts';
import { stampOf } from './send-situation.ts';
import { sentHeaders } from './trace.ts';
import { NO_TRACE_HEADERS } from './w3c.ts';

/** The envelope of a message that is made in a scope. */
export function childEnvelope(
  kernel: Kernel,
  send: Send,
  scope: Scope,
  rule: Rule,
  policy: DestinationPolicy | undefined,
  createdAt: number,
): Envelope {
  const { context, run } = scope;
  run.sends++;
  const hop = context.hop + 1;
  const stamp = stampOf(rule, scope, hop, policy);
  const isBare = rule.bindings === 'none';
  const lost = (isBare ? 0 : scope.bindings.lost + scope.hidden.lost) + lostIdentities(send);
  return {
    messageId: kernel.mint(rule === RULES.request ? 'req' : 'msg', createdAt),
    correlationId: context.correlationId,
    causationId: scope.causeId,
    traceId: context.traceId,
    originTraceId: scope.originTraceId,
    traceHeaders: sentHeaders(kernel, scope.traceHeaders),
    tenantId: context.tenantId,
    operation: send.operation === undefined ? context.operation : wholeOrNone(send.operation),
    eventType: wholeOrNone(send.eventType),
    businessKey: send.businessKey === undefined ? context.businessKey : wholeOrNone(send.businessKey),
    // A workflow begun outside every scope has no execution that made it.
    byExecutionId: scope.causeId === null ? null : context.executionId,
    traceMode: stamp.mode,
    traceReason: stamp.reason,
    hop,
    sentAt: createdAt,
    bindingsJson: isBare ? null : scope.bindings.json(),
    hiddenJson: isBare ? null : scope.hidden.json(),
    relations: relationsOf(kernel, send, scope, createdAt),
    overflow: lost === 0 ? undefined : lost,
    inheritJson: scope.inheritJson,
    unknownJson: undefined,
  };
}

/** A message that nothing leads to: it begins a workflow of its own, and its trace is nobody's child. */
export function rootEnvelope(kernel: Kernel, send: Send, createdAt: number): Envelope {
  const messageId = kernel.mint(send.kind === 'request' ? 'req' : 'msg', createdAt);
  const lost = lostIdentities(send);
  return {
    messageId,
    correlationId: messageId,
    causationId: null,
    traceId: kernel.mintTraceId(),
    originTraceId: undefined,
    traceHeaders: NO_TRACE_HEADERS,
    tenantId: null,
    operation: wholeOrNone(send.operation),
    eventType: wholeOrNone(send.eventType),
    businessKey: wholeOrNone(send.businessKey),
    byExecutionId: null,
    traceMode: 'L',
    traceReason: RULES.noScope.traceReason,
    hop: 0,
    sentAt: createdAt,
    bindingsJson: null,
    hiddenJson: null,
    relations: relationsOf(kernel, send, undefined, createdAt),
    overflow: lost === 0 ? undefined : lost,
    inheritJson: undefined,
    unknownJson: undefined,
  };
}

/** A schedule's template: whose account and which operation, and no message. Each tick makes its own. */
export function templateEnvelope(kernel: Kernel, send: Send, scope: Scope | undefined, createdAt: number): Envelope {
  const { tenantId = null, operation = null, businessKey = null } = scope?.context ?? {};
  return {
    ...rootEnvelope(kernel, { ...send, operation: send.operation ?? operation ?? undefined }, createdAt),
    messageId: '',
    correlationId: '',
    traceId: null,
    tenantId,
    businessKey: send.businessKey ?? businessKey,
    traceReason: RULES.tick.traceReason,
    relations: { scheduleId: send.scheduleId },
  };
}

/** What ties this message to others. Nothing, for most: then there is no object either. */
function relationsOf(kernel: Kernel, send: Send, scope: Scope | undefined, createdAt: number): Relations | undefined {
  const { fanout, kind, sagaId, flow, child } = send;
  const continuedFrom = scope?.continuedFrom;
  const isPlain =
    fanout === undefined &&
    kind !== 'reply' &&
    sagaId === undefined &&
    flow === undefined &&
    child !== 'awaited' &&
    continuedFrom === undefined;
  if (isPlain) return undefined;
  return {
    fanout,
    inReplyTo: kind === 'reply' ? (send.inReplyTo ?? scope?.causeId ?? undefined) : undefined,
    flow: flowOf(kernel, send, scope, createdAt),
    sagaId: wholeOrNone(sagaId) ?? undefined,
    continuedFrom,
  };
}

/** A child that its running parent waits for is in a flow of the parent's own name. */
function flowOf(kernel: Kernel, { flow, child }: Send, scope: Scope | undefined, createdAt: number): Relations['flow'] {
  if (flow !== undefined) return { ...flow, id: flow.id ?? kernel.mint('flow', createdAt) };
  return child === 'awaited' && scope?.causeId != null ? { id: scope.causeId, role: 'child' } : undefined;
}

function lostIdentities(send: Send): number {
  if (isWhole(send.operation) && isWhole(send.eventType) && isWhole(send.businessKey)) return 0;
  return Number(!isWhole(send.operation)) + Number(!isWhole(send.eventType)) + Number(!isWhole(send.businessKey));
}
