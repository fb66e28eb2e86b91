import type { DestinationPolicy } from './destination-policy.ts';
import type { Envelope, Gap } from './envelope.ts';
import type { TraceMode } from './facts.ts';
import { mintSpanId } from './ids.ts';
import type { Kernel } from './kernel.ts';
import { RULES, type Rule } from './rules.ts';
import type { ExecutionSpan, ExecutionStart } from './tracing.ts';
import { NO_TRACE_HEADERS, parseTraceparent, type SpanContext, type TraceHeaders, traceparentOf } from './w3c.ts';

/** The trace of one execution: whose child it is, and what it writes on what it sends. */
export interface ExecutionTrace {
  readonly traceId: string;
  readonly spanId: string | null;
  readonly mode: TraceMode;
  readonly reason: string;
  readonly headers: TraceHeaders;
  readonly originTraceId: string | undefined;
  /** Where a tracer runs. */
  readonly span?: ExecutionSpan | undefined;
}

export function traceHeadersOf(envelope: Envelope | Gap): TraceHeaders {
  return typeof envelope === 'string' ? NO_TRACE_HEADERS : envelope.traceHeaders;
}

/** A run whose mode is not decided yet; without a place it is a batch of nothing. */
interface RunStart extends Omit<ExecutionStart, 'place' | keyof Mode> {
  readonly place: ExecutionStart['place'] | undefined;
}

/**
 * Of a run: by the rule of its situation, and where a tracer runs by its span. A batch is linked to where each of its
 * messages was created; without a tracer the headers that all of them share are passed on.
 */
export function traceOfRun(
  kernel: Kernel,
  run: RunStart,
  rule: Rule,
  policy?: DestinationPolicy | undefined,
): ExecutionTrace {
  const [first = NO_TRACE_HEADERS, ...others] = run.inbound;
  const isShared = others.every(({ traceparent }) => traceparent === first.traceparent);
  const trace = traceOf(kernel, run.envelope, isShared ? first : NO_TRACE_HEADERS, rule, policy);
  const { place } = run;
  if (kernel.tracing === undefined || place === undefined) return trace;
  const { mode, reason } = trace;
  return tracedBy(kernel.tracing.startExecution({ ...run, place, mode, reason }), trace);
}

/**
 * Parent or link, by the rule of the situation. The sender has stamped its wish; a receiver may only turn a
 * child into a link. Without a tracer the inbound headers are passed on byte for byte and none are made: a parent
 * that nobody exports harms the services behind.
 */
function traceOf(
  kernel: Kernel,
  envelope: Envelope | undefined,
  inbound: TraceHeaders,
  rule: Rule,
  policy?: DestinationPolicy | undefined,
): ExecutionTrace {
  const parent = inbound.traceparent === undefined ? null : parseTraceparent(inbound.traceparent);
  const { mode, reason } = downgraded(modeOf(envelope, parent, rule), policy);
  const traceId = (mode === 'P' ? (envelope?.traceId ?? parent?.traceId) : undefined) ?? kernel.mintTraceId();
  // The sender's own mode says that its trace id is one to join. One that came bare is neither parent nor link.
  const isBare = envelope !== undefined && envelope.traceMode === null && parent === null;
  const originTraceId = envelope?.originTraceId ?? (isBare ? (envelope.traceId ?? undefined) : undefined);
  if (!kernel.originateTrace) return { traceId, spanId: null, mode, reason, headers: inbound, originTraceId };
  const spanId = mintSpanId();
  const isContinued = mode === 'P' && parent?.traceId === traceId;
  const flags = isContinued ? Number.parseInt(parent.flags, 16) : 0; // nobody has decided to sample it
  const tracestate = isContinued ? inbound.tracestate : undefined;
  const headers = { traceparent: traceparentOf(traceId, spanId, flags), tracestate, baggage: inbound.baggage };
  return { traceId, spanId, mode, reason, headers, originTraceId };
}

/** The same where a tracer runs: its span's ids, and whose child it has come to be. */
function tracedBy(span: ExecutionSpan | undefined, trace: ExecutionTrace): ExecutionTrace {
  if (span === undefined) return trace;
  const { traceId, spanId, mode, reason, headers } = span;
  // A trace to join that came without a span id: no tracer can make a child of it.
  const isUnjoined = trace.mode === 'P' && mode === 'root';
  const originTraceId = trace.originTraceId ?? (isUnjoined ? trace.traceId : undefined);
  return { traceId, spanId, mode, reason, headers, originTraceId, span };
}

/** Where spans are made at all, each send is one: the calls of one execution are told apart by whoever receives them. */
export function sentHeaders(kernel: Kernel, headers: TraceHeaders): TraceHeaders {
  if (!kernel.originateTrace || headers.traceparent === undefined) return headers;
  const parent = parseTraceparent(headers.traceparent);
  if (parent === null) return headers;
  return { ...headers, traceparent: traceparentOf(parent.traceId, mintSpanId(), Number.parseInt(parent.flags, 16)) };
}

/** The span that a message was created in, where we make it: what whoever takes it knows of its sender. */
export function originatedSpanId(kernel: Kernel, envelope: Envelope, scope: object | undefined): string | undefined {
  const { traceparent } = envelope.traceHeaders;
  if (!kernel.originateTrace || scope === undefined || traceparent === undefined) return undefined;
  return parseTraceparent(traceparent)?.spanId;
}

interface Mode {
  readonly mode: TraceMode;
  readonly reason: string;
}

/** A receiver may be told to link what its senders want as children; never the other way. */
function downgraded(mode: Mode, policy: DestinationPolicy | undefined): Mode {
  return policy?.trace === 'L' && mode.mode === 'P' ? { mode: 'L', reason: 'configured' } : mode;
}

function modeOf(envelope: Envelope | undefined, parent: SpanContext | null, rule: Rule): Mode {
  // Baggage named the workflow, and nothing the span.
  if (rule === RULES.partial && parent === null) return { mode: 'root', reason: rule.traceReason };
  if (rule.trace === 'L' || rule.trace === 'root') return { mode: rule.trace, reason: rule.traceReason };
  if (rule.trace === 'P') {
    const isJoinable = envelope?.traceId != null || parent !== null;
    return isJoinable ? { mode: 'P', reason: rule.traceReason } : { mode: 'root', reason: 'no_context' };
  }
  if (envelope?.traceMode === 'P') return { mode: 'P', reason: envelope.traceReason ?? rule.traceReason };
  if (envelope?.traceMode === 'L') {
    // Sent outside every scope: there is no creation context that a link could lead to.
    const isLinkable = envelope.traceReason !== RULES.noScope.traceReason;
    return { mode: isLinkable ? 'L' : 'root', reason: envelope.traceReason ?? 'stamped' };
  }
  return parent === null ? { mode: 'root', reason: 'no span id' } : { mode: 'L', reason: 'foreign sender' };
}
