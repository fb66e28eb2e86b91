/** The part of `@opentelemetry/api` that we call: releases 1.9 and 1.10 have it. */
export interface OpenTelemetryApi {
  readonly context: {
    active(): OtelContext;
    with<R>(context: OtelContext, work: () => R): R;
  };
  readonly trace: {
    getTracer(name: string): OtelTracer;
    getTracerProvider?(): object;
    getSpan(context: OtelContext): OtelSpan | undefined;
    setSpan(context: OtelContext, span: OtelSpan): OtelContext;
    setSpanContext(context: OtelContext, spanContext: OtelSpanContext): OtelContext;
  };
  readonly propagation: {
    getBaggage(context: OtelContext): OtelBaggage | undefined;
    setBaggage(context: OtelContext, baggage: OtelBaggage): OtelContext;
    createBaggage(entries?: Record<string, OtelBaggageEntry>): OtelBaggage;
  };
  readonly ROOT_CONTEXT: OtelContext;
  baggageEntryMetadataFromString(text: string): { toString(): string };
  /** Stands in until a provider is registered, which is then its delegate. */
  readonly ProxyTracerProvider?: (new () => { getDelegate(): object }) | undefined;
  /** Absent where the app hands over an object of its own making. */
  readonly metrics?: OtelMetrics | undefined;
  /** What every meter is where no provider is registered. */
  createNoopMeter?(): OtelMeter;
}

export interface OtelContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OtelContext;
  deleteValue(key: symbol): OtelContext;
}

export interface OtelTraceState {
  get(key: string): string | undefined;
  set(key: string, value: string): OtelTraceState;
  unset(key: string): OtelTraceState;
  serialize(): string;
}

export interface OtelSpanContext {
  traceId: string;
  spanId: string;
  traceFlags: number;
  isRemote?: boolean;
  traceState?: OtelTraceState;
}

export type OtelAttributes = Record<string, string | number | boolean | string[]>;

export interface OtelLink {
  context: OtelSpanContext;
  attributes?: OtelAttributes;
}

export interface OtelSpan {
  spanContext(): OtelSpanContext;
  isRecording(): boolean;
  setAttribute(name: string, value: string | number | boolean): unknown;
  setAttributes(attributes: OtelAttributes): unknown;
  addLink(link: OtelLink): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  recordException(error: { name?: string; message: string; stack?: string }): void;
  end(time?: number): void;
}

export interface OtelTracer {
  startSpan(
    name: string,
    options: { kind: number; attributes: OtelAttributes; links?: OtelLink[]; startTime?: number },
    context: OtelContext,
  ): OtelSpan;
}

interface OtelBaggageEntry {
  value: string;
  metadata?: { toString(): string };
}

export interface OtelBaggage {
  getAllEntries(): [string, OtelBaggageEntry][];
  removeEntry(key: string): OtelBaggage;
  getEntry(key: string): OtelBaggageEntry | undefined;
}

export interface OtelMetrics {
  getMeterProvider(): OtelMeterProvider;
}

export interface OtelMeterProvider {
  getMeter(name: string): OtelMeter;
}

interface OtelMetricOptions {
  unit: string;
  description: string;
  advice?: { explicitBucketBoundaries: number[] };
}

export interface OtelAdding {
  add(value: number, attributes: OtelAttributes): void;
}

export interface OtelObserved {
  observe(value: number, attributes: OtelAttributes): void;
}

export interface OtelMeter {
  createCounter(name: string, options: OtelMetricOptions): OtelAdding;
  createUpDownCounter(name: string, options: OtelMetricOptions): OtelAdding;
  createHistogram(
    name: string,
    options: OtelMetricOptions,
  ): { record(value: number, attributes: OtelAttributes): void };
  createObservableCounter(
    name: string,
    options: OtelMetricOptions,
  ): { addCallback(observe: (observed: OtelObserved) => void): void };
}

/** The numbers of the API's `SpanKind` and of OTLP's are not the same: these are the API's. */
export const SPAN_KIND = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 } as const;
export type SpanKind = (typeof SPAN_KIND)[keyof typeof SPAN_KIND];

/** Of the API's `SpanStatusCode`. */
export const STATUS_ERROR = 2;
