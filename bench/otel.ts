// What one message costs beside OpenTelemetry's SDK, in process: send, receive, and the handler in its scope.
//   npm run bench:otel -- [--json]
import * as api from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { bind, createWaybill, current, type Waybill } from 'waybill';
import { bridge } from 'waybill/otel';
import { currentScope } from '../packages/waybill/src/core/scope.ts';
import { type Carrier, readHeaders, writeHeaders } from '../packages/waybill/src/layouts/headers.ts';
import { compare, lastResult, printMeasured } from './interleaved.ts';
import { noExport } from './no-export.ts';

const BINDINGS = { order_id: 'ORD-48213', user_id: 71, region: 'eu-west', plan: 'pro' };
const ENTRIES = {
  correlation_id: 'req_01KKY1N9W4EXM8KX3T1F4SB10F',
  causation_id: 'msg_01KKY1NAHSE93R1V9Z8ZE8GJ1S',
  tenant_id: 'acme-eu',
  message_id: 'msg_01KKY1NB8XFWSAEFM6GEPWASC1',
};

new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(noExport)] }).register();
const { context, propagation, trace, ROOT_CONTEXT, SpanKind } = api;

// ── The SDK alone: what an instrumentation of a queue does, its spans as large as ours ──
const tracer = trace.getTracer('bench');
const baggage = propagation.createBaggage(
  Object.fromEntries(Object.entries(ENTRIES).map(([key, value]) => [key, { value }])),
);
const messaging = (operation: string) => ({
  'messaging.system': 'bench',
  'messaging.operation.type': operation,
  'messaging.operation.name': operation,
  'messaging.destination.name': 'payments',
  'messaging.message.id': ENTRIES.message_id,
  'messaging.message.conversation_id': ENTRIES.correlation_id,
  'messaging.client.id': 'checkout-1',
  'messaging.message.body.size': 186,
  'server.address': '127.0.0.1',
  'server.port': 6379,
});
const otelHandler = () => propagation.getBaggage(context.active())?.getEntry('tenant_id')?.value.length;
const sdkAlone = () => {
  const active = propagation.setBaggage(context.active(), baggage);
  const producer = tracer.startSpan(
    'send payments',
    { kind: SpanKind.PRODUCER, attributes: messaging('send') },
    active,
  );
  const carrier: Carrier = {};
  propagation.inject(trace.setSpan(active, producer), carrier);
  producer.end();
  const extracted = propagation.extract(ROOT_CONTEXT, carrier);
  const attributes = { ...messaging('process'), 'messaging.consumer.group.name': 'payments' };
  const consumer = tracer.startSpan('process payments', { kind: SpanKind.CONSUMER, attributes }, extracted);
  const result = context.with(trace.setSpan(extracted, consumer), otelHandler);
  consumer.setAttribute('messaging.outcome', 'ok');
  consumer.end();
  return result;
};

// ── Waybill, in each of its states ──
const send = { system: 'bench', destination: 'payments', eventType: 'payment.charge' };
const handler = () => current()?.messageId.length;
const messageOf = (waybill: Waybill) => () => {
  const scope = currentScope();
  if (scope !== undefined) scope.run.sends = 0; // an ordinary message: the seventeenth of one request is a fan-out
  const sending = waybill.prepare(send);
  const carrier = writeHeaders(sending.envelope, {});
  sending.settle({ status: 'taken' });
  return waybill.consume({ system: 'bench', destination: 'payments', envelope: readHeaders(carrier) }, handler);
};
const recorder = { record: () => {} };
const service = 'bench';

const nobody = new api.ProxyTracerProvider();
/** What the API is where nothing is registered; in this process an SDK is. */
const unregistered = {
  context: { active: () => ROOT_CONTEXT, with: <R>(_context: api.Context, work: () => R) => work() },
  trace: {
    getTracer: (name: string) => nobody.getTracer(name),
    getTracerProvider: () => nobody,
    getSpan: trace.getSpan,
    setSpan: trace.setSpan,
    setSpanContext: trace.setSpanContext,
  },
  ...{
    propagation,
    ROOT_CONTEXT,
    ProxyTracerProvider: api.ProxyTracerProvider,
    baggageEntryMetadataFromString: api.baggageEntryMetadataFromString,
  },
};

class NoReader extends MetricReader {
  protected async onShutdown() {}
  protected async onForceFlush() {}
}
const meters = new MeterProvider({ readers: [new NoReader()] });
const metered = { ...api, metrics: { getMeterProvider: () => meters } };

const beside = createWaybill({ service, recorder, tracing: bridge(api) });
const pieces = {
  'SDK: 2 spans, inject, extract, with; 4 baggage entries': sdkAlone,
  'SDK and Waybill: identity, 4 bindings, facts': messageOf(beside),
  'the same without facts': messageOf(createWaybill({ service, tracing: bridge(api) })),
  'the same with facts, and metrics by a real meter': messageOf(
    createWaybill({ service, recorder, tracing: bridge(metered) }),
  ),
  'Waybill with the API and no SDK, with facts': messageOf(
    createWaybill({ service, recorder, tracing: bridge(unregistered) }),
  ),
  'Waybill alone, with facts': messageOf(createWaybill({ service, recorder })),
  'Waybill alone, without facts': messageOf(createWaybill({ service })),
};
const measured = beside.ingress({ operation: 'checkout', tenantId: 'acme-eu' }, () => {
  bind(BINDINGS);
  return compare(pieces);
});
printMeasured('a message beside the SDK (target: at most ×1.15)', measured);
if (process.argv.includes('--json')) console.log(JSON.stringify(measured));
if (lastResult() === null) console.log('unreachable');
