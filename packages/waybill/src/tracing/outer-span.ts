import type { ExecutionStart } from '../core/tracing.ts';
import { type Bridged, takenSpans } from './bridged.ts';
import { type OtelContext, type OtelSpan, SPAN_KIND } from './opentelemetry-api.ts';
import { kindOf } from './sdk-span.ts';
import { isSampled, isValid } from './span-context.ts';

/**
 * The span that another tool has begun for this very run: a web framework's instrumentation, a function runtime, a
 * library that traces itself. What is merely active proves nothing for a delivery, because clients run each handler in
 * the context of their start: there it has to be a consumer's span, or the adapter knows that its library makes one.
 */
export function outerSpan({ api }: Bridged, { edge, place }: ExecutionStart): OtelSpan | undefined {
  const active = api.context.active();
  const span = (edge === undefined ? undefined : requestSpan(active)) ?? api.trace.getSpan(active);
  if (span === undefined || takenSpans.has(span)) return undefined;
  const context = span.spanContext();
  if (!isValid(context) || context.isRemote === true) return undefined;
  // Sampled, and recording no more: it has ended, and belongs to whoever started the client.
  if (!span.isRecording() && isSampled(context)) return undefined;
  return edge !== undefined || place.isTraced || kindOf(span) === SPAN_KIND.consumer ? span : undefined;
}

/** Where `@opentelemetry/core` has instrumentations of servers and of frameworks meet: its key, and its value. */
const RPC_METADATA_KEY = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA');

/** Of the request as a whole: in a middleware the span of that middleware is active, which ends long before. */
function requestSpan(active: OtelContext): OtelSpan | undefined {
  const metadata = active.getValue(RPC_METADATA_KEY) as { readonly span?: OtelSpan } | undefined; // sound: so it is set
  const span = metadata?.span;
  return span === undefined || takenSpans.has(span) ? undefined : span;
}
