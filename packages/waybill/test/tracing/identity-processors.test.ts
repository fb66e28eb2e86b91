import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as api from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { bridge } from '../../src/tracing/otel.ts';
import { anEnvelope, knownWaybill } from '../known-waybill.ts';

const otel = bridge(api);
const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [otel.spanProcessor(), new SimpleSpanProcessor(exporter)] }).register();
const tracer = api.trace.getTracer('app');
const zeroTouch = otel.propagator(knownWaybill().waybill);
const DELIVERY = { system: 'rabbitmq', destination: 'orders', envelope: anEnvelope() };
const HANDLED = {
  'waybill.message_id': 'msg_9',
  'waybill.correlation_id': 'req_7',
  'waybill.causation_id': 'msg_8',
  'waybill.execution_id': 'exe_1',
  'waybill.tenant_id': 'tenant_42',
  'waybill.operation': 'checkout',
  'waybill.event_type': 'order.created',
  'waybill.business_key': 'order:ORD-48213',
};

function spansOf(work: () => void) {
  exporter.reset();
  knownWaybill({ tracing: otel }).waybill.consume(DELIVERY, work);
  return new Map(exporter.getFinishedSpans().map((span) => [span.name, span.attributes]));
}

test('every span of a handler says whose it is, whoever has made it', () => {
  const spans = spansOf(() => tracer.startActiveSpan('SELECT', (span) => span.end()));
  assert.deepEqual(spans.get('SELECT'), HANDLED);
});

test('a span that sends says what has caused the message, and not that it is the one that is handled', () => {
  const spans = spansOf(() => {
    tracer.startSpan('publish mails', { kind: api.SpanKind.PRODUCER }).end();
    tracer
      .startSpan('mails send', { kind: api.SpanKind.CLIENT, attributes: { 'messaging.operation.type': 'send' } })
      .end();
  });
  for (const name of ['publish mails', 'mails send']) {
    const { 'messaging.operation.type': _type, ...own } = spans.get(name) ?? {};
    assert.deepEqual(own, {
      'waybill.correlation_id': 'req_7',
      'waybill.causation_id': 'msg_9',
      'waybill.by_execution_id': 'exe_1',
      'waybill.tenant_id': 'tenant_42',
      'waybill.operation': 'checkout',
      'waybill.business_key': 'order:ORD-48213',
    });
  }
});

test('what a span says of itself stays', () => {
  const spans = spansOf(() => {
    tracer.startSpan('other', { attributes: { 'waybill.message_id': 'msg_other' } }).end();
  });
  assert.deepEqual(spans.get('other'), { 'waybill.message_id': 'msg_other' });
});

test('outside every scope nothing is written', () => {
  exporter.reset();
  tracer.startSpan('idle').end();
  assert.deepEqual(exporter.getFinishedSpans()[0]?.attributes, {});
});

test('every log record of a handler says whose it is', async () => {
  const records = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({
    processors: [otel.logRecordProcessor(), new SimpleLogRecordProcessor({ exporter: records })],
  });
  const logger = provider.getLogger('app');
  knownWaybill({ tracing: otel }).waybill.consume(DELIVERY, () =>
    logger.emit({ body: 'charged', attributes: { amount: 5 } }),
  );
  logger.emit({ body: 'idle' });
  logger.emit({ body: 'carried', context: zeroTouch.extract(api.ROOT_CONTEXT, {}, api.defaultTextMapGetter) });
  await provider.forceFlush();
  const [charged, idle, carried] = records.getFinishedLogRecords();
  assert.match(String(carried?.attributes['waybill.message_id']), /^msg_/);
  assert.deepEqual(charged?.attributes, { amount: 5, ...HANDLED });
  assert.deepEqual(idle?.attributes, {});
  await provider.shutdown();
});
