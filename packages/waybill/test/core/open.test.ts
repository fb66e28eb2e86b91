import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery } from '../../src/core/delivery.ts';
import type { Gap } from '../../src/core/envelope.ts';
import { bind, logFields } from '../../src/core/scope.ts';
import { anEnvelope, knownWaybill, NOW, TRACE_ID, TRACEPARENT } from '../known-waybill.ts';

const DELIVERY: Delivery = { system: 'rabbitmq', destination: 'orders', envelope: 'absent', brokerId: '17' };
const HASHED = 'msg_5T97Y3MN6C7VVG8ZYJ5W43BQVQ';
const traceHeaders = { traceparent: TRACEPARENT, tracestate: 'a=1', baggage: 'k=v' };

const GAPS: [envelope: Gap, reason: string, missing: string[], more?: { traceparent: string }][] = [
  ['absent', 'no_context', ['waybill', 'traceparent']],
  ['unreadable', 'unreadable', ['waybill', 'traceparent']],
  ['oversized', 'oversized', ['waybill', 'traceparent']],
  [{ traceHeaders }, 'w3c_only', ['waybill'], { traceparent: TRACEPARENT }],
  [{ traceHeaders, unusable: 'unreadable' }, 'unreadable', ['waybill']],
  [{ traceHeaders, unusable: 'oversized' }, 'oversized', ['waybill']],
  [{ traceHeaders: {} }, 'no_context', ['waybill', 'traceparent']],
];

for (const [envelope, reason, missing, more] of GAPS) {
  test(`a delivery whose context is ${JSON.stringify(envelope)} is recorded as ${reason}, under an id that stays`, () => {
    for (const _ of ['first', 'retry']) {
      const { waybill, of } = knownWaybill();
      waybill.consume({ ...DELIVERY, envelope, eventType: 'order.created' }, ({ context }) => {
        const { messageId, correlationId, causationId, tenantId, operation, hop } = context;
        assert.deepEqual(
          [messageId, correlationId, causationId, tenantId, operation, hop],
          [HASHED, HASHED, null, null, null, 0],
        );
      });
      assert.deepEqual(
        of('gap').map((fact) => [fact.message_id, fact.event_type, fact.broker_id, fact.gap]),
        [[HASHED, 'order.created', '17', { reason, missing, edge: { from: null, to: 'orders' }, ...more }]],
      );
      const ids = [...of('gap'), ...of('started'), ...of('settled')].map((fact) => fact.trace_id);
      assert.equal(new Set(ids).size, 1);
      assert.match(ids[0] ?? '', /^(?!0{32})[0-9a-f]{32}$/);
    }
  });
}

test('the W3C headers beside an unusable waybill are passed on byte for byte', () => {
  const { waybill, of } = knownWaybill();
  const sent = waybill.consume({ ...DELIVERY, envelope: { traceHeaders, unusable: 'unreadable' } }, () =>
    waybill.produce({ system: 'nats', destination: 'mails' }, (made) => made),
  );
  assert.deepEqual(sent.traceHeaders, traceHeaders);
  assert.equal(of('started')[0]?.trace_mode.mode, 'L');
});

test('what a message without context causes is in its workflow', () => {
  const { waybill } = knownWaybill();
  const sent = waybill.consume(DELIVERY, () =>
    waybill.produce({ system: 'nats', destination: 'mails' }, (made) => made),
  );
  assert.deepEqual([sent.correlationId, sent.causationId, sent.hop], [HASHED, HASHED, 1]);
});

test('without a broker’s id each delivery is a message of its own', () => {
  const { waybill } = knownWaybill();
  const { brokerId: _, ...unnamed } = DELIVERY;
  assert.deepEqual(
    [1, 2].map(() => waybill.open(unnamed).context.messageId),
    ['msg_1', 'msg_2'],
  );
});

test('headers of W3C alone are linked to, and passed on byte for byte', () => {
  const { waybill, of } = knownWaybill();
  const sent = waybill.consume({ ...DELIVERY, envelope: { traceHeaders } }, () =>
    waybill.produce({ system: 'nats', destination: 'mails' }, (made) => made),
  );
  assert.equal(sent.traceHeaders, traceHeaders);
  assert.deepEqual(of('started')[0]?.trace_mode, { mode: 'L', reason: 'w3c_only' });
  assert.notEqual(of('started')[0]?.trace_id, TRACE_ID);
});

const KEPT: Partial<Delivery>[] = [{}, { attempt: 1 }, { attempt: 2 }, { redelivered: true }, { deadLettered: true }];

test('a retry, a redelivery and a dead letter keep the message’s identity, and what it carries', () => {
  for (const more of KEPT) {
    const { waybill } = knownWaybill();
    const delivery = { ...DELIVERY, envelope: anEnvelope(), ...more };
    waybill.consume(delivery, ({ context }) => {
      const { messageId, correlationId, causationId, tenantId, hop, businessKey } = context;
      assert.deepEqual(
        [messageId, correlationId, causationId, tenantId, hop, businessKey],
        ['msg_9', 'req_7', 'msg_8', 'tenant_42', 3, 'order:ORD-48213'],
      );
      assert.equal(logFields()['plan'], 'gold');
    });
  }
});

test('each attempt has an execution of its own, and the bindings of the message, not of the attempt before', () => {
  const { waybill, of } = knownWaybill();
  for (const attempt of [1, 2, 3]) {
    waybill.consume({ ...DELIVERY, envelope: anEnvelope(), attempt }, () => {
      assert.equal('tried' in logFields(), false);
      bind({ tried: attempt, plan: 'changed' });
    });
  }
  assert.equal(new Set(of('started').map((fact) => fact.execution_id)).size, 3);
  assert.deepEqual(
    of('started').map((fact) => [fact.attempt, fact.bindings]),
    [
      [1, '{"plan":"gold"}'],
      [2, '{"plan":"gold"}'],
      [3, '{"plan":"gold"}'],
    ],
  );
});

test('the weakest situation decides the trace: P only for the first arrival of what was stamped P', () => {
  const modes: [more: Partial<Delivery>, mode: string, reason: string][] = [
    [{ envelope: anEnvelope() }, 'P', 'command'],
    [{ envelope: anEnvelope({ traceMode: 'L', traceReason: 'event' }) }, 'L', 'event'],
    [{ envelope: anEnvelope({ traceMode: 'L', traceReason: null }) }, 'L', 'stamped'],
    [{ envelope: anEnvelope(), attempt: 2 }, 'L', 'retry'],
    [{ envelope: anEnvelope(), attempt: 2, redelivered: true }, 'L', 'retry'],
    [{ envelope: anEnvelope(), redelivered: true }, 'L', 'redelivery'],
    [{ envelope: anEnvelope(), redelivered: true, attempt: 1 }, 'L', 'redelivery'],
    [{ envelope: anEnvelope(), attempt: 2, deadLettered: true }, 'L', 'dead letter'],
    [{ envelope: anEnvelope({ traceMode: null }) }, 'root', 'no span id'],
    [{ envelope: anEnvelope({ traceMode: null, traceHeaders }) }, 'L', 'foreign sender'],
  ];
  for (const [more, mode, reason] of modes) {
    const { waybill, of } = knownWaybill();
    const { context } = waybill.open({ ...DELIVERY, ...more });
    assert.deepEqual(of('started')[0]?.trace_mode, { mode, reason });
    assert.equal(context.traceId === TRACE_ID, mode === 'P', `${mode} ${reason}`);
  }
});

test('a trace that came without a span id is neither parent nor link, and stays as the origin', () => {
  const { waybill, of } = knownWaybill();
  const envelope = anEnvelope({ traceMode: null });
  const sent = waybill.consume({ ...DELIVERY, envelope }, () =>
    waybill.produce({ system: 'nats', destination: 'mails' }, (made) => made),
  );
  assert.equal(of('started')[0]?.origin_trace_id, TRACE_ID);
  assert.deepEqual([sent.originTraceId, sent.traceId === TRACE_ID], [TRACE_ID, false]);
  const again = waybill.consume({ ...DELIVERY, envelope: sent }, () =>
    waybill.produce({ system: 'nats', destination: 'bills' }, (made) => made),
  );
  assert.equal(again.originTraceId, TRACE_ID, 'and goes on from message to message');
});

test('the time of arrival is now where the library does not say it', () => {
  const { waybill, of } = knownWaybill();
  waybill.open(DELIVERY);
  assert.deepEqual([of('started')[0]?.received_at, of('started')[0]?.attempt], [NOW, null]);
  assert.equal(of('started')[0]?.subscription, 'orders', 'and the destination is the subscription');
});

test('baggage that names the workflow and no span makes a root of it', () => {
  const { waybill, of } = knownWaybill();
  waybill.consume({ ...DELIVERY, envelope: { traceHeaders: {}, correlationId: 'req_7' } }, () => {});
  const [started] = of('started');
  assert.deepEqual([started?.correlation_id, started?.trace_mode], ['req_7', { mode: 'root', reason: 'partial' }]);
});

test('where baggage names the workflow, the gap says which span sent the message, if one came', () => {
  for (const [headers, traceparent] of [
    [traceHeaders, TRACEPARENT],
    [{ baggage: 'k=v' }, undefined],
  ] as const) {
    const { waybill, of } = knownWaybill();
    waybill.consume({ ...DELIVERY, envelope: { traceHeaders: headers, correlationId: 'req_7' } }, () => {});
    assert.deepEqual([of('gap')[0]?.gap.reason, of('gap')[0]?.gap.traceparent], ['partial', traceparent]);
  }
});

test('what comes out of a dead-letter queue says so, whatever else it is', () => {
  const { waybill, of } = knownWaybill();
  const relations = { replay: { actor: 'mira', planId: 'plan_1' } };
  const delivery = { ...DELIVERY, envelope: anEnvelope({ relations }), deadLettered: true, attempt: 3 };
  waybill.consume({ ...delivery, replay: 'log' }, () => {});
  assert.equal(of('started')[0]?.trace_mode.reason, 'dead letter');
});

test('log fields that came without a waybill are restored, but not those of a stranger', () => {
  for (const [trust, expected] of [
    ['trusted', 'gold'],
    ['public', undefined],
  ] as const) {
    const { waybill, of } = knownWaybill();
    const envelope = { traceHeaders: { traceparent: TRACEPARENT } };
    waybill.consume({ ...DELIVERY, envelope, bindingsJson: '{"plan":"gold"}', trust }, () => {
      assert.equal(logFields()['plan'], expected);
    });
    assert.equal(of('started')[0]?.bindings, expected && '{"plan":"gold"}');
  }
});
