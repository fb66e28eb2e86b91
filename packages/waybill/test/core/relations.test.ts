import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Envelope } from '../../src/core/envelope.ts';
import { bind } from '../../src/core/scope.ts';
import type { Send } from '../../src/core/send.ts';
import { readHeaders, writeHeaders } from '../../src/layouts/headers.ts';
import { anEnvelope, type KnownWaybill, knownWaybill, NOW, present } from '../known-waybill.ts';

const DELIVERY = { system: 'kafka', destination: 'orders', envelope: anEnvelope() };
const SEND: Send = { system: 'kafka', destination: 'mails', eventType: 'mail.asked' };

function sendFrom(known: KnownWaybill, more: Partial<Send>): Envelope {
  return known.waybill.consume(DELIVERY, () => known.waybill.produce({ ...SEND, ...more }, (envelope) => envelope));
}

function receive(known: KnownWaybill, envelope: Envelope): void {
  const { system, destination } = SEND;
  known.waybill.consume({ system, destination, envelope: readHeaders(writeHeaders(envelope, {})) }, () => {});
}

test('a reply says what it answers: what is being handled, or what the app names', () => {
  const known = knownWaybill();
  assert.equal(sendFrom(known, { kind: 'reply' }).relations?.inReplyTo, 'msg_9');
  sendFrom(known, { kind: 'reply', inReplyTo: 'msg_3' });
  assert.deepEqual(
    known.of('sent').map((fact) => [fact.causation_id, fact.in_reply_to]),
    [
      ['msg_9', 'msg_9'],
      ['msg_9', 'msg_3'],
    ],
  );
});

test('a saga’s timeout names the saga in every fact, and its deadline in the send', () => {
  const known = knownWaybill();
  receive(known, sendFrom(known, { sagaId: 'order-7', notBefore: NOW + 60_000, dueAt: NOW + 90_000 }));
  const [sent] = known.of('sent');
  assert.deepEqual([sent?.saga_id, sent?.not_before, sent?.due_at], ['order-7', NOW + 60_000, NOW + 90_000]);
  assert.equal(known.of('started').at(-1)?.saga_id, 'order-7');
  assert.equal(known.of('settled').at(-1)?.saga_id, 'order-7');
});

test('a flow that is created up front has one name, and its parent says whom it waits for', () => {
  const known = knownWaybill();
  const [first, second, parent] = known.waybill.consume(DELIVERY, () => {
    const prepare = (flow: Send['flow']) => known.waybill.prepare({ ...SEND, flow });
    const one = prepare({ role: 'child' });
    const { id } = one.envelope.relations?.flow ?? {};
    const two = prepare({ id, role: 'child' });
    const awaits = [one.envelope.messageId, two.envelope.messageId];
    const whole = prepare({ id, role: 'parent', awaits });
    for (const sending of [one, two, whole]) sending.settle({ status: 'taken' });
    return [one.envelope, two.envelope, whole.envelope] as const;
  });
  assert.deepEqual(
    known.of('sent').map((fact) => [fact.flow, fact.causation_id]),
    [
      [{ id: 'flow_1', role: 'child' }, 'msg_9'],
      [{ id: 'flow_1', role: 'child' }, 'msg_9'],
      [{ id: 'flow_1', role: 'parent', awaits: [first.messageId, second.messageId] }, 'msg_9'],
    ],
  );
  const read = readHeaders(writeHeaders(parent, {})) as Envelope; // sound: written just now
  assert.deepEqual(present(read.relations ?? {}), { flow: { id: 'flow_1', role: 'parent' } });
});

test('a parent’s start says which of its children let it go', () => {
  const known = knownWaybill();
  known.waybill.consume({ ...DELIVERY, releasedBy: 'msg_2' }, () => {});
  assert.equal(known.of('started')[0]?.released_by, 'msg_2');
});

test('a child that its running parent waits for is in a flow of the parent’s name, and one on its own in none', () => {
  const known = knownWaybill();
  assert.deepEqual(sendFrom(known, { child: 'awaited' }).relations?.flow, { id: 'msg_9', role: 'child' });
  assert.equal(sendFrom(known, { child: 'detached' }).relations, undefined);
});

test('an outgoing request is a request of its own, and carries no bindings', () => {
  const envelope = sendFrom(knownWaybill(), { kind: 'request' });
  assert.equal(envelope.messageId, 'req_1');
  assert.deepEqual([envelope.bindingsJson, envelope.hiddenJson, envelope.causationId], [null, null, 'msg_9']);
});

/** What comes of one input that is read `times` times, as its sends say it. */
function derivedKeys(times: number, replay: 'log' | undefined, more: Partial<Send> = {}): (string | undefined)[] {
  const known = knownWaybill();
  for (let time = 0; time < times; time++) {
    known.waybill.consume({ ...DELIVERY, replay }, () => known.waybill.produce({ ...SEND, ...more }, () => {}));
  }
  return known.of('sent').map((fact) => fact.derived_key);
}

test('two readings of a log make equal outputs, which are two messages', () => {
  const [first, second] = derivedKeys(2, 'log');
  assert.match(first ?? '', /^[0-9a-f]{64}$/);
  assert.equal(first, second);
});

test('outputs of one input are told apart by type, destination and the app’s own key', () => {
  const keys = [
    derivedKeys(1, 'log'),
    derivedKeys(1, 'log', { destination: 'archive' }),
    derivedKeys(1, 'log', { eventType: 'mail.sent' }),
    derivedKeys(1, 'log', { dedupKey: 'line-2' }),
  ].flat();
  assert.equal(new Set(keys).size, 4);
});

test('an ordinary run says nothing of the kind, and a replay is declared in its start', () => {
  assert.deepEqual(derivedKeys(1, undefined), [undefined]);
  const known = knownWaybill();
  known.waybill.consume({ ...DELIVERY, replay: 'backfill' }, () => {});
  const [started] = known.of('started');
  assert.deepEqual(
    [started?.replay, started?.trace_mode.reason, started?.message_id],
    ['backfill', 'log replay', 'msg_9'],
  );
});

test('what could not be carried is counted in the facts of both ends', () => {
  const known = knownWaybill();
  const sent = known.waybill.consume(DELIVERY, () => {
    bind({ callback: () => {}, order_id: 'ORD-1' });
    return known.waybill.produce({ ...SEND, eventType: 'x'.repeat(129) }, (envelope) => envelope);
  });
  receive(known, { ...sent, bindingsJson: JSON.stringify({ order_id: 'ORD-1', note: 'x'.repeat(5000) }) });
  assert.equal(known.of('sent')[0]?.overflow, 2, 'a function, and an event type that is too long');
  assert.equal(known.of('started').at(-1)?.overflow, 3, 'and a note that had no room in the header');
});

test('two attempts that both sent are told apart', () => {
  const known = knownWaybill();
  const [first, second] = [sendFrom(known, {}), sendFrom(known, {})];
  assert.equal(first.causationId, second.causationId);
  assert.notEqual(first.byExecutionId, second.byExecutionId);
  assert.deepEqual(
    known.of('sent').map((fact) => fact.by_execution_id),
    known.of('started').map((fact) => fact.execution_id),
  );
});

const HOWS = ['cancelled', 'expired', 'superseded', 'rolled_back'] as const;

for (const how of HOWS) {
  test(`work that will never run because it was ${how} is recorded`, () => {
    const known = knownWaybill();
    const place = { system: 'kafka', destination: 'orders', brokerId: '17', actor: 'mira' };
    known.waybill.discard({ envelope: anEnvelope({ traceId: null }), how, ...place });
    const [fact] = known.of('discarded');
    assert.deepEqual(
      [fact?.how, fact?.actor, fact?.message_id, fact?.correlation_id, fact?.broker_id, fact?.destination],
      [how, 'mira', 'msg_9', 'req_7', '17', 'orders'],
    );
    assert.match(fact?.trace_id ?? '', /^[0-9a-f]{32}$/);
  });
}

test('what is discarded by an app without a recorder is nobody’s error', () => {
  const { waybill } = knownWaybill({ recorder: undefined });
  waybill.discard({ envelope: anEnvelope(), system: 'kafka', destination: 'orders', how: 'cancelled' });
});

test('ties of a wrong kind are none, and take nothing else with them', () => {
  const read = (relations: object) =>
    readHeaders({ waybill: JSON.stringify({ v: 1, message_id: 'msg_1', correlation_id: 'req_1', ...relations }) });
  for (const wrong of [
    { flow: { id: 'flow_1', role: 'uncle' } },
    { flow: 'flow_1' },
    { replay: { actor: 'mira' } },
    { fanout: { id: 'fan_1', index: -1, count: 2 } },
    { in_reply_to: '', saga_id: 7, schedule_id: 'x'.repeat(129) },
  ]) {
    const envelope = read(wrong) as Envelope; // sound: it has an identity
    assert.deepEqual([envelope.messageId, envelope.relations], ['msg_1', undefined], JSON.stringify(wrong));
  }
});
