// What one message costs in process, beside OpenTelemetry carrying the same identity: write + read + run in scope.
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { bind, createWaybill, current } from 'waybill';
import { currentScope } from '../packages/waybill/src/core/scope.ts';
import { type Carrier, readHeaders, writeHeaders } from '../packages/waybill/src/layouts/headers.ts';
import { encodingRecorder } from './encoding-recorder.ts';
import { compare, lastResult, type Measured, printMeasured } from './interleaved.ts';
import { noExport } from './no-export.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const BINDINGS = { order_id: 'ORD-48213', user_id: 71, region: 'eu-west', plan: 'pro' };

// ── OpenTelemetry: traceparent, and the same identity in four baggage entries ──
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()];
propagation.setGlobalPropagator(new CompositePropagator({ propagators }));
const spanContext = { traceId: TRACEPARENT.slice(3, 35), spanId: TRACEPARENT.slice(36, 52), traceFlags: 1 };
const entries = {
  correlation_id: 'req_01KKY1N9W4EXM8KX3T1F4SB10F',
  causation_id: 'msg_01KKY1NAHSE93R1V9Z8ZE8GJ1S',
  tenant_id: 'acme-eu',
  message_id: 'msg_01KKY1NB8XFWSAEFM6GEPWASC1',
};
const baggage = propagation.createBaggage(
  Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, { value }])),
);
const outgoing = propagation.setBaggage(trace.setSpanContext(ROOT_CONTEXT, spanContext), baggage);
const otelHandler = () => propagation.getBaggage(context.active())?.getEntry('tenant_id')?.value.length;
const otel = () => {
  const carrier: Carrier = {};
  propagation.inject(outgoing, carrier);
  return context.with(propagation.extract(ROOT_CONTEXT, carrier), otelHandler);
};

// ── Waybill: identity and four bindings in one header ──
const waybill = createWaybill({ service: 'bench' });
const send = { system: 'bench', destination: 'payments', eventType: 'payment.charge' };
const handler = () => current()?.messageId.length;
const message = () => {
  const scope = currentScope();
  if (scope !== undefined) scope.run.sends = 0; // an ordinary message: the seventeenth of one request is a fan-out
  const carrier = writeHeaders(waybill.prepare(send).envelope, {});
  return waybill.open({ system: 'bench', destination: 'payments', envelope: readHeaders(carrier) }).run(handler);
};
/** Runs in a request's scope that came with a trace. */
const inRequest = <R>(work: () => R): R => {
  const envelope = { traceHeaders: { traceparent: TRACEPARENT } };
  return waybill.ingress({ operation: 'checkout', tenantId: 'acme-eu', envelope }, () => {
    bind(BINDINGS);
    return work();
  });
};

// ── A fact, recorded and encoded, beside a span, started and ended ──
const tracer = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(noExport)] }).getTracer('bench');
const parent = trace.setSpanContext(ROOT_CONTEXT, spanContext);
const span = () => {
  const one = tracer.startSpan('payments process', { kind: SpanKind.CONSUMER }, parent);
  one.setAttributes({
    'messaging.system': 'bench',
    'messaging.destination.name': 'payments',
    'messaging.message.id': 'm-1',
    'messaging.operation': 'process',
  });
  one.end();
  return one;
};
const recording = createWaybill({ service: 'bench', recorder: encodingRecorder() });
const sentFact = () => recording.prepare(send).settle({ status: 'taken' });
const sentWithoutFact = () => waybill.prepare(send).settle({ status: 'taken' });

const carried = inRequest(() =>
  compare({
    'OpenTelemetry: inject, extract, with; 4 baggage entries': otel,
    'Waybill: write, read, run; identity and 4 bindings': message,
  }),
);
printMeasured('write + read + run in scope (target: at most ×0.40)', carried);
const recorded = inRequest(() =>
  compare({
    'OpenTelemetry SDK: one span': span,
    'Waybill: a send with its fact, encoded': sentFact,
    'Waybill: the same send without a recorder': sentWithoutFact,
  }),
);
printMeasured('one fact, recorded and encoded (target: the difference at most ×1.00 of the span)', recorded);
const [one, withFact, without] = recorded as [Measured, Measured, Measured];
console.log(
  `  the fact alone: ${(withFact.nanoseconds - without.nanoseconds).toFixed(0)} ns, ×${((withFact.nanoseconds - without.nanoseconds) / one.nanoseconds).toFixed(2)}`,
);
if (process.argv.includes('--json')) console.log(JSON.stringify({ carried, recorded }));
if (lastResult() === null) console.log('unreachable');
