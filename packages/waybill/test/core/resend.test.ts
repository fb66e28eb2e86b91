import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Envelope } from '../../src/core/envelope.ts';
import { bind, logFields } from '../../src/core/scope.ts';
import { readHeaders, writeHeaders } from '../../src/layouts/headers.ts';
import { anEnvelope, type KnownWaybill, knownWaybill, NOW, TRACEPARENT } from '../known-waybill.ts';

const RECEIVED = anEnvelope({
  traceHeaders: { traceparent: TRACEPARENT, tracestate: undefined, baggage: undefined },
  inheritJson: '{"experiment":"b"}',
  hiddenJson: '{"plan":"pro"}',
  unknownJson: '"lane":"express"',
});
const SEND = { system: 'kafka', destination: 'archive' };
const OPERATOR = { actor: 'mira', reason: 'the bank is back', planId: 'plan_1' };
/** Somebody else's work, in which a message is handed on: nothing of it may be seen on the message. */
const OTHERS = { operation: 'sweep', tenantId: 'tenant_666' };

function inOtherWork<R>({ waybill }: KnownWaybill, work: () => R): R {
  return waybill.ingress(OTHERS, () => {
    bind({ sweep: 's-666' });
    return work();
  });
}

/** As it comes out of its headers at the other end. */
function travelled(envelope: Envelope): Envelope {
  return readHeaders(writeHeaders(envelope, {})) as Envelope; // sound: it was written just now
}

test('a forwarded message is the same one, a hop further, with all that it carried', () => {
  const known = knownWaybill();
  const sent = inOtherWork(known, () => known.waybill.produce({ ...SEND, forward: RECEIVED }, (made) => made));
  assert.deepEqual(travelled(sent), { ...RECEIVED, hop: 4, traceMode: 'L', traceReason: 'forward' });
  const [fact] = known.of('sent');
  assert.deepEqual(
    [fact?.message_id, fact?.causation_id, fact?.tenant_id, fact?.by_execution_id, fact?.created_at],
    ['msg_9', 'msg_8', 'tenant_42', 'exe_6', NOW - 1000],
  );
  assert.ok(!/666/.test(JSON.stringify([sent, fact])));
});

test('a message that its consumer puts aside keeps every byte of its waybill', () => {
  const known = knownWaybill();
  const handle = () =>
    known.waybill.produce({ ...SEND, deadLetter: RECEIVED }, (envelope) => writeHeaders(envelope, {}));
  const carrier = known.waybill.consume({ system: 'kafka', destination: 'orders', envelope: RECEIVED }, handle, () => ({
    outcome: 'dead',
    error: new Error('no stock'),
  }));
  assert.deepEqual(carrier, writeHeaders(RECEIVED, {}));
  assert.deepEqual(
    known.of('sent').map((fact) => [fact.message_id, fact.destination, fact.dead_lettered]),
    [['msg_9', 'archive', true]],
  );
  const [settled] = known.of('settled');
  assert.deepEqual(
    [settled?.outcome, settled?.message_id, settled?.correlation_id, settled?.causation_id],
    ['dead', 'msg_9', 'req_7', 'msg_8'],
  );
});

test('a replay is the original message, in its own workflow, account and cause; the operator is named apart', () => {
  const known = knownWaybill();
  const replay = { of: RECEIVED, ...OPERATOR };
  const sent = inOtherWork(known, () => known.waybill.produce({ ...SEND, replay }, (made) => made));
  assert.deepEqual(travelled(sent), {
    ...RECEIVED,
    traceMode: 'L',
    traceReason: 'replay',
    relations: {
      ...EMPTY_RELATIONS,
      replay: { actor: 'mira', planId: 'plan_1' },
    },
  });
  const [replayed] = known.of('replayed');
  assert.deepEqual(
    [replayed?.message_id, replayed?.tenant_id, replayed?.actor, replayed?.reason, replayed?.plan_id],
    ['msg_9', 'tenant_42', 'mira', 'the bank is back', 'plan_1'],
  );
  assert.equal(replayed?.new_message_id, undefined);
  assert.deepEqual(
    known.of('sent').map((fact) => [fact.message_id, fact.plan_id]),
    [['msg_9', 'plan_1']],
  );
  assert.ok(!/666/.test(JSON.stringify(known.facts.filter(({ kind }) => kind === 'replayed' || kind === 'sent'))));
});

test('an edited replay is another message, which says what it replays, and no execution made it', () => {
  const known = knownWaybill();
  const replay = { of: RECEIVED, ...OPERATOR, isEdited: true };
  const sent = inOtherWork(known, () => known.waybill.produce({ ...SEND, replay }, (made) => made));
  assert.deepEqual(
    [sent.messageId, sent.relations?.replayOf, sent.correlationId, sent.causationId, sent.byExecutionId],
    ['msg_1', 'msg_9', 'req_7', 'msg_8', null],
  );
  assert.equal(known.of('replayed')[0]?.new_message_id, 'msg_1');
  assert.equal(known.of('sent')[0]?.replay_of, 'msg_9');
});

test('a replayed message runs with its original bindings, and its retries still say which plan redrove it', () => {
  const known = knownWaybill();
  const sent = known.waybill.produce({ ...SEND, replay: { of: RECEIVED, ...OPERATOR } }, travelled);
  for (const attempt of [1, 2]) {
    known.waybill.consume({ ...SEND, envelope: sent, attempt }, () => assert.equal(logFields()['plan'], 'gold'));
  }
  assert.deepEqual(
    known.of('started').map((fact) => [fact.message_id, fact.attempt, fact.replay, fact.plan_id, fact.trace_mode]),
    [1, 2].map((attempt) => ['msg_9', attempt, 'operator', 'plan_1', { mode: 'L', reason: 'replay' }]),
  );
});

test('what a relay publishes is what was written, whoever the relay works for', () => {
  const known = knownWaybill();
  const written = travelled(anEnvelope({ traceMode: 'L', traceReason: 'outbox' }));
  const send = () => known.waybill.produce({ ...SEND, relay: written }, (envelope) => envelope);
  const sent = inOtherWork(known, send);
  assert.deepEqual(travelled(sent), written);
  inOtherWork(known, send);
  assert.deepEqual(
    known.of('sent').map((fact) => [fact.message_id, fact.created_at, fact.span_id, fact.late]),
    [0, 1].map(() => ['msg_9', NOW - 1000, undefined, undefined]),
    'relayed twice, it is one message',
  );
  assert.deepEqual(known.of('gap'), []);
});

test('whoever hands a message on is not seen on it, neither as late, nor as a batch, nor as a reading of a log', () => {
  const known = knownWaybill();
  const send = () => known.waybill.produce({ ...SEND, forward: RECEIVED }, () => {});
  known.waybill.consume({ ...SEND, envelope: anEnvelope(), replay: 'log' }, (execution) => {
    execution.ended();
    send();
  });
  const others = [{ correlationId: 'req_1' }, { correlationId: 'req_2' }].map((fields) => ({
    ...SEND,
    envelope: anEnvelope(fields),
  }));
  known.waybill.openBatch(others).batch.run(send);
  assert.deepEqual(
    known.of('sent').map((fact) => [fact.late, fact.correlations, fact.derived_key]),
    [0, 1].map(() => [undefined, undefined, undefined]),
  );
});

test('a foreign message without a trace can be handed on: its facts have one all the same', () => {
  const known = knownWaybill();
  known.waybill.produce({ ...SEND, forward: anEnvelope({ traceId: null }) }, () => {});
  assert.match(known.of('sent')[0]?.trace_id ?? '', /^[0-9a-f]{32}$/);
});

const EMPTY_RELATIONS = {
  fanout: undefined,
  inReplyTo: undefined,
  replayOf: undefined,
  flow: undefined,
  sagaId: undefined,
  scheduleId: undefined,
  continuedFrom: undefined,
};
