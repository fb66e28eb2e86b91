import * as api from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import type { WaybillOptions } from '../../src/core/waybill.ts';
import { type BridgeOptions, bridge } from '../../src/tracing/otel.ts';
import { type KnownWaybill, knownWaybill } from '../known-waybill.ts';

export { api };

const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();

/** The app's own tracer. */
export const tracer = api.trace.getTracer('app');

/** What was exported since it was last asked, in the order in which it ended. */
export function exported(): ReadableSpan[] {
  const spans = [...exporter.getFinishedSpans()];
  exporter.reset();
  return spans;
}

/** The only exported span of a name. */
export function spanNamed(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const [span, ...others] = spans.filter((each) => each.name === name);
  if (span === undefined || others.length > 0) {
    throw new Error(`${others.length + (span ? 1 : 0)} spans ${name} in ${spans.map((each) => each.name).join(', ')}`);
  }
  return span;
}

export const idOf = (span: ReadableSpan): string => span.spanContext().spanId;
export const traceOf = (span: ReadableSpan): string => span.spanContext().traceId;
export const parentOf = (span: ReadableSpan): string | undefined => span.parentSpanContext?.spanId;

/** An instance whose ids and facts a test knows, on the SDK that is registered in this process. */
export function tracedWaybill(options: Partial<WaybillOptions> = {}, bridged: BridgeOptions = {}): KnownWaybill {
  return knownWaybill({ tracing: bridge(api, bridged), ...options });
}
