import { creationOf } from './creation.ts';
import { derivedId } from './derived-id.ts';
import type { Handling, Identity, Resolved } from './identity.ts';
import { creationAt, isCauseLate, isRecorded, type Known, startAt } from './known.ts';
import type { Span, SpanContext } from './span.ts';
import type { SpanTree } from './span-tree.ts';
import { namedSystemOf, systemOf } from './system.ts';

/** What a span is, and whether all that it rests on was there. */
export interface Resolution {
  readonly resolved: Resolved;
  readonly isComplete: boolean;
}

/** Other spans of the trace that have to be resolved before. */
export function restsOn(span: Span, tree: SpanTree): readonly Span[] {
  const around = tree.around(span);
  const above = around.is === 'entry' || around.is === 'send' ? [around.span] : [];
  if (tree.roleOf(span) !== 'consumer') return above;
  return creationOf(span, tree).contexts.flatMap((context) => sendAt(context, span, tree) ?? []);
}

/** `known` of the ledger, `resolved` of what it rests on. */
export function resolve(
  span: Span,
  tree: SpanTree,
  known: Known,
  resolved: (other: Span) => Resolved | undefined,
): Resolution {
  const isOwn = isRecorded(span, known) || known.records(span.service, namedSystemOf(span));
  if (isOwn) return recorded(span, tree, known);
  const role = tree.roleOf(span);
  if (role === 'consumer') return handledMessages(span, tree, known, resolved);
  const led = ledTo(span, tree, known, resolved);
  return role === 'server' ? handledRequest(span, tree, known, led) : sent(span, known, led);
}

/**
 * A message that was sent is known by the facts of its service; what was handled, by its start. Where these are missing
 * whatever rests on it waits, and not the span itself.
 */
function recorded(span: Span, tree: SpanTree, known: Known): Resolution {
  const isSend = tree.roleOf(span) === 'send';
  const handling = isSend ? createdHandling(span, known) : startedHandling(span, known);
  return { resolved: { is: 'recorded', handling }, isComplete: true };
}

function createdHandling(span: Span, known: Known): Handling | null {
  const fact = creationAt(span, span, systemOf(span), known);
  return fact === undefined ? null : { causeId: fact.message_id, correlationId: fact.correlation_id };
}

function startedHandling(context: SpanContext, known: Known): Handling | null {
  const start = startAt(context, known);
  if (start === undefined) return null;
  const { message_id, correlation_id, execution_id, batch } = start;
  return { causeId: batch?.id ?? message_id, correlationId: correlation_id, executionId: execution_id };
}

interface Led {
  /** Null at a root, and where it is not known. */
  readonly handling: Handling | null;
  readonly isComplete: boolean;
  /** A true root, or something that is known. */
  readonly isKnown: boolean;
}

/** What was being handled when the span began. */
function ledTo(span: Span, tree: SpanTree, known: Known, resolved: (other: Span) => Resolved | undefined): Led {
  const around = tree.around(span);
  if (around.is === 'root') return { handling: null, isComplete: true, isKnown: true };
  const handling =
    around.is === 'missing' ? startedHandling(around.context, known) : (resolved(around.span)?.handling ?? null);
  return { handling, isComplete: handling !== null, isKnown: handling !== null };
}

function sent(span: Span, known: Known, { handling, isComplete }: Led): Resolution {
  const messageId = span.message_id ?? derivedId('msg', span.trace_id, span.span_id);
  const correlationId = span.correlation_id ?? handling?.correlationId ?? messageId;
  const causationId = span.causation_id ?? handling?.causeId ?? null;
  const identity: Identity = {
    ...{ messageId, correlationId, causationId },
    correlations: span.correlation_id === undefined ? handling?.correlations : undefined,
    byExecutionId: causationId === handling?.causeId ? handling?.executionId : undefined,
  };
  const resolved: Resolved = {
    ...{ is: 'sent', identity, handling: { causeId: messageId, correlationId } },
    isCauseLate: causationId !== null && isCauseLate(span, known),
  };
  return { resolved, isComplete: isComplete || isStamped(span) };
}

/** What a propagator of ours has stamped needs no tree to tell. */
function isStamped({ message_id, correlation_id, causation_id }: Partial<Span>): boolean {
  return message_id !== undefined && correlation_id !== undefined && causation_id !== undefined;
}

function handledRequest(span: Span, tree: SpanTree, known: Known, led: Led): Resolution {
  const { contexts, by } = creationOf(span, tree);
  const around = tree.around(span);
  // A caller of ours that has no tracer leaves no span, and says in its facts what it sent.
  const context = around.is === 'missing' && by === 'itself' ? around.context : (contexts[0] ?? span);
  const call = creationAt(context, span, 'http', known);
  const own = contexts[0] ?? span;
  const messageId = span.message_id ?? call?.message_id ?? derivedId('req', own.trace_id, own.span_id);
  const isKnown = led.isKnown || call !== undefined || isStamped(span);
  const identity: Identity = {
    messageId,
    correlationId: span.correlation_id ?? call?.correlation_id ?? led.handling?.correlationId ?? messageId,
    causationId: span.causation_id ?? call?.causation_id ?? led.handling?.causeId ?? null,
    isLost: isKnown ? undefined : true,
  };
  return handled(span, [identity], span.parent_span_id === undefined ? 'itself' : 'parent');
}

function handledMessages(
  span: Span,
  tree: SpanTree,
  known: Known,
  resolved: (other: Span) => Resolved | undefined,
): Resolution {
  const { contexts, by } = creationOf(span, tree);
  // A stamp names one message, and a batch has several.
  const stamped: Partial<Span> = contexts.length === 1 ? span : {};
  const items = contexts.map((context): Identity => {
    const created = createdAs(context, span, tree, known, resolved);
    const isKnown = by === 'itself' || created !== undefined || isStamped(stamped);
    const messageId = stamped.message_id ?? created?.messageId ?? derivedId('msg', context.trace_id, context.span_id);
    return {
      messageId,
      correlationId: stamped.correlation_id ?? created?.correlationId ?? messageId,
      causationId: stamped.causation_id ?? created?.causationId ?? null,
      isLost: isKnown ? undefined : true,
    };
  });
  return handled(span, items, by);
}

/** Who was created by a span: another of this trace, or one of which facts are known. */
function createdAs(
  context: SpanContext,
  taker: Span,
  tree: SpanTree,
  known: Known,
  resolved: (other: Span) => Resolved | undefined,
): Identity | undefined {
  const sender = sendAt(context, taker, tree);
  const own = sender === undefined ? undefined : resolved(sender);
  if (own?.is === 'sent') return own.identity;
  const fact = creationAt(context, taker, systemOf(taker), known);
  if (fact === undefined) return undefined;
  return { messageId: fact.message_id, correlationId: fact.correlation_id, causationId: fact.causation_id };
}

function sendAt(context: SpanContext, taker: Span, tree: SpanTree): Span | undefined {
  const span = context.trace_id === taker.trace_id ? tree.get(context.span_id) : undefined;
  return span !== undefined && tree.roleOf(span) === 'send' ? span : undefined;
}

function handled(span: Span, items: readonly Identity[], by: 'link' | 'parent' | 'itself'): Resolution {
  const { trace_id, span_id } = span;
  const executionId = span.execution_id ?? derivedId('exe', trace_id, span_id);
  const batchId = items.length > 1 ? derivedId('bat', trace_id, span_id) : null;
  const workflows = [...new Set(items.map(({ correlationId }) => correlationId))];
  const causeId = batchId ?? items[0]?.messageId ?? executionId;
  const handling: Handling =
    workflows.length === 1
      ? { causeId, executionId, correlationId: workflows[0] ?? causeId }
      : { causeId, executionId, correlationId: causeId, correlations: workflows };
  const resolved: Resolved = { is: 'handled', items, batchId, executionId, handling, by };
  return { resolved, isComplete: items.every(({ isLost }) => isLost === undefined) };
}
