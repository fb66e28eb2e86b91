import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepScope, logFields } from '../../src/core/scope.ts';
import { anEnvelope, TRACE_ID, TRACEPARENT } from '../known-waybill.ts';
import { api, exported, idOf, parentOf, spanNamed, tracedWaybill, traceOf, tracer } from './registered-sdk.ts';

const PARENT_ID = TRACEPARENT.slice(36, 52);
const child = anEnvelope({ traceHeaders: { traceparent: TRACEPARENT, tracestate: 'a@b=1' } });
const linked = { ...child, traceMode: 'L', traceReason: 'event' } as const;
const DELIVERY = { system: 'rabbitmq', destination: 'orders', envelope: child, brokerId: '17', attempt: 1 };
const own = (name: string) => tracer.startActiveSpan(name, (span) => span.end());

test('the run of a message that is stamped as a child is a consumer span below its creation', () => {
  const { waybill, of } = tracedWaybill();
  waybill.consume({ ...DELIVERY, subscription: 'mailer' }, () => own('render'));
  const spans = exported();
  const span = spanNamed(spans, 'process orders');
  assert.equal(span.kind, api.SpanKind.CONSUMER);
  assert.deepEqual([traceOf(span), parentOf(span), span.links], [TRACE_ID, PARENT_ID, []]);
  assert.equal(span.spanContext().traceState?.serialize(), 'a@b=1');
  assert.equal(parentOf(spanNamed(spans, 'render')), idOf(span));
  assert.deepEqual(span.attributes, {
    'messaging.system': 'rabbitmq',
    'messaging.system.name': 'rabbitmq',
    'messaging.operation.type': 'process',
    'messaging.operation.name': 'process',
    'messaging.destination.name': 'orders',
    'messaging.destination.subscription.name': 'mailer',
    'messaging.message.id': '17',
    'messaging.message.conversation_id': 'req_7',
    'waybill.message_id': 'msg_9',
    'waybill.correlation_id': 'req_7',
    'waybill.causation_id': 'msg_8',
    'waybill.execution_id': 'exe_1',
    'waybill.attempt': 1,
    'waybill.tenant_id': 'tenant_42',
    'waybill.operation': 'checkout',
    'waybill.event_type': 'order.created',
    'waybill.business_key': 'order:ORD-48213',
    'waybill.outcome': 'ok',
  });
  const [started] = of('started');
  assert.deepEqual([started?.trace_id, started?.span_id], [TRACE_ID, idOf(span)]);
  assert.deepEqual(started?.trace_mode, { mode: 'P', reason: 'command' });
});

test('the run of a message that is stamped as linked begins a trace, with a link that says why', () => {
  const { waybill, of } = tracedWaybill();
  waybill.consume({ ...DELIVERY, envelope: linked }, () => {});
  const span = spanNamed(exported(), 'process orders');
  assert.notEqual(traceOf(span), TRACE_ID);
  assert.equal(parentOf(span), undefined);
  assert.deepEqual(
    span.links.map(({ context, attributes }) => [context.traceId, context.spanId, context.isRemote, attributes]),
    [[TRACE_ID, PARENT_ID, true, { 'waybill.trace_mode.reason': 'event' }]],
  );
  assert.equal(of('started')[0]?.trace_id, traceOf(span));
});

test('a retry is linked to where its message was created, and says so', () => {
  const { waybill } = tracedWaybill();
  waybill.consume({ ...DELIVERY, attempt: 2 }, () => {});
  const [link] = spanNamed(exported(), 'process orders').links;
  assert.deepEqual(link?.attributes, { 'waybill.trace_mode.reason': 'retry' });
});

test('a trace that came without a span id is joined by no child: it stays as the origin', () => {
  const { waybill, of } = tracedWaybill();
  waybill.consume({ ...DELIVERY, envelope: anEnvelope() }, () => {});
  const span = spanNamed(exported(), 'process orders');
  assert.notEqual(traceOf(span), TRACE_ID);
  assert.deepEqual(of('started')[0]?.trace_mode, { mode: 'root', reason: 'no span id' });
  assert.equal(of('started')[0]?.origin_trace_id, TRACE_ID);
});

test('whatever is active where a message arrives, its run is no child of that', () => {
  const { waybill } = tracedWaybill();
  tracer.startActiveSpan('start-up', (startUp) => {
    waybill.consume({ ...DELIVERY, envelope: linked }, () => {});
    startUp.end();
    waybill.consume(DELIVERY, () => {});
  });
  const [first, , second] = exported();
  assert.ok(first && second);
  assert.deepEqual([parentOf(first), parentOf(second)], [undefined, PARENT_ID]);
});

test('how it ended is the span’s status, and the handler’s own end its end', () => {
  const { waybill } = tracedWaybill();
  for (const outcome of ['ok', 'skipped', 'released'] as const) {
    waybill.open(DELIVERY).settle({ outcome });
    const { status, attributes } = spanNamed(exported(), 'process orders');
    assert.deepEqual([status, attributes['waybill.outcome']], [{ code: 0 }, outcome]);
  }
  for (const outcome of ['retry', 'dead', 'failed'] as const) {
    waybill.open(DELIVERY).settle({ outcome, error: new RangeError('no stock') });
    const { status, attributes, events } = spanNamed(exported(), 'process orders');
    assert.deepEqual([status, attributes['error.type']], [{ code: 2, message: 'no stock' }, 'RangeError']);
    assert.equal(events[0]?.attributes?.['exception.message'], 'no stock');
  }
});

test('a span lasts until the handler’s end, not until the transport has said how it ended', async () => {
  const { waybill } = tracedWaybill();
  const execution = waybill.open(DELIVERY);
  execution.ended();
  const endedAt = performance.now();
  while (performance.now() - endedAt < 20); // the transport takes its time
  execution.settle({ outcome: 'ok' });
  const [seconds, nanos] = spanNamed(exported(), 'process orders').duration;
  assert.ok(seconds === 0 && nanos < 15e6, `${seconds} s ${nanos} ns`);
});

test('asked for, what lies between the handler’s end and the transport’s word is a span below', () => {
  const { waybill } = tracedWaybill({}, { settleSpans: true });
  waybill.consume(
    DELIVERY,
    () => {},
    () => ({ outcome: 'ok', by: 'ack' }),
  );
  const spans = exported();
  const settle = spanNamed(spans, 'ack orders');
  assert.equal(settle.kind, api.SpanKind.CLIENT);
  assert.equal(parentOf(settle), idOf(spanNamed(spans, 'process orders')));
  assert.deepEqual(
    [settle.attributes['messaging.operation.type'], settle.attributes['messaging.operation.name']],
    ['settle', 'ack'],
  );
});

test('a consumer that asks for its messages has a span for the asking, linked to what came', () => {
  const { waybill } = tracedWaybill();
  waybill.consume({ ...DELIVERY, envelope: linked, askedAt: Date.now() - 50 }, () => {});
  const receive = spanNamed(exported(), 'receive orders');
  assert.equal(receive.kind, api.SpanKind.CLIENT);
  assert.equal(receive.links[0]?.context.spanId, PARENT_ID);
  assert.ok(receive.duration[1] >= 49e6);
});

test('a batch is one span, linked to where each message was created, to 128 of them at most', () => {
  const { waybill, of } = tracedWaybill();
  const deliveries = Array.from({ length: 130 }, (_, index) => {
    const traceparent = `00-${TRACE_ID}-${(index + 1).toString(16).padStart(16, '0')}-01`;
    return { ...DELIVERY, envelope: anEnvelope({ traceHeaders: { traceparent } }) };
  });
  const { batch, items } = waybill.openBatch(deliveries);
  batch.run(() => own('all'));
  items[3]?.run(() => own('one'));
  batch.ended();
  for (const item of items) item.settle({ outcome: item === items[7] ? 'retry' : 'ok', error: new Error('seventh') });
  const spans = exported();
  const span = spanNamed(spans, 'process orders');
  assert.deepEqual([span.links.length, span.attributes['messaging.batch.message_count']], [128, 130]);
  assert.deepEqual(span.links[0]?.attributes, { 'waybill.trace_mode.reason': 'batch' });
  assert.deepEqual(
    ['all', 'one'].map((name) => parentOf(spanNamed(spans, name))),
    [idOf(span), idOf(span)],
  );
  assert.equal(span.status.message, 'seventh');
  assert.deepEqual(new Set(of('started').map(({ span_id }) => span_id)), new Set([idOf(span)]));
});

test('a line of the handler names the innermost span; outside the app’s own the run’s', () => {
  const { waybill } = tracedWaybill();
  const [outer, inner] = waybill.consume(DELIVERY, () => [
    logFields(),
    tracer.startActiveSpan('render', (span) => {
      const line = logFields();
      span.end();
      return line;
    }),
  ]);
  const spans = exported();
  assert.equal(outer?.['span_id'], idOf(spanNamed(spans, 'process orders')));
  assert.equal(inner?.['span_id'], idOf(spanNamed(spans, 'render')));
  assert.equal(inner?.['trace_id'], TRACE_ID);
});

test('a kept callback goes back into the span in which it was kept', () => {
  const { waybill } = tracedWaybill();
  const kept = waybill.consume(DELIVERY, () => keepScope(() => own('later')));
  kept();
  const spans = exported();
  assert.equal(parentOf(spanNamed(spans, 'later')), idOf(spanNamed(spans, 'process orders')));
});

test('a generator is in its span at every step', () => {
  const { waybill } = tracedWaybill();
  const execution = waybill.open(DELIVERY);
  const steps = execution.run(function* () {
    yield api.trace.getActiveSpan()?.spanContext().spanId;
    yield api.trace.getActiveSpan()?.spanContext().spanId;
  });
  const seen = [...steps];
  execution.settle({ outcome: 'ok' });
  assert.deepEqual(new Set(seen), new Set([idOf(spanNamed(exported(), 'process orders'))]));
});

test('an operator’s replay is linked to its original and to where it was ordered', () => {
  const { waybill } = tracedWaybill();
  const ordered = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const relations = { replay: { actor: 'mira', planId: 'plan_1', traceparent: ordered } };
  waybill.consume({ ...DELIVERY, envelope: { ...linked, traceReason: 'replay', relations } }, () => {});
  assert.deepEqual(
    spanNamed(exported(), 'process orders').links.map(({ context, attributes }) => [context.traceId, attributes]),
    [
      [TRACE_ID, { 'waybill.trace_mode.reason': 'replay' }],
      ['a'.repeat(32), { 'waybill.trace_mode.reason': 'operator' }],
    ],
  );
});

test('work that enters has a server’s span, named by the app’s operation, or by the method: a path has ids in it', () => {
  const { waybill } = tracedWaybill();
  waybill.ingress({ operation: 'checkout', eventType: 'POST /orders/17' }, () => {});
  waybill.ingress({ operation: 'POST /orders/17', eventType: 'POST /orders/17' }, () => {});
  waybill.ingress({ operation: 'reindex', system: 'cli' }, () => {});
  assert.deepEqual(
    exported().map(({ name, kind }) => [name, kind]),
    [
      ['checkout', api.SpanKind.SERVER],
      ['POST', api.SpanKind.SERVER],
      ['reindex', api.SpanKind.INTERNAL],
    ],
  );
});

test('a stranger’s trace is linked, and is never the parent; our own service’s is', () => {
  const { waybill } = tracedWaybill();
  const envelope = { traceHeaders: { traceparent: TRACEPARENT } };
  waybill.ingress({ operation: 'checkout', envelope }, () => {});
  waybill.ingress({ operation: 'charge', envelope: child, trust: 'trusted' }, () => {});
  const spans = exported();
  const [open, inner] = [spanNamed(spans, 'checkout'), spanNamed(spans, 'charge')];
  assert.deepEqual([parentOf(open), open.links[0]?.context.traceId], [undefined, TRACE_ID]);
  assert.deepEqual([parentOf(inner), inner.links], [PARENT_ID, []]);
});

test('a message that is handled inside the run of another has a span of its own', () => {
  const { waybill } = tracedWaybill();
  waybill.consume(DELIVERY, () => waybill.consume({ ...DELIVERY, destination: 'mails' }, () => {}));
  assert.deepEqual(
    exported().map(({ name }) => name),
    ['process mails', 'process orders'],
  );
});

test('each handler has the baggage of its own message; a batch what all of its messages have', () => {
  const { waybill } = tracedWaybill();
  const seen = () =>
    api.propagation
      .getActiveBaggage()
      ?.getAllEntries()
      .map(([name, { value }]) => `${name}=${value}`);
  const withBaggage = (baggage: string) => ({
    ...DELIVERY,
    envelope: anEnvelope({ traceHeaders: { traceparent: TRACEPARENT, baggage } }),
  });
  for (const text of ['a=1', 'b=2', 'a=1']) assert.deepEqual(waybill.consume(withBaggage(text), seen), [text]);
  const same = waybill.openBatch([withBaggage('a=1'), withBaggage('a=1')]);
  const mixed = waybill.openBatch([withBaggage('a=1'), withBaggage('b=2')]);
  assert.deepEqual([same.batch.run(seen), mixed.batch.run(seen)], [['a=1'], undefined]);
  for (const { batch } of [same, mixed]) batch.settle({ outcome: 'ok' });
  exported();
});

test('a library that has a span for the asking needs none of ours', () => {
  const { waybill } = tracedWaybill();
  waybill.consume({ ...DELIVERY, askedAt: Date.now() - 50, isTraced: true }, () => {});
  assert.deepEqual(
    exported().map(({ name }) => name),
    ['process orders'],
  );
});

test('a request has no transport that settles it', () => {
  const { waybill } = tracedWaybill({}, { settleSpans: true });
  waybill.ingress({ operation: 'checkout' }, () => {});
  assert.deepEqual(
    exported().map(({ name }) => name),
    ['checkout'],
  );
});

test('a run is called as a team knows it, in that system alone', () => {
  const naming = { asynq: { process: { name: 'Recv Task', kind: 'server' } } } as const;
  const { waybill } = tracedWaybill({}, { naming });
  for (const system of ['asynq', 'rabbitmq']) waybill.consume({ ...DELIVERY, system }, () => {});
  assert.deepEqual(
    exported().map(({ name, kind }) => [name, kind]),
    [
      ['Recv Task', api.SpanKind.SERVER],
      ['process orders', api.SpanKind.CONSUMER],
    ],
  );
});

test('where what is active is no span, a line names the run’s', () => {
  const { waybill } = tracedWaybill();
  const line = waybill.consume(DELIVERY, ({ context }) => {
    const none = api.trace.setSpanContext(api.context.active(), api.INVALID_SPAN_CONTEXT);
    assert.equal(context.traceId, TRACE_ID);
    return api.context.with(none, logFields);
  });
  assert.deepEqual([line['trace_id'], line['span_id']], [TRACE_ID, idOf(spanNamed(exported(), 'process orders'))]);
});
