import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Envelope } from '../../src/core/envelope.ts';
import { bind } from '../../src/core/scope.ts';
import type { Receipt } from '../../src/core/send.ts';
import { anEnvelope, knownWaybill, NOW, TRACE_ID } from '../known-waybill.ts';

const SEND = { system: 'nats', destination: 'mails' };
const DELIVERY = { system: 'nats', destination: 'orders', envelope: anEnvelope() };

test('what is sent while a message is handled names it as its cause, and the execution that sent it', () => {
  const { waybill, of } = knownWaybill();
  const send = { ...SEND, eventType: 'mail.asked', businessKey: 'mail:1', dedupKey: 'once', operation: 'notify' };
  const [envelope, executionId] = waybill.consume(DELIVERY, ({ context }) => {
    bind({ order: 'ORD-1' });
    return [
      waybill.produce(
        send,
        (sent) => sent,
        () => ({ status: 'taken', brokerId: '17' }),
      ),
      context.executionId,
    ];
  });
  assert.deepEqual(
    envelope,
    anEnvelope({
      messageId: 'msg_1',
      causationId: 'msg_9',
      operation: 'notify',
      eventType: 'mail.asked',
      businessKey: 'mail:1',
      byExecutionId: executionId,
      hop: 4,
      sentAt: NOW,
      bindingsJson: '{"plan":"gold","order":"ORD-1"}',
    }),
  );
  assert.deepEqual(of('sent'), [
    {
      kind: 'sent',
      status: 'taken',
      fact_id: 'fct_2',
      at: NOW,
      service: 'checkout',
      instance: 'checkout-1',
      seq: 2,
      message_id: 'msg_1',
      correlation_id: 'req_7',
      causation_id: 'msg_9',
      hop: 4,
      trace_id: TRACE_ID,
      tenant_id: 'tenant_42',
      operation: 'notify',
      event_type: 'mail.asked',
      business_key: 'mail:1',
      system: 'nats',
      destination: 'mails',
      broker_id: '17',
      bindings: '{"plan":"gold","order":"ORD-1"}',
      by_execution_id: executionId,
      created_at: NOW,
      dedup_key: 'once',
    },
  ]);
});

test('a message sent outside every scope begins a workflow, and the gap says so', () => {
  const { waybill, of } = knownWaybill();
  const envelope = waybill.produce(SEND, (sent) => sent);
  assert.deepEqual([envelope.correlationId, envelope.causationId, envelope.hop], ['msg_1', null, 0]);
  assert.deepEqual(of('gap')[0]?.gap, {
    reason: 'no_context',
    missing: ['context'],
    edge: { from: 'checkout', to: 'mails' },
  });
  assert.equal(of('gap')[0]?.message_id, 'msg_1');
  assert.equal(of('sent')[0]?.trace_id, envelope.traceId);
});

test('a message that has no place for context is a gap, though it is sent in a scope', () => {
  const { waybill, of } = knownWaybill();
  waybill.consume(DELIVERY, () => waybill.produce({ ...SEND, isCarrying: false }, () => {}));
  assert.deepEqual(
    of('gap').map(({ gap }) => [gap.reason, gap.missing]),
    [['no_context', ['waybill']]],
  );
});

test('what publishing gives comes back: a value as a value, a promise as a promise', async () => {
  const { waybill } = knownWaybill();
  const value = { id: 1 };
  assert.equal(
    waybill.produce(SEND, () => value),
    value,
  );
  const promised = waybill.produce(SEND, async () => value);
  assert.ok(promised instanceof Promise);
  assert.equal(await promised, value);
});

test('a promise of a library’s own kind stays of its kind', () => {
  class Query<T> extends Promise<T> {}
  const { waybill } = knownWaybill();
  assert.ok(waybill.produce(SEND, () => Query.resolve(1)) instanceof Query);
});

test('the error of publishing goes on as the same object, and what became of the message is unknown', async () => {
  const { waybill, of } = knownWaybill();
  for (const error of [new Error('refused'), 'text', undefined, null, 0]) {
    const publish = () => {
      throw error;
    };
    assert.throws(
      () => waybill.produce(SEND, publish),
      (thrown) => thrown === error,
    );
    await assert.rejects(
      waybill.produce(SEND, async () => publish()),
      (thrown) => thrown === error,
    );
  }
  assert.deepEqual(new Set(of('sent').map(({ status }) => status)), new Set(['unknown']));
  assert.equal(of('sent').length, 10);
});

test('the receipt says what became of it, and a transaction that is open has created it only', () => {
  const { waybill, of } = knownWaybill();
  const receipts: Receipt[] = [
    { status: 'taken', brokerId: '1' },
    { status: 'duplicate', brokerId: '0' },
    { status: 'refused' },
    { status: 'unknown' },
    { status: 'pending', brokerId: null },
  ];
  for (const receipt of receipts)
    waybill.produce(
      SEND,
      () => receipt,
      (result) => result,
    );
  assert.deepEqual(
    of('sent').map(({ status, broker_id }) => [status, broker_id]),
    [
      ['taken', '1'],
      ['duplicate', '0'],
      ['refused', undefined],
      ['unknown', undefined],
    ],
  );
  assert.deepEqual(
    of('created').map(({ message_id }) => message_id),
    ['msg_5'],
  );
});

test('a receipt is asked for once the promise is there, and settles it once', async () => {
  const { waybill, of } = knownWaybill();
  const promised = waybill.produce(
    SEND,
    async () => turn('job_1'),
    (id) => ({ status: 'taken', brokerId: id }),
  );
  assert.equal(of('sent').length, 0);
  await promised;
  assert.equal(of('sent')[0]?.broker_id, 'job_1');
  const sending = waybill.prepare(SEND);
  sending.settle({ status: 'taken' });
  sending.settle({ status: 'refused' });
  assert.deepEqual(
    of('sent').map(({ status }) => status),
    ['taken', 'taken'],
  );
});

test('a receipt that throws, or is none, leaves the message sent and its fate unknown', () => {
  const { waybill, of } = knownWaybill();
  const broken: (() => Receipt)[] = [
    () => {
      throw new Error('no');
    },
    () => undefined as unknown as Receipt,
    () => null as unknown as Receipt,
  ];
  for (const receipt of broken) {
    assert.equal(
      waybill.produce(SEND, () => 'sent', receipt),
      'sent',
    );
    assert.deepEqual(
      waybill.produceAll([SEND], () => 'sent', receipt as unknown as () => Receipt[]),
      'sent',
    );
  }
  assert.deepEqual(
    of('sent').map(({ status }) => status),
    Array.from({ length: 6 }, () => 'unknown'),
  );
});

test('many messages in one call have an identity and a receipt each, in order', () => {
  const { waybill, of } = knownWaybill();
  const sends = ['a', 'b', 'c'].map((destination) => ({ system: 'nats', destination }));
  waybill.consume(DELIVERY, () =>
    waybill.produceAll(
      sends,
      (envelopes) => envelopes.map(({ messageId }) => messageId),
      (ids) => ids.slice(0, 2).map((brokerId) => ({ status: 'taken' as const, brokerId })),
    ),
  );
  assert.deepEqual(
    of('sent').map(({ message_id, destination, status, broker_id, fanout, causation_id }) => [
      [message_id, destination, status, broker_id, causation_id],
      fanout,
    ]),
    [
      [['msg_1', 'a', 'taken', 'msg_1', 'msg_9'], { id: 'fan_1', index: 0, count: 3 }],
      [['msg_2', 'b', 'taken', 'msg_2', 'msg_9'], { id: 'fan_1', index: 1, count: 3 }],
      [['msg_3', 'c', 'unknown', undefined, 'msg_9'], { id: 'fan_1', index: 2, count: 3 }],
    ],
  );
});

test('one message sent as many is no fan-out, and none is nothing', () => {
  const { waybill, of } = knownWaybill();
  waybill.produceAll([SEND], ([envelope]) => assert.equal(envelope?.relations, undefined));
  assert.equal(of('sent').length, 1);
  assert.deepEqual(
    waybill.produceAll([], (envelopes) => envelopes),
    [],
  );
  assert.equal(of('sent').length, 1);
});

test('when sending many fails, the fate of each is unknown', async () => {
  const { waybill, of } = knownWaybill();
  const error = new Error('away');
  await assert.rejects(
    waybill.produceAll([SEND, SEND], () => Promise.reject(error)),
    (thrown) => thrown === error,
  );
  assert.deepEqual(
    of('sent').map(({ status }) => status),
    ['unknown', 'unknown'],
  );
});

function modesOf(hop: number, count: number): (string | null)[] {
  const { waybill } = knownWaybill();
  return waybill.consume({ ...DELIVERY, envelope: anEnvelope({ hop }) }, () =>
    Array.from({ length: count }, () =>
      waybill.produce(SEND, ({ traceMode, traceReason }) => `${traceMode} ${traceReason}`),
    ),
  );
}

test('the first sixteen sends of an execution are its trace’s children, and the next a fan-out', () => {
  const modes = modesOf(0, 18);
  assert.deepEqual(new Set(modes.slice(0, 16)), new Set(['P command']));
  assert.deepEqual(modes.slice(16), ['L fan-out', 'L fan-out']);
});

test('fewer than twenty hops are one trace, and the twentieth is a link', () => {
  assert.deepEqual([...modesOf(18, 1), ...modesOf(19, 1), ...modesOf(500, 1)], ['P command', 'L hops', 'L hops']);
});

test('sends of parallel branches count as one execution’s', async () => {
  const { waybill } = knownWaybill();
  const modes = await waybill.consume(DELIVERY, () =>
    Promise.all(
      Array.from({ length: 20 }, async () => {
        await turn();
        return waybill.produce(SEND, ({ traceMode }: Envelope) => traceMode);
      }),
    ),
  );
  assert.deepEqual([modes.filter((mode) => mode === 'P').length, modes.filter((mode) => mode === 'L').length], [16, 4]);
});

test('a relay publishes the message as it was made, wherever it runs', () => {
  const { waybill, of } = knownWaybill();
  const relay = anEnvelope({ relations: { fanout: { id: 'fan_7', index: 1, count: 2 } } });
  waybill.ingress({ operation: 'relay' }, () => {
    bind({ relay: 1 });
    assert.equal(
      waybill.produce({ ...SEND, relay }, (envelope) => envelope),
      relay,
    );
  });
  const [sent] = of('sent');
  assert.deepEqual(
    [
      sent?.message_id,
      sent?.correlation_id,
      sent?.causation_id,
      sent?.by_execution_id,
      sent?.bindings,
      sent?.fanout?.id,
    ],
    ['msg_9', 'req_7', 'msg_8', 'exe_6', '{"plan":"gold"}', 'fan_7'],
  );
  assert.deepEqual([sent?.created_at, sent?.at], [NOW - 1000, NOW]);
});

test('an identity that is too long is left out whole and counted, and the inherited one is not put in its place', () => {
  const { waybill } = knownWaybill();
  const long = 'x'.repeat(129);
  const envelope = waybill.consume(DELIVERY, () =>
    waybill.produce({ ...SEND, operation: long, eventType: long, businessKey: long }, (sent) => sent),
  );
  assert.deepEqual(
    [envelope.operation, envelope.eventType, envelope.businessKey, envelope.overflow],
    [null, null, null, 3],
  );
  const whole = 'x'.repeat(128);
  assert.equal(waybill.produce({ ...SEND, operation: whole }, (sent) => sent).operation, whole);
});
