import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBody, writeBody } from '../../src/layouts/body.ts';
import { anEnvelope, knownWaybill, NOW, TRACEPARENT } from '../known-waybill.ts';

/** The message of the article that first described this body. */
const ARTICLE = `{
  "event_type": "order.created",
  "message_id": "msg_9218",
  "correlation_id": "req_71bd",
  "causation_id": "msg_9134",
  "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
  "tenant_id": "tenant_42",
  "operation": "checkout",
  "payload": { "order_id": "ord_4441" }
}`;
const NEW_TRACE = '0af7651916cd43dd8448eb211c80319c';

test('the article’s message is handled, and what it causes is its follow-on, byte for byte', () => {
  const { waybill, facts, of } = knownWaybill({ mintTraceId: () => NEW_TRACE });
  const { envelope, payload } = readBody(JSON.parse(ARTICLE));
  assert.deepEqual(payload, { order_id: 'ord_4441' });
  const followOn = waybill.consume({ system: 'rabbitmq', destination: 'orders', envelope }, () =>
    waybill.produce(
      { system: 'rabbitmq', destination: 'invoices', eventType: 'invoice.asked', kind: 'event' },
      (made) => JSON.stringify(writeBody(made, { order_id: 'ord_4441', total: 99 })),
    ),
  );
  assert.equal(
    followOn,
    '{"event_type":"invoice.asked","message_id":"msg_1","correlation_id":"req_71bd","causation_id":"msg_9218",' +
      '"trace_id":"0af7651916cd43dd8448eb211c80319c","tenant_id":"tenant_42","operation":"checkout",' +
      '"origin_trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","payload":{"order_id":"ord_4441","total":99}}',
  );
  const common = {
    at: NOW,
    service: 'checkout',
    instance: 'checkout-1',
    correlation_id: 'req_71bd',
    trace_id: NEW_TRACE,
    origin_trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    tenant_id: 'tenant_42',
    operation: 'checkout',
    system: 'rabbitmq',
  };
  const handled = {
    ...common,
    message_id: 'msg_9218',
    causation_id: 'msg_9134',
    hop: 0,
    event_type: 'order.created',
    destination: 'orders',
    subscription: 'orders',
    execution_id: 'exe_1',
    attempt: null,
  };
  assert.equal(facts.length, 3);
  assert.deepEqual(of('started'), [
    {
      kind: 'started',
      fact_id: 'fct_1',
      seq: 1,
      ...handled,
      received_at: NOW,
      trace_mode: { mode: 'root', reason: 'no span id' },
    },
  ]);
  assert.deepEqual(of('sent'), [
    {
      kind: 'sent',
      status: 'taken',
      fact_id: 'fct_2',
      seq: 2,
      ...common,
      message_id: 'msg_1',
      causation_id: 'msg_9218',
      hop: 1,
      event_type: 'invoice.asked',
      destination: 'invoices',
      by_execution_id: 'exe_1',
      created_at: NOW,
    },
  ]);
  assert.deepEqual(of('settled'), [
    { kind: 'settled', fact_id: 'fct_3', seq: 3, ...handled, ended_at: NOW, by: 'return', outcome: 'ok' },
  ]);
});

test('the article’s own message is written byte for byte from its envelope', () => {
  const { envelope, payload } = readBody(JSON.parse(ARTICLE));
  assert.ok(typeof envelope === 'object' && 'messageId' in envelope);
  assert.equal(JSON.stringify(writeBody(envelope, payload)), JSON.stringify(JSON.parse(ARTICLE)));
});

test('the origin is handed on from follow-on to follow-on', () => {
  const { waybill } = knownWaybill();
  const handle = (body: string) =>
    waybill.consume({ system: 'rabbitmq', destination: 'orders', envelope: readBody(JSON.parse(body)).envelope }, () =>
      waybill.produce({ system: 'rabbitmq', destination: 'orders' }, (made) => JSON.stringify(writeBody(made, {}))),
    );
  const third = JSON.parse(handle(handle(ARTICLE)));
  assert.equal(third.origin_trace_id, '4bf92f3577b34da6a3ce929d0e0e4736');
  assert.equal(third.correlation_id, 'req_71bd');
  assert.notEqual(third.trace_id, third.origin_trace_id);
});

test('with a traceparent beside it, the body’s trace is linked to and is no origin', () => {
  const { waybill, of } = knownWaybill();
  const { envelope } = readBody(JSON.parse(ARTICLE), { traceparent: TRACEPARENT });
  waybill.consume({ system: 'rabbitmq', destination: 'orders', envelope }, () => {});
  assert.deepEqual(of('started')[0]?.trace_mode, { mode: 'L', reason: 'foreign sender' });
  assert.equal(of('started')[0]?.origin_trace_id, undefined);
});

test('a body of somebody else’s is handed on whole, with no context', () => {
  for (const body of [{ order_id: 1 }, [1], 'text', null, undefined, 7, { payload: 1 }])
    assert.deepEqual(readBody(body), { envelope: 'absent', payload: body });
});

test('a body with half an identity is unreadable, and handed on whole', () => {
  for (const body of [
    { message_id: 'msg_1', payload: 1 },
    { correlation_id: 'req_1' },
    { message_id: 7, correlation_id: 'a' },
  ])
    assert.deepEqual(readBody(body), { envelope: 'unreadable', payload: body });
});

test('a body with no payload has none', () => {
  assert.equal(readBody({ message_id: 'msg_1', correlation_id: 'req_1' }).payload, undefined);
});

test('a body that is nested a hundred thousand levels deep is no reason to throw', () => {
  const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  const { envelope } = readBody({
    message_id: 'msg_1',
    correlation_id: 'req_1',
    deep,
    bindings: { deep },
    payload: deep,
  });
  assert.equal(typeof envelope === 'object' && 'messageId' in envelope && envelope.messageId, 'msg_1');
});

test('nothing of the wire but the body’s own keys is written into it', () => {
  const keys = Object.keys(writeBody(anEnvelope({ hiddenJson: '{"a":1}' }), null));
  assert.deepEqual(
    keys,
    `event_type message_id correlation_id causation_id trace_id tenant_id operation payload`.split(' '),
  );
});
