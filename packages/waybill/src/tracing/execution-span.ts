import type { Settlement } from '../core/delivery.ts';
import type { ExecutionSpan, ExecutionStart } from '../core/tracing.ts';
import { type Bridged, entered, takenSpans, WORKFLOW_KEY } from './bridged.ts';
import { baggageOf, withBaggage, withoutClaim } from './carried-baggage.ts';
import { executionName } from './execution-name.ts';
import { creationLinks, creationSpan } from './links.ts';
import type { OtelContext, OtelSpan } from './opentelemetry-api.ts';
import { outerSpan } from './outer-span.ts';
import { ATTRIBUTE, deliveryAttributes, entryAttributes, identityAttributes } from './span-attributes.ts';
import { headersOf, isValid } from './span-context.ts';
import { markFailed } from './span-status.ts';
import { recordReceive, recordSettle } from './transport-spans.ts';

/** The span of a handler's run: child or link, as the rules have decided; or another tool's, where one is there. */
export function startExecution(bridged: Bridged, start: ExecutionStart): ExecutionSpan | undefined {
  const outer = outerSpan(bridged, start);
  if (outer !== undefined && bridged.spans !== 'always') return takeSpan(bridged, start, outer);
  return bridged.spans === 'never' || !bridged.hasProvider() ? undefined : makeSpan(bridged, start, outer);
}

interface Opened extends Pick<ExecutionSpan, 'mode' | 'reason'> {
  readonly span: OtelSpan;
  readonly context: OtelContext;
  readonly isOurs: boolean;
}

/** No span of ours beside it: its ids are the execution's, and it learns whose execution it is. */
function takeSpan(bridged: Bridged, start: ExecutionStart, span: OtelSpan): ExecutionSpan {
  const { api } = bridged;
  takenSpans.add(span);
  span.setAttributes(
    start.envelope === undefined
      ? { [ATTRIBUTE.executionId]: start.executionId }
      : identityAttributes(start.envelope, start.executionId),
  );
  const inside = insideOf(span, start);
  if (inside.mode === 'L') for (const link of creationLinks(start, inside.reason)) span.addLink(link);
  const context = entered(withoutClaim(api, api.context.active()));
  return opened(bridged, start, { span, context, isOurs: false, ...inside });
}

function makeSpan(bridged: Bridged, start: ExecutionStart, outer: OtelSpan | undefined): ExecutionSpan | undefined {
  const { api, tracer } = bridged;
  const parent = outer === undefined && start.mode === 'P' ? creationSpan(start) : undefined;
  const inside = outer === undefined ? undefined : insideOf(outer, start);
  const mode = inside ?? (start.mode === 'P' && parent === undefined ? UNJOINABLE : start);
  // Never what merely happens to be active: clients run every handler in the context of their start.
  const base = outer === undefined ? withBaggage(api, api.ROOT_CONTEXT, baggageIn(start)) : api.context.active();
  const named = start.envelope === undefined ? base : base.setValue(WORKFLOW_KEY, start.envelope.correlationId);
  const within = parent === undefined ? named : api.trace.setSpanContext(named, parent);
  const links = mode.mode === 'P' ? [] : creationLinks(start, mode.reason);
  const { name, kind } = executionName(bridged, start);
  const attributes = start.edge === undefined ? deliveryAttributes(start) : entryAttributes(start);
  const span = tracer.startSpan(name, links.length === 0 ? { kind, attributes } : { kind, attributes, links }, within);
  const context = span.spanContext();
  // Without a tracer the API gives zeros, or the parent once more.
  if (!isValid(context) || context.spanId === parent?.spanId) return undefined;
  takenSpans.add(span);
  recordReceive(bridged, start, links);
  const { mode: made, reason } = mode;
  return opened(bridged, start, { span, context: api.trace.setSpan(within, span), isOurs: true, mode: made, reason });
}

/** A trace to join that came without a span id has no span that this one could be a child of. */
const UNJOINABLE = { mode: 'root', reason: 'no span id' } as const;
const ANOTHERS = 'other instrumentation';

/** Whose child it is was another tool's choice: only what is so is said. */
function insideOf(outer: OtelSpan, start: ExecutionStart): Pick<ExecutionSpan, 'mode' | 'reason'> {
  if (creationSpan(start)?.traceId === outer.spanContext().traceId) return { mode: 'P', reason: ANOTHERS };
  return { mode: creationLinks(start, ANOTHERS).length === 0 ? 'root' : 'L', reason: ANOTHERS };
}

/** Of a batch only what all its messages came with. */
function baggageIn({ inbound }: ExecutionStart): string | undefined {
  const baggage = inbound[0]?.baggage;
  return inbound.every((headers) => headers.baggage === baggage) ? baggage : undefined;
}

function opened(bridged: Bridged, start: ExecutionStart, { span, context: active, mode, reason, isOurs }: Opened) {
  const { api } = bridged;
  const context = entered(active);
  const { traceId, spanId } = span.spanContext();
  let endedAt: number | undefined;
  return {
    ...{ traceId, spanId, mode, reason },
    headers: headersOf(span.spanContext(), baggageOf(api, context)),
    run: <R>(work: () => R): R => api.context.with(context, work),
    ended: () => {
      endedAt = performance.now(); // the SDK's own clock: a span's ends are of one
    },
    settled: (settlement: Settlement) => {
      if (!isOurs) return;
      bridged.guarded(() => {
        close(span, settlement, endedAt);
        recordSettle(bridged, start, settlement, context, endedAt);
      });
    },
  };
}

const FAILURES: ReadonlySet<Settlement['outcome']> = new Set(['retry', 'dead', 'failed']);

function close(span: OtelSpan, { outcome, error }: Settlement, endedAt: number | undefined): void {
  span.setAttribute(ATTRIBUTE.outcome, outcome);
  if (FAILURES.has(outcome)) markFailed(span, error ?? new Error(`It ended as ${outcome}, and no reason was given.`));
  span.end(endedAt);
}
