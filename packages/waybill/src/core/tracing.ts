import type { Context } from './context.ts';
import type { Delivery, IngressEdge, Settlement } from './delivery.ts';
import type { Envelope } from './envelope.ts';
import type { TraceMode } from './facts.ts';
import type { Metering } from './metering.ts';
import type { Receipt, Send } from './send.ts';
import type { TraceHeaders } from './w3c.ts';

/** A tracer beside us: `waybill/otel` makes one. The core does the same without it, but for spans. Nothing in it throws. */
export interface Tracing {
  /** Begins the span of a send; undefined where no tracer runs. */
  startSend(start: SendStart): SendSpan | undefined;
  /** Begins the span of a handler's run, or takes the one that another tool has begun for it; undefined where no tracer runs. */
  startExecution(start: ExecutionStart): ExecutionSpan | undefined;
  /** What is active now, for a log line: the app's own span inside a handler, not the handler's. */
  activeIds(): SpanIds | undefined;
  /** The id that a propagator has given to the request which is coming in, before anything of ours ran; once. */
  requestId?(): string | undefined;
  /** Goes back, later and elsewhere, into what is active now. */
  keep(): <R>(work: () => R) => R;
  /** What is no work of the app's, and belongs to none of its spans: no instrumentation of a client makes one of it. */
  untraced<R>(work: () => R): R;
  /** Undefined where nothing is to be measured. */
  readonly metering?: Metering | undefined;
}

export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** What is handed over in one call: a message, or several under one span. */
export interface SendStart {
  readonly send: Send;
  readonly count: number;
  /** As it was made, before it knows its span; undefined for several. */
  readonly envelope: Envelope | undefined;
  /** Whether the message was made earlier: its creation context stays, and this span only links to it. */
  readonly isResent: boolean;
  /** The scope that it is sent in. */
  readonly scope: { readonly context: Context; readonly traceHeaders: TraceHeaders } | undefined;
}

/** The creation context of what is sent, and the span that is open until the transport has answered. */
export interface SendSpan extends SpanIds {
  readonly headers: TraceHeaders;
  settled(receipt: Receipt): void;
}

/** A run of a handler whose trace mode the rules have decided. */
export interface ExecutionStart {
  readonly place: Omit<Delivery, 'envelope'>;
  /** Of an ingress; undefined for a delivery. */
  readonly edge: IngressEdge | undefined;
  /** Whose run it is; of a batch, what all its messages share is not known yet. */
  readonly envelope: Envelope | undefined;
  readonly executionId: string;
  readonly mode: TraceMode;
  readonly reason: string;
  /** What came with it: one, or those of a batch. */
  readonly inbound: readonly TraceHeaders[];
}

export interface ExecutionSpan extends SpanIds {
  /** Written on what is sent where nothing else is active. */
  readonly headers: TraceHeaders;
  /** As it came to be: inside another tool's span it is that tool's choice. */
  readonly mode: TraceMode;
  readonly reason: string;
  /** Enters the span, and the baggage that came with it. */
  run<R>(work: () => R): R;
  /** The handler's own end, which is the span's. Of several calls the last: the items of a batch end one by one. */
  ended(): void;
  /** How it ended, as whoever decides has decided since. */
  settled(settlement: Settlement): void;
}
