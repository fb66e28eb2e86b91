import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as api from '@opentelemetry/api';
import { CompositePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { bind, current, keepScope, logFields, runOutsideScopes } from '../../src/core/scope.ts';
import { bridge } from '../../src/tracing/otel.ts';
import type { PropagatorOptions } from '../../src/tracing/propagator.ts';
import { knownWaybill } from '../known-waybill.ts';

const exporter = new InMemorySpanExporter();
const otel = bridge(api);
const known = knownWaybill({ tracing: otel });
const w3c = new W3CTraceContextPropagator();
const zeroTouch = (options: PropagatorOptions = {}) =>
  new CompositePropagator({ propagators: [w3c, otel.propagator(known.waybill, options)] });
new NodeTracerProvider({ spanProcessors: [otel.spanProcessor(), new SimpleSpanProcessor(exporter)] }).register({
  propagator: zeroTouch({ origins: ['https://payments.internal'] }),
});
const tracer = api.trace.getTracer('instrumentation');
const silent = new NodeTracerProvider({ sampler: new AlwaysOffSampler() }).getTracer('silent');

type Carrier = Record<string, string>;
const spans = () => {
  const finished = [...exporter.getFinishedSpans()];
  exporter.reset();
  return finished;
};

/** What an instrumentation of a queue's client does: a producer span, and its context on the message. */
function publish(by = tracer): Carrier {
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.destination.name': 'orders',
    'messaging.operation.type': 'send',
  };
  const span = by.startSpan('send orders', { kind: api.SpanKind.PRODUCER, attributes });
  const carrier: Carrier = {};
  api.propagation.inject(api.trace.setSpan(api.context.active(), span), carrier);
  span.end();
  return carrier;
}

/** What an instrumentation of a consumer, or of a server, does with what has come. */
function handle<R>(carrier: Carrier, kind: api.SpanKind, work: () => R): R {
  const extracted = api.propagation.extract(api.ROOT_CONTEXT, carrier);
  return tracer.startActiveSpan('handle', { kind }, extracted, (span) => {
    const result = work();
    span.end();
    return result;
  });
}

const waybillOf = (carrier: Carrier) => JSON.parse(carrier['waybill'] ?? 'null');

test('through a request and two queues without any adapter, each message names its cause, and fields are carried', () => {
  const request = handle({ host: 'shop' }, api.SpanKind.SERVER, () => {
    bind({ order_id: 'ORD-1' });
    return publish();
  });
  const first = waybillOf(request);
  const [line, second] = handle(request, api.SpanKind.CONSUMER, () => [logFields(), waybillOf(publish())]);
  assert.match(first.correlation_id, /^req_/);
  assert.deepEqual([first.causation_id, first.bindings], [first.correlation_id, { order_id: 'ORD-1' }]);
  assert.deepEqual(
    [line['message_id'], line['correlation_id'], line['order_id']],
    [first.message_id, first.correlation_id, 'ORD-1'],
  );
  assert.deepEqual(
    [second.causation_id, second.correlation_id, second.hop],
    [first.message_id, first.correlation_id, 2],
  );
  const [sent, server, , consumer] = spans();
  assert.equal(sent?.attributes['waybill.message_id'], first.message_id);
  assert.equal(server?.attributes['waybill.message_id'], first.correlation_id);
  assert.equal(consumer?.attributes['waybill.message_id'], first.message_id);
  assert.match(String(consumer?.attributes['waybill.execution_id']), /^exe_/);
});

test('no scope is left when the handler has ended', () => {
  handle({ host: 'shop' }, api.SpanKind.SERVER, () => assert.ok(current()));
  assert.equal(current(), undefined);
  spans();
});

test('what runs outside every scope is outside of a carried one too', () => {
  handle({ host: 'shop' }, api.SpanKind.SERVER, () => {
    assert.equal(runOutsideScopes(current), undefined);
    assert.ok(current(), 'and comes back');
  });
  const kept = keepScope(current);
  handle({ host: 'shop' }, api.SpanKind.SERVER, () => assert.equal(kept(), undefined));
  spans();
});

test('what a stranger’s request carries is believed in nothing, unless nobody but our own can call', () => {
  const inner = handle({ host: 'shop' }, api.SpanKind.SERVER, publish);
  const claimed = waybillOf(inner).correlation_id;
  const carrier = { ...inner, host: 'shop' };
  assert.notEqual(
    handle(carrier, api.SpanKind.SERVER, () => current()?.correlationId),
    claimed,
  );
  const trusting = zeroTouch({ http: 'trusted' }).extract(api.ROOT_CONTEXT, carrier, api.defaultTextMapGetter);
  assert.equal(
    api.context.with(trusting, () => current()?.correlationId),
    claimed,
  );
  spans();
});

/** What an instrumentation of an HTTP client does. */
function call(url: string, by = tracer): Carrier {
  const span = by.startSpan('GET', { kind: api.SpanKind.CLIENT, attributes: { 'url.full': url } });
  const carrier: Carrier = {};
  api.propagation.inject(api.trace.setSpan(api.context.active(), span), carrier);
  span.end();
  return carrier;
}

test('a call of our own service is told, without bindings; a stranger gets nothing of ours', () => {
  handle({ host: 'shop' }, api.SpanKind.SERVER, () => {
    bind({ order_id: 'ORD-1' });
    const own = waybillOf(call('https://payments.internal/charges?id=1'));
    assert.match(own.message_id, /^req_/);
    assert.equal(own.bindings, undefined);
    const stranger = call('https://stranger.example/charges');
    assert.deepEqual(Object.keys(stranger), ['traceparent']);
  });
  spans();
});

test('HTTP/2 names its host otherwise, and a request is a request', () => {
  const extracted = zeroTouch().extract(api.ROOT_CONTEXT, { ':authority': 'shop' }, api.defaultTextMapGetter);
  assert.match(api.context.with(extracted, current)?.messageId ?? '', /^req_/);
});

test('a call leaves room for other headers: what is inherited is dropped, and counted', () => {
  const inherit = { note: 'x'.repeat(2000) };
  const carried = JSON.stringify({ v: 1, message_id: 'msg_1', correlation_id: 'req_1', inherit });
  const [message, request] = handle({ waybill: carried }, api.SpanKind.CONSUMER, () => [
    waybillOf(publish()),
    waybillOf(call('https://payments.internal/x')),
  ]);
  assert.deepEqual([message.inherit, request.inherit, request.overflow], [inherit, undefined, 1]);
  spans();
});

test('a client’s span that says it is a queue’s is a message’s', () => {
  const attributes = { 'messaging.system': 'aws_sqs', 'messaging.destination.name': 'orders' };
  const span = tracer.startSpan('orders send', { kind: api.SpanKind.CLIENT, attributes });
  const carrier: Carrier = {};
  api.propagation.inject(api.trace.setSpan(api.ROOT_CONTEXT, span), carrier);
  span.end();
  assert.match(waybillOf(carrier).message_id, /^msg_/);
  assert.equal(spans()[0]?.attributes['waybill.message_id'], waybillOf(carrier).message_id);
});

test('a span that is not sampled does not say what it is: nothing is written, unless the app says that it may be', () => {
  assert.deepEqual(Object.keys(publish(silent)), ['traceparent']);
  const carrier: Carrier = {};
  const within = api.trace.setSpan(api.ROOT_CONTEXT, silent.startSpan('send'));
  zeroTouch({ unsampled: 'carry' }).inject(within, carrier, api.defaultTextMapSetter);
  assert.match(waybillOf(carrier).message_id, /^msg_/);
});

test('a message that the app injects by hand, beside whatever span it has, is a message', () => {
  const carrier: Carrier = {};
  handle({ host: 'shop' }, api.SpanKind.SERVER, () => api.propagation.inject(api.context.active(), carrier));
  const [server] = spans();
  assert.match(waybillOf(carrier).message_id, /^msg_/);
  assert.equal(server?.attributes['waybill.message_id'], waybillOf(carrier).causation_id);
});

test('a message that is sent outside every scope begins a workflow, and that is a gap', () => {
  const before = known.of('gap').length;
  const sent = waybillOf(publish());
  assert.equal(sent.correlation_id, sent.message_id);
  const gap = known.of('gap')[before];
  assert.deepEqual([gap?.gap.reason, gap?.destination, gap?.system], ['no_context', 'orders', 'kafka']);
  spans();
});

const CLAIMED = '{"v":1,"message_id":"msg_1","correlation_id":"req_1"}';

test('a carrier that is broken, or has two waybills, gives a scope of its own and never throws', () => {
  const twice = {
    get: (_carrier: object, key: string) => (key === 'waybill' ? [CLAIMED, CLAIMED] : undefined),
    keys: () => [],
  };
  const throwing = {
    get: () => {
      throw new Error('no getter');
    },
    keys: () => [],
  };
  const propagator = otel.propagator(known.waybill);
  for (const text of ['', '{', '{"v":1}', 'x'.repeat(9000)]) {
    const scope = api.context.with(
      propagator.extract(api.ROOT_CONTEXT, { waybill: text }, api.defaultTextMapGetter),
      current,
    );
    assert.match(scope?.messageId ?? '', /^msg_/);
  }
  const scope = api.context.with(propagator.extract(api.ROOT_CONTEXT, {}, twice), current);
  assert.match(scope?.messageId ?? '', /^msg_.{26}$/);
  assert.equal(propagator.extract(api.ROOT_CONTEXT, {}, throwing), api.ROOT_CONTEXT);
});

test('an adapter’s ingress goes on under the id that the propagator has given to the request; a second one does not', () => {
  handle({ host: 'shop' }, api.SpanKind.SERVER, () => {
    const given = current()?.messageId;
    const first = known.waybill.ingress({ operation: 'checkout' }, ({ context }) => context.messageId);
    const second = known.waybill.ingress({ operation: 'checkout' }, ({ context }) => context.messageId);
    assert.equal(first, given);
    assert.notEqual(second, given);
  });
  spans();
});

test('a message that is being handled is no request: an ingress inside of it has an id of its own', () => {
  handle({ waybill: CLAIMED }, api.SpanKind.CONSUMER, () => {
    const entered = known.waybill.ingress({ operation: 'reindex' }, ({ context }) => context.messageId);
    assert.match(entered, /^req_/);
  });
  spans();
});

test('an option that is none is refused where it is configured', () => {
  assert.throws(() => otel.propagator(known.waybill, { origins: ['payments.internal/x'] }), { code: 'OPTION_INVALID' });
  assert.throws(() => otel.propagator(known.waybill, { trust: 'public' } as PropagatorOptions), {
    code: 'OPTION_UNKNOWN',
  });
});
