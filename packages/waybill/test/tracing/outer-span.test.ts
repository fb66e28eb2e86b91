import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlwaysOffSampler, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { anEnvelope, TRACE_ID, TRACEPARENT } from '../known-waybill.ts';
import { api, exported, idOf, parentOf, spanNamed, tracedWaybill, traceOf, tracer } from './registered-sdk.ts';

const envelope = anEnvelope({ traceHeaders: { traceparent: TRACEPARENT } });
const DELIVERY = { system: 'rabbitmq', destination: 'orders', envelope };
const CONSUMER = { kind: api.SpanKind.CONSUMER, root: true };
const silent = new NodeTracerProvider({ sampler: new AlwaysOffSampler() }).getTracer('silent');

test('another tool’s consumer span is taken: none is made beside it, and it learns whose run it is', () => {
  const { waybill, of } = tracedWaybill();
  tracer.startActiveSpan('orders process', CONSUMER, (span) => {
    waybill.consume(DELIVERY, ({ context }) => {
      assert.equal(context.spanId, span.spanContext().spanId);
      tracer.startActiveSpan('render', (own) => own.end());
    });
    assert.ok(span.isRecording(), 'it is theirs to end');
    span.end();
  });
  const spans = exported();
  const theirs = spanNamed(spans, 'orders process');
  assert.deepEqual(spans.map(({ name }) => name).sort(), ['orders process', 'render']);
  assert.equal(parentOf(spanNamed(spans, 'render')), idOf(theirs));
  assert.equal(theirs.attributes['waybill.message_id'], 'msg_9');
  assert.equal(theirs.attributes['waybill.execution_id'], 'exe_1');
  assert.deepEqual([of('started')[0]?.trace_id, of('started')[0]?.span_id], [traceOf(theirs), idOf(theirs)]);
  assert.equal(of('started')[0]?.trace_mode.reason, 'other instrumentation');
});

test('a taken span in another trace is linked to where the message was created; in the same one it is the child', () => {
  const { waybill, of } = tracedWaybill();
  tracer.startActiveSpan('apart', CONSUMER, (span) => {
    waybill.consume(DELIVERY, () => {});
    span.end();
  });
  const remote = { traceId: TRACE_ID, spanId: TRACEPARENT.slice(36, 52), traceFlags: 1, isRemote: true };
  const within = api.trace.setSpanContext(api.ROOT_CONTEXT, remote);
  tracer.startActiveSpan('below', { kind: api.SpanKind.CONSUMER }, within, (span) => {
    waybill.consume(DELIVERY, () => {});
    span.end();
  });
  const spans = exported();
  assert.deepEqual(
    ['apart', 'below'].map((name) => spanNamed(spans, name).links.map(({ context }) => context.traceId)),
    [[TRACE_ID], []],
  );
  assert.deepEqual(
    of('started').map(({ trace_mode }) => trace_mode.mode),
    ['L', 'P'],
  );
});

test('of a batch in a taken span each message is linked', () => {
  const { waybill, of } = tracedWaybill();
  const other = anEnvelope({ traceHeaders: { traceparent: TRACEPARENT.replace('00f0', '11f0') } });
  tracer.startActiveSpan('orders process', CONSUMER, (span) => {
    const { items } = waybill.openBatch([DELIVERY, { ...DELIVERY, envelope: other }]);
    for (const item of items) item.settle({ outcome: 'ok' });
    span.end();
  });
  const theirs = spanNamed(exported(), 'orders process');
  assert.equal(theirs.links.length, 2);
  assert.deepEqual([of('started')[0]?.trace_mode.mode, of('started')[1]?.span_id], ['L', idOf(theirs)]);
  assert.equal(theirs.attributes['waybill.execution_id'], 'exe_1');
});

test('a span is taken once: a second message that is handled inside it has its own', () => {
  const { waybill } = tracedWaybill();
  tracer.startActiveSpan('orders process', CONSUMER, (span) => {
    waybill.consume(DELIVERY, () => waybill.consume(DELIVERY, () => {}));
    span.end();
  });
  assert.deepEqual(
    exported()
      .map(({ name }) => name)
      .sort(),
    ['orders process', 'process orders'],
  );
});

test('a span that has ended, or is no consumer’s, is the client’s start-up and nobody’s run', () => {
  const { waybill } = tracedWaybill();
  tracer.startActiveSpan('ended', CONSUMER, (span) => {
    span.end();
    waybill.consume(DELIVERY, () => {});
  });
  tracer.startActiveSpan('start-up', (span) => {
    waybill.consume(DELIVERY, () => {});
    span.end();
  });
  assert.equal(exported().filter(({ name }) => name === 'process orders').length, 2);
});

test('where an adapter knows that its library makes a span, one that is not sampled is taken too', () => {
  const { waybill, of } = tracedWaybill();
  silent.startActiveSpan('orders process', CONSUMER, (span) => {
    waybill.consume({ ...DELIVERY, isTraced: true }, () => {});
    assert.equal(of('started')[0]?.span_id, span.spanContext().spanId);
  });
  assert.deepEqual(exported(), []);
});

test('a request that comes in is the span of the server’s instrumentation, sampled or not', () => {
  const { waybill, of } = tracedWaybill();
  for (const [by, name] of [[tracer, 'GET'] as const, [silent, 'silent'] as const]) {
    by.startActiveSpan(name, { kind: api.SpanKind.SERVER, root: true }, (server) =>
      tracer.startActiveSpan('middleware', (layer) => {
        waybill.ingress({ operation: 'checkout' }, () => {});
        assert.equal(of('started').at(-1)?.trace_id, server.spanContext().traceId);
        layer.end();
        server.end();
      }),
    );
  }
  assert.deepEqual(
    exported().map(({ name }) => name),
    ['middleware', 'GET'],
  );
});

test('asked for, a span of ours is made inside of theirs too', () => {
  const { waybill } = tracedWaybill({}, { spans: 'always' });
  tracer.startActiveSpan('orders process', CONSUMER, (span) => {
    waybill.consume(DELIVERY, () => {});
    span.end();
  });
  const spans = exported();
  const ours = spanNamed(spans, 'process orders');
  assert.equal(parentOf(ours), idOf(spanNamed(spans, 'orders process')));
  assert.equal(ours.links[0]?.context.traceId, TRACE_ID);
});

test('told to make none, it takes what is there and makes nothing where nothing is', () => {
  const { waybill, of } = tracedWaybill({}, { spans: 'never' });
  waybill.consume(DELIVERY, () => {});
  tracer.startActiveSpan('orders process', CONSUMER, (span) => {
    waybill.consume(DELIVERY, () => {});
    span.end();
  });
  const spans = exported();
  assert.deepEqual(
    spans.map(({ name }) => name),
    ['orders process'],
  );
  assert.deepEqual(
    of('started').map(({ span_id }) => span_id),
    [undefined, idOf(spanNamed(spans, 'orders process'))],
  );
});

test('what a stranger’s baggage says of our workflows does not go on', () => {
  const { waybill } = tracedWaybill();
  const claimed = api.propagation.createBaggage({
    'waybill.correlation_id': { value: 'req_1' },
    region: { value: 'eu' },
  });
  const within = api.propagation.setBaggage(api.context.active(), claimed);
  tracer.startActiveSpan('GET', { kind: api.SpanKind.SERVER }, within, (server) => {
    waybill.ingress({ operation: 'checkout' }, () => {
      const names = api.propagation
        .getActiveBaggage()
        ?.getAllEntries()
        .map(([name]) => name);
      assert.deepEqual(names, ['region']);
    });
    server.end();
  });
  exported();
});

test('a trace that has only been read from a request is no span of this process', () => {
  const { waybill } = tracedWaybill();
  const remote = { traceId: TRACE_ID, spanId: TRACEPARENT.slice(36, 52), traceFlags: 0, isRemote: true };
  api.context.with(api.trace.setSpanContext(api.ROOT_CONTEXT, remote), () =>
    waybill.ingress({ operation: 'checkout' }, () => {}),
  );
  assert.notEqual(traceOf(spanNamed(exported(), 'checkout')), TRACE_ID);
});
