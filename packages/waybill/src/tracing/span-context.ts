import { parseTraceparent, type TraceHeaders, traceparentOf } from '../core/w3c.ts';
import type { OtelSpanContext } from './opentelemetry-api.ts';
import { TraceState } from './trace-state.ts';

const SAMPLED = 1;

export function isSampled({ traceFlags }: OtelSpanContext): boolean {
  return (traceFlags & SAMPLED) === SAMPLED;
}

/** Without a tracer the API answers with zeros. */
export function isValid(context: OtelSpanContext | undefined): context is OtelSpanContext {
  return context !== undefined && !isZero(context.spanId) && !isZero(context.traceId);
}

function isZero(id: string): boolean {
  return id === '' || (id.startsWith('0') && /^0+$/.test(id)); // a pattern costs more, and few ids begin so
}

/** The span that headers name; undefined where they name none. */
export function remoteSpanOf({ traceparent, tracestate }: TraceHeaders): OtelSpanContext | undefined {
  const parent = traceparent === undefined ? null : parseTraceparent(traceparent);
  if (parent === null) return undefined;
  const { traceId, spanId, flags } = parent;
  const named = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return tracestate === undefined ? named : { ...named, traceState: new TraceState(tracestate) };
}

/** A span as the standard headers name it. */
export function headersOf(span: OtelSpanContext, baggage: string | undefined): TraceHeaders {
  const tracestate = span.traceState?.serialize();
  return {
    traceparent: traceparentOf(span.traceId, span.spanId, span.traceFlags),
    tracestate: tracestate === '' ? undefined : tracestate,
    baggage,
  };
}
