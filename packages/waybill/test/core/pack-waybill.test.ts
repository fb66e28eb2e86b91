import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindingsJsonOf, bindingsOf } from '../../src/core/bindings.ts';
import type { Envelope } from '../../src/core/envelope.ts';
import { packWaybill, WAYBILL_LENGTH } from '../../src/core/pack-waybill.ts';
import { readWaybill } from '../../src/core/read-waybill.ts';
import { anEnvelope, NOW, TRACE_ID } from '../known-waybill.ts';
import { type Seeded, seeded } from '../seeded.ts';

const PRINTABLE = /^[\x20-\x7e]+$/;

function read(text: string): Envelope {
  const envelope = readWaybill(text, {});
  assert.ok(typeof envelope === 'object', `unreadable: ${text}`);
  return envelope;
}

const bindingsThat = (count: number, length: number) =>
  bindingsJsonOf(Object.fromEntries(Array.from({ length: count }, (_, at) => [`field_${at}`, 'x'.repeat(length)])));

test('a waybill is one line of compact JSON, in the order of the specification', () => {
  assert.equal(
    packWaybill(anEnvelope()),
    `{"v":1,"message_id":"msg_9","correlation_id":"req_7","causation_id":"msg_8","trace_id":"${TRACE_ID}",` +
      '"tenant_id":"tenant_42","operation":"checkout","event_type":"order.created","trace_mode":"P","hop":3,' +
      `"sent_at":${NOW - 1000},"business_key":"order:ORD-48213","by_execution_id":"exe_6","trace_reason":"command",` +
      '"bindings":{"plan":"gold"}}',
  );
});

const EVERY_RELATION: Envelope['relations'] = {
  fanout: { id: 'fan_1', index: 0, count: 2 },
  inReplyTo: 'msg_3',
  replayOf: 'msg_2',
  replay: { actor: 'mira', planId: 'plan_4' },
  flow: { id: 'flow_1', role: 'child' },
  sagaId: 'saga-7',
  scheduleId: 'nightly',
  continuedFrom: 'req_1',
};

test('everything that a waybill may hold has its place in the order', () => {
  const envelope = anEnvelope({
    originTraceId: 'a'.repeat(32),
    relations: EVERY_RELATION,
    unknownJson: '"lane":"express"',
    overflow: 2,
    inheritJson: '{"saga":"s1"}',
    hiddenJson: '{"claim":"c1"}',
  });
  assert.deepEqual(
    Object.keys(JSON.parse(packWaybill(envelope))),
    `v message_id correlation_id causation_id trace_id tenant_id operation event_type trace_mode hop sent_at business_key
     by_execution_id origin_trace_id trace_reason fanout in_reply_to replay_of replay flow saga_id schedule_id
     continued_from lane overflow inherit hidden bindings`.split(/\s+/),
  );
  assert.deepEqual(read(packWaybill(envelope)), envelope);
});

test('what is not known is null where the key always stands, and left out elsewhere', () => {
  const bare = anEnvelope({
    causationId: null,
    traceId: null,
    tenantId: null,
    operation: null,
    eventType: null,
    businessKey: null,
    byExecutionId: null,
    traceMode: null,
    traceReason: null,
    sentAt: null,
    bindingsJson: null,
  });
  assert.equal(
    packWaybill(bare),
    '{"v":1,"message_id":"msg_9","correlation_id":"req_7","causation_id":null,"trace_id":null,"tenant_id":null,' +
      '"operation":null,"event_type":null,"hop":3,"sent_at":null}',
  );
  assert.deepEqual(read(packWaybill(bare)), bare);
});

function randomId(chance: Seeded): string {
  return chance.pick(['msg_', 'ord 7', '__proto__', '"\\{', 'x'.repeat(100), '~']) + chance.below(1e9);
}

function randomText(chance: Seeded): string {
  return `${chance.text(60)}!`;
}

function randomFields(chance: Seeded): string | null {
  const fields: Record<string, unknown> = {};
  for (let left = chance.below(5); left > 0; left--) {
    const value = chance.pick([chance.text(40), chance.below(1e9) / 8, -chance.below(99), true, null, [1, { a: 'é' }]]);
    fields[`${chance.text(6)}_`] = value;
  }
  return Object.keys(fields).length === 0 ? null : bindingsJsonOf(fields);
}

function randomRelations(chance: Seeded): Envelope['relations'] {
  const maybe = <T>(value: T) => (chance.chance(0.5) ? undefined : value);
  return {
    fanout: maybe({ id: randomId(chance), index: chance.below(9), count: 9 }),
    inReplyTo: maybe(randomId(chance)),
    replayOf: maybe(randomId(chance)),
    replay: maybe({ actor: randomText(chance), planId: randomId(chance) }),
    flow: maybe({ id: randomId(chance), role: chance.pick(['parent', 'child'] as const) }),
    sagaId: maybe(randomText(chance)),
    scheduleId: maybe(randomText(chance)),
    continuedFrom: randomId(chance), // one of them at least: none at all is read as no relations
  };
}

function randomEnvelope(chance: Seeded): Envelope {
  const maybe = <T>(value: T) => (chance.chance(0.3) ? undefined : value);
  const orNull = <T>(value: T) => maybe(value) ?? null;
  const hex = Array.from({ length: 32 }, () => '123456789abcdef'[chance.below(15)]).join('');
  return {
    messageId: randomId(chance),
    correlationId: randomId(chance),
    causationId: orNull(randomId(chance)),
    traceId: orNull(hex),
    originTraceId: maybe(hex),
    traceHeaders: {},
    tenantId: orNull(randomText(chance)),
    operation: orNull(randomText(chance)),
    eventType: orNull(randomText(chance)),
    businessKey: orNull(randomText(chance)),
    byExecutionId: orNull(randomId(chance)),
    traceMode: chance.pick(['P', 'L', null]),
    traceReason: orNull(randomText(chance)),
    hop: chance.below(40),
    sentAt: orNull(NOW + chance.below(1e9)),
    bindingsJson: randomFields(chance),
    hiddenJson: chance.chance(0.8) ? null : randomFields(chance),
    relations: chance.chance(0.7) ? undefined : randomRelations(chance),
    overflow: chance.chance(0.8) ? undefined : 1 + chance.below(9),
    inheritJson: chance.chance(0.8) ? undefined : (randomFields(chance) ?? undefined),
    unknownJson: chance.chance(0.8) ? undefined : '"later":{"a":[1]},"more":true',
  };
}

test('2,000 envelopes of any text come out of the header as they went in', () => {
  const chance = seeded(1);
  for (let round = 0; round < 2000; round++) {
    const envelope = randomEnvelope(chance);
    const text = packWaybill(envelope, 8192);
    assert.match(text, PRINTABLE);
    assert.ok(text.startsWith('{"v":1,"message_id":"'));
    assert.deepEqual(read(text), envelope, text);
  }
});

test('control characters, escapes of terminals and right-to-left marks are never written raw', () => {
  const text = '\r\n\u001b[31m\u0000\u0085\u009f\u202e\u2066é😀\u2028';
  const packed = packWaybill(anEnvelope({ tenantId: text, bindingsJson: bindingsJsonOf({ [text]: text }) }));
  assert.match(packed, PRINTABLE);
  assert.equal(read(packed).tenantId, text);
  assert.deepEqual(bindingsOf(read(packed).bindingsJson), { [text]: text });
});

test('messages of one scope and of another, packed in turn, keep their own identity', () => {
  const ours = anEnvelope();
  const theirs = anEnvelope({ correlationId: 'req_8', tenantId: 'tenant_7', causationId: null });
  for (const envelope of [ours, theirs, ours, ours, theirs]) assert.deepEqual(read(packWaybill(envelope)), envelope);
});

test('bindings are dropped to fit, last bound first, and counted', () => {
  const text = packWaybill(anEnvelope({ bindingsJson: bindingsThat(20, 400) }));
  const envelope = read(text);
  const kept = Object.keys(bindingsOf(envelope.bindingsJson));
  assert.ok(text.length <= WAYBILL_LENGTH);
  assert.deepEqual(
    kept,
    kept.map((_, at) => `field_${at}`),
    'the first ones stay',
  );
  assert.ok(kept.length >= 7, `${kept.length} fit`);
  assert.equal(envelope.overflow, 20 - kept.length);
});

test('a small field behind one that did not fit is dropped too: what was bound last goes first', () => {
  const json = bindingsJsonOf({ first: 1, large: 'x'.repeat(5000), last: 2 });
  const envelope = read(packWaybill(anEnvelope({ bindingsJson: json })));
  assert.equal(envelope.bindingsJson, '{"first":1}');
  assert.equal(envelope.overflow, 2);
});

test('what was dropped on an earlier hop is added to', () => {
  const json = bindingsJsonOf({ first: 1, large: 'x'.repeat(5000) });
  assert.equal(read(packWaybill(anEnvelope({ bindingsJson: json, overflow: 3 }))).overflow, 4);
  assert.equal(read(packWaybill(anEnvelope({ overflow: 3 }))).overflow, 3);
});

test('bindings that fit exactly are all kept, and with one character less the last one goes', () => {
  const envelope = anEnvelope({ bindingsJson: bindingsThat(4, 50) });
  const whole = packWaybill(envelope, 8192);
  assert.equal(packWaybill(envelope, whole.length), whole);
  const tight = read(packWaybill(envelope, whole.length - 1));
  assert.deepEqual(Object.keys(bindingsOf(tight.bindingsJson)), ['field_0', 'field_1', 'field_2']);
  assert.equal(tight.overflow, 1);
});

test('no length of the budget makes a waybill that is longer than it', () => {
  const envelope = anEnvelope({
    bindingsJson: bindingsThat(9, 17),
    hiddenJson: bindingsThat(3, 11),
    inheritJson: bindingsThat(2, 7) ?? undefined,
  });
  const identity = packWaybill({ ...envelope, bindingsJson: null, hiddenJson: null, inheritJson: undefined }, 0);
  for (let lengthMax = identity.length + 17; lengthMax < identity.length + 600; lengthMax++) {
    const text = packWaybill(envelope, lengthMax);
    assert.ok(text.length <= lengthMax, `${text.length} for ${lengthMax}`);
    const { overflow = 0, ...read_ } = read(text);
    const kept = [read_.bindingsJson, read_.hiddenJson, read_.inheritJson ?? null];
    const count = kept.reduce((sum, json) => sum + Object.keys(bindingsOf(json)).length, 0);
    assert.equal(count + overflow, 14, `${lengthMax}: every field is carried or counted`);
  }
});

test('logs do without their fields before a handler does without what was put there for it', () => {
  const envelope = anEnvelope({ inheritJson: '{"a":1}', hiddenJson: '{"b":2}', bindingsJson: '{"c":3}' });
  const identity = packWaybill({ ...envelope, bindingsJson: null, hiddenJson: null, inheritJson: undefined });
  const room = (count: number) => read(packWaybill(envelope, identity.length + 17 + count));
  assert.deepEqual([room(0).inheritJson, room(0).hiddenJson, room(0).overflow], [undefined, null, 3]);
  assert.deepEqual([room(18).inheritJson, room(18).hiddenJson, room(18).bindingsJson], ['{"a":1}', null, null]);
  assert.deepEqual([room(35).hiddenJson, room(35).bindingsJson], ['{"b":2}', null]);
});

test('identity is never dropped, however little room there is', () => {
  const wide = '\u20ac'.repeat(128);
  const long = anEnvelope({
    messageId: 'm'.repeat(128),
    correlationId: 'c'.repeat(128),
    causationId: 'p'.repeat(128),
    tenantId: wide,
    operation: wide,
    eventType: wide,
    businessKey: wide,
    byExecutionId: 'e'.repeat(128),
  });
  for (const lengthMax of [0, 100, 4096]) {
    const { overflow, bindingsJson, ...identity } = read(packWaybill(long, lengthMax));
    assert.equal(bindingsJson === null ? overflow : 1, 1);
    const { overflow: _, bindingsJson: __, ...sent } = long;
    assert.deepEqual(identity, sent);
  }
});

test('what a newer version added never costs the identity: it is dropped where it does not fit, and counted', () => {
  // Read from 8,000 raw characters of another writer; written by us each takes six.
  const newer = `{"v":2,"message_id":"msg_9","correlation_id":"req_7","note":"${'é'.repeat(7900)}","small":1}`;
  const forwarded = packWaybill(read(newer));
  assert.ok(forwarded.length <= WAYBILL_LENGTH, `${forwarded.length} characters`);
  const envelope = read(forwarded);
  assert.deepEqual([envelope.messageId, envelope.correlationId, envelope.overflow], ['msg_9', 'req_7', 2]);
});
