// Loaded before a scenario: a tracer, the instrumentations that the app has, and Waybill or none.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import * as api from '@opentelemetry/api';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createWaybill, memoryRecorder, type Waybill } from '../../../src/index.ts';
import { bridge } from '../../../src/tracing/otel.ts';
import type { PlainSpan } from './spans.ts';

/** Of no span but those that we begin: where it is asked for one, we have begun one too many. */
const oursAlone: Sampler = {
  shouldSample: (_context, _traceId, _name, _kind, attributes) => ({
    decision: 'waybill.message_id' in attributes ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
  }),
};
const sampler = process.argv.includes('unsampled') ? oursAlone : new AlwaysOnSampler();
const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ sampler, spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();

// What polls outside of every span makes none: how often it polls would otherwise decide the count.
const INSTRUMENTATIONS: Readonly<Record<string, () => unknown>> = {
  express: () => new ExpressInstrumentation(),
  http: () => new HttpInstrumentation(),
  ioredis: () => new IORedisInstrumentation({ requireParentSpan: true }),
  pg: () => new PgInstrumentation({ requireParentSpan: true }),
  pino: () => new PinoInstrumentation({ disableLogSending: true }),
  undici: () => new UndiciInstrumentation(),
};

/** As CommonJS gives a module, which is how an instrumentation gets at it. */
export const required = createRequire(import.meta.url);

const [names = '', added = ''] = (process.env['BESIDE'] ?? '').split(';');
for (const name of names.split(',').filter(Boolean)) {
  INSTRUMENTATIONS[name]?.();
  if (name !== 'undici') required(name); // it listens to Node's own
}
syncBuiltinESMExports(); // what imports Node's own modules sees what was patched in them

export const recorder = memoryRecorder();
/** Undefined in the run without Waybill. */
export const waybill: Waybill | undefined =
  added === 'waybill' ? createWaybill({ service: 'orders', recorder, tracing: bridge(api) }) : undefined;

/** The client as the app has it: with Waybill, or as it was. */
export function instrumented<Client>(client: Client, instrument: (client: Client, waybill: Waybill) => Client): Client {
  return waybill === undefined ? client : instrument(client, waybill);
}

const tracer = api.trace.getTracer('app');

/** A span of the app's own, around some work. */
export async function within<R>(name: string, work: (span: api.Span) => R | Promise<R>): Promise<R> {
  return tracer.startActiveSpan(name, async (span) => {
    try {
      return await work(span);
    } finally {
      span.end();
    }
  });
}

/** A request that is on no wire: an ingress where Waybill runs, which takes the span that the app has made of it. */
export function request<R>(work: () => Promise<R>): Promise<R> {
  return within('request', () => (waybill === undefined ? work() : waybill.ingress({ operation: 'checkout' }, work)));
}

/** Starts what outlives the call; with the argument `boot` inside of a span that has ended when it works. */
export function started<R>(start: () => R | Promise<R>): Promise<R> {
  return process.argv.includes('boot') ? within('boot', start) : Promise.resolve(start());
}

/** Ends the scenario: what was exported, and what it says beside that. */
export function report(said: object = {}): void {
  console.log(JSON.stringify({ spans: exporter.getFinishedSpans().map(plainSpan), said }));
}

function plainSpan(span: ReadableSpan): PlainSpan {
  return {
    scope: span.instrumentationScope.name,
    // What two runs must not share is named by their processes.
    name: span.name.replaceAll(`_${process.pid}`, ''),
    kind: api.SpanKind[span.kind] ?? '',
    traceId: span.spanContext().traceId,
    spanId: span.spanContext().spanId,
    parentId: span.parentSpanContext?.spanId,
    links: span.links.map(({ context }) => context.spanId),
    messageId: span.attributes['waybill.message_id'],
  };
}
