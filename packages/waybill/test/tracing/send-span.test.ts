import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Envelope } from '../../src/core/envelope.ts';
import { captureScope, restoreScope } from '../../src/core/passed-scope.ts';
import type { Send } from '../../src/core/send.ts';
import { anEnvelope, TRACE_ID, TRACEPARENT } from '../known-waybill.ts';
import { api, exported, idOf, parentOf, spanNamed, tracedWaybill, traceOf, tracer } from './registered-sdk.ts';

const SEND: Send = { system: 'rabbitmq', destination: 'orders', eventType: 'order.created' };
const EDGE = { operation: 'checkout', eventType: 'POST /checkout' };
const sent = (envelope: Envelope) => envelope;

test('a send is a producer span named by operation and destination, and the message’s creation context', () => {
  const { waybill, of } = tracedWaybill();
  const envelope = waybill.ingress(EDGE, () =>
    waybill.produce(SEND, sent, () => ({ status: 'taken', brokerId: '17' })),
  );
  const spans = exported();
  const span = spanNamed(spans, 'send orders');
  assert.equal(span.kind, api.SpanKind.PRODUCER);
  assert.deepEqual(span.attributes, {
    'messaging.system': 'rabbitmq',
    'messaging.system.name': 'rabbitmq',
    'messaging.operation.type': 'send',
    'messaging.operation.name': 'send',
    'messaging.destination.name': 'orders',
    'messaging.message.conversation_id': 'req_1',
    'messaging.message.id': '17',
    'waybill.message_id': 'msg_1',
    'waybill.correlation_id': 'req_1',
    'waybill.causation_id': 'req_1',
    'waybill.operation': 'checkout',
    'waybill.event_type': 'order.created',
  });
  assert.equal(envelope.traceHeaders.traceparent, `00-${traceOf(span)}-${idOf(span)}-01`);
  assert.equal(envelope.traceId, traceOf(span));
  assert.deepEqual([of('sent')[0]?.trace_id, of('sent')[0]?.span_id], [traceOf(span), idOf(span)]);
  assert.equal(parentOf(span), idOf(spanNamed(spans, 'checkout')));
});

test('a send inside the app’s own span is that span’s child', () => {
  const { waybill } = tracedWaybill();
  waybill.ingress(EDGE, () =>
    tracer.startActiveSpan('reserve stock', (own) => {
      waybill.produce(SEND, sent);
      own.end();
    }),
  );
  const spans = exported();
  assert.equal(parentOf(spanNamed(spans, 'send orders')), idOf(spanNamed(spans, 'reserve stock')));
  assert.equal(parentOf(spanNamed(spans, 'reserve stock')), idOf(spanNamed(spans, 'checkout')));
});

test('while the library publishes, the app’s own span stays the active one', () => {
  const { waybill } = tracedWaybill();
  const active = waybill.ingress(EDGE, () =>
    waybill.produce(SEND, () => api.trace.getActiveSpan()?.spanContext().spanId),
  );
  assert.equal(active, idOf(spanNamed(exported(), 'checkout')));
});

test('a send ends when the transport has answered, and fails as it does', async () => {
  const { waybill } = tracedWaybill();
  const sending = waybill.prepare(SEND);
  assert.deepEqual(exported(), []);
  sending.settle({ status: 'refused' });
  assert.deepEqual(spanNamed(exported(), 'send orders').status, { code: 2, message: 'The transport refused it.' });
  const down = new TypeError('connection lost');
  await assert.rejects(
    waybill.produce(SEND, () => Promise.reject(down)),
    down,
  );
  const failed = spanNamed(exported(), 'send orders');
  assert.deepEqual(failed.status, { code: 2, message: 'connection lost' });
  assert.equal(failed.attributes['error.type'], 'TypeError');
  assert.equal(failed.events[0]?.name, 'exception');
});

test('several messages in one call are one span, and each is created in it', () => {
  const { waybill, of } = tracedWaybill();
  const envelopes = waybill.ingress(EDGE, () => waybill.produceAll([SEND, SEND, SEND], (made) => made));
  const span = spanNamed(exported(), 'send orders');
  assert.equal(span.attributes['messaging.batch.message_count'], 3);
  assert.equal(span.attributes['waybill.correlation_id'], 'req_1');
  assert.equal(span.attributes['waybill.message_id'], undefined);
  const parents = envelopes.map(({ traceHeaders }) => traceHeaders.traceparent);
  assert.deepEqual(new Set(parents), new Set([`00-${traceOf(span)}-${idOf(span)}-01`]));
  assert.deepEqual(new Set(of('sent').map(({ span_id }) => span_id)), new Set([idOf(span)]));
});

test('several messages that could not be handed over fail as one', async () => {
  const { waybill } = tracedWaybill();
  await assert.rejects(waybill.produceAll([SEND, SEND], () => Promise.reject(new RangeError('too many'))));
  assert.equal(spanNamed(exported(), 'send orders').attributes['error.type'], 'RangeError');
});

test('what an outbox is given is created there; its relay sends it, linked and never the parent', () => {
  const { waybill } = tracedWaybill();
  const envelope = waybill.ingress(EDGE, () =>
    waybill.produce({ ...SEND, edge: 'outbox' }, sent, () => ({ status: 'pending' })),
  );
  const created = spanNamed(exported(), 'create orders');
  assert.equal(created.kind, api.SpanKind.PRODUCER);
  const relayed = tracer.startActiveSpan('relay', (relay) => {
    const again = waybill.produce({ ...SEND, relay: envelope }, sent);
    relay.end();
    return again;
  });
  assert.deepEqual(relayed, envelope);
  const spans = exported();
  const span = spanNamed(spans, 'send orders');
  assert.equal(span.kind, api.SpanKind.CLIENT);
  assert.equal(parentOf(span), idOf(spanNamed(spans, 'relay')));
  assert.deepEqual(
    span.links.map(({ context, attributes }) => [context.spanId, attributes]),
    [[idOf(created), { 'waybill.trace_mode.reason': 'outbox' }]],
  );
});

test('an operator’s replay keeps its creation context, and says in which span it was ordered', () => {
  const { waybill } = tracedWaybill();
  const of = anEnvelope({ traceHeaders: { traceparent: TRACEPARENT } });
  const replay = { of, actor: 'mira', reason: 'fixed', planId: 'plan_1' };
  const again = waybill.produce({ ...SEND, replay }, sent);
  const span = spanNamed(exported(), 'send orders');
  assert.equal(again.traceHeaders.traceparent, TRACEPARENT);
  assert.equal(again.relations?.replay?.traceparent, `00-${traceOf(span)}-${idOf(span)}-01`);
  assert.deepEqual(
    span.links.map(({ context }) => context.traceId),
    [TRACE_ID],
  );
});

test('what a consumer puts aside as dead keeps its trace, and is no span', () => {
  const { waybill } = tracedWaybill();
  const deadLetter = anEnvelope({ traceHeaders: { traceparent: TRACEPARENT } });
  assert.deepEqual(waybill.produce({ ...SEND, deadLetter }, sent), deadLetter);
  assert.deepEqual(exported(), []);
});

test('a schedule’s template is no message, and no span', () => {
  const { waybill } = tracedWaybill();
  const template = waybill.produce({ ...SEND, scheduleId: 'nightly' }, sent);
  assert.deepEqual([exported(), template.traceHeaders], [[], {}]);
});

test('an outgoing call is a client span by its method and the app’s pattern', () => {
  const { waybill } = tracedWaybill();
  waybill.ingress(EDGE, () =>
    waybill.produce(
      { system: 'http', destination: 'payments:443', kind: 'request', eventType: 'POST /charges/{id}' },
      sent,
    ),
  );
  const span = spanNamed(exported(), 'POST /charges/{id}');
  assert.equal(span.kind, api.SpanKind.CLIENT);
  assert.deepEqual(
    [span.attributes['http.request.method'], span.attributes['server.address']],
    ['POST', 'payments:443'],
  );
  assert.deepEqual(
    [span.attributes['waybill.message_id'], span.attributes['waybill.causation_id']],
    ['req_2', 'req_1'],
  );
});

test('where its library makes the span, none is made, and the active one is the creation context', () => {
  const { waybill } = tracedWaybill();
  const envelope = waybill.ingress(EDGE, () => waybill.produce({ ...SEND, isTraced: true }, sent));
  const spans = exported();
  assert.deepEqual(
    spans.map(({ name }) => name),
    ['checkout'],
  );
  assert.equal(
    envelope.traceHeaders.traceparent,
    `00-${traceOf(spanNamed(spans, 'checkout'))}-${idOf(spanNamed(spans, 'checkout'))}-01`,
  );
  const always = tracedWaybill({}, { spans: 'always' });
  always.waybill.produce({ ...SEND, isTraced: true }, sent);
  assert.equal(exported().length, 1);
  const never = tracedWaybill({}, { spans: 'never' });
  assert.deepEqual([never.waybill.produce(SEND, sent).traceHeaders, exported()], [{}, []]);
});

test('baggage that the app sets is carried, and what it removes is not', () => {
  const { waybill } = tracedWaybill();
  const inbound = anEnvelope({
    traceHeaders: { traceparent: TRACEPARENT, baggage: 'region=eu;ttl=5,plan=gold%20one' },
  });
  const carried = waybill.consume({ system: 'rabbitmq', destination: 'orders', envelope: inbound }, () => {
    const as = waybill.produce(SEND, sent).traceHeaders.baggage;
    const active = api.context.active();
    const changed = api.propagation.getBaggage(active)?.removeEntry('region').setEntry('a b', { value: 'c,d' });
    assert.ok(changed);
    const own = api.context.with(api.propagation.setBaggage(active, changed), () => waybill.produce(SEND, sent));
    const none = api.context.with(api.propagation.deleteBaggage(active), () => waybill.produce(SEND, sent));
    return [as, own.traceHeaders.baggage, none.traceHeaders.baggage];
  });
  assert.deepEqual(carried, ['region=eu;ttl=5,plan=gold%20one', 'plan=gold%20one,a%20b=c%2Cd', undefined]);
  exported();
});

test('names and kinds that a team knows already are used for that system, and for no other', () => {
  const naming = { asynq: { send: { name: 'Push Task', kind: 'client' } } } as const;
  const { waybill } = tracedWaybill({}, { naming });
  waybill.produce({ ...SEND, system: 'asynq' }, sent);
  waybill.produce(SEND, sent);
  assert.deepEqual(
    exported().map(({ name, kind }) => [name, kind]),
    [
      ['Push Task', api.SpanKind.CLIENT],
      ['send orders', api.SpanKind.PRODUCER],
    ],
  );
});

test('in a scope that was handed on as a value, a send is the child of the span that it was handed on from', () => {
  const { waybill } = tracedWaybill();
  const inbound = anEnvelope({ traceHeaders: { traceparent: TRACEPARENT } });
  const passed = waybill.consume({ system: 'rabbitmq', destination: 'orders', envelope: inbound }, captureScope);
  restoreScope(passed, () => waybill.produce(SEND, sent));
  const spans = exported();
  assert.equal(parentOf(spanNamed(spans, 'send orders')), idOf(spanNamed(spans, 'process orders')));
});

test('the member of baggage that names a workflow is written by the layout alone', () => {
  const { waybill } = tracedWaybill();
  const baggage = waybill.ingress(EDGE, () => {
    const claimed = api.propagation.createBaggage({ 'waybill.correlation_id': { value: 'req_0' }, a: { value: '1' } });
    const within = api.propagation.setBaggage(api.context.active(), claimed);
    return api.context.with(within, () => waybill.produce(SEND, sent)).traceHeaders.baggage;
  });
  assert.equal(baggage, 'a=1');
  exported();
});
