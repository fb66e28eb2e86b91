import type { OpenTelemetryApi, OtelContext, OtelSpan, OtelTracer } from './opentelemetry-api.ts';
import type { SpanNaming } from './span-naming.ts';

/** The inside of a bridge: what its parts need of it. */
export interface Bridged {
  readonly api: OpenTelemetryApi;
  readonly tracer: OtelTracer;
  /** False where no span that we begin would be one. */
  hasProvider(): boolean;
  readonly spans: 'auto' | 'always' | 'never';
  readonly hasSettleSpans: boolean;
  readonly naming: Readonly<Record<string, SpanNaming>>;
  /** Undefined where it throws, and counted. */
  guarded<R>(work: () => R): R | undefined;
}

/** Under which a context names its workflow: a sampler is asked before there is a span. */
export const WORKFLOW_KEY = Symbol.for('waybill.workflow');

/** In which our scopes run: its baggage is what the app has made of it. */
const ENTERED_KEY = Symbol.for('waybill.entered');

export function entered(context: OtelContext): OtelContext {
  return context.setValue(ENTERED_KEY, true);
}

/** Whether a context manager is registered, and has brought ours to here. */
export function isEntered(context: OtelContext): boolean {
  return context.getValue(ENTERED_KEY) === true;
}

/** Spans that stand for an execution already: no other one may take them for its own. */
export const takenSpans = new WeakSet<OtelSpan>();
