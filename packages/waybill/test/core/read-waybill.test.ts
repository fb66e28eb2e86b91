import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindingsOf } from '../../src/core/bindings.ts';
import type { Envelope } from '../../src/core/envelope.ts';
import { packWaybill } from '../../src/core/pack-waybill.ts';
import { envelopeOf, readWaybill } from '../../src/core/read-waybill.ts';
import { anEnvelope, knownWaybill, NOW, TRACE_ID } from '../known-waybill.ts';
import { quickestMs } from '../quickest.ts';
import { type Seeded, seeded } from '../seeded.ts';

const ORIGIN = 'a'.repeat(32);

function read(text: string): Envelope {
  const envelope = readWaybill(text, {});
  assert.ok(typeof envelope === 'object', `unreadable: ${text}`);
  return envelope;
}

/** The envelope as the plain JSON of its text says it: slow, and by another way than the reader's. */
function plainly(text: string): Envelope {
  const envelope = envelopeOf(JSON.parse(text), {});
  assert.ok(envelope !== null);
  return envelope;
}

/** Bindings that lie there as text are compared as what they say. */
function parsed(envelope: Envelope): object {
  const { bindingsJson, hiddenJson, inheritJson, unknownJson, ...rest } = envelope;
  const unknown = unknownJson === undefined ? {} : JSON.parse(`{${unknownJson}}`);
  return { ...rest, bindings: bindingsOf(bindingsJson), hidden: hiddenJson, inherit: inheritJson, unknown };
}

const LETTERS = [...'"\\{}[]:,0123456789.-+eE tfnulrsabcdxP\u0000\n\té€'];

function mutated(text: string, chance: Seeded): string {
  let made = text;
  for (let times = 1 + chance.below(3); times > 0; times--) {
    const at = chance.below(made.length);
    const other = chance.below(made.length);
    const [from, to] = [Math.min(at, other), Math.min(Math.max(at, other), Math.min(at, other) + 12)];
    made = chance.pick([
      () => made.slice(0, at) + made.slice(at + 1),
      () => made.slice(0, at) + chance.pick(LETTERS) + made.slice(at),
      () => made.slice(0, at) + chance.pick(LETTERS) + made.slice(at + 1),
      () => made.slice(0, to) + made.slice(from, to) + made.slice(to),
      () => made.slice(0, at) + (made[at + 1] ?? '') + (made[at] ?? '') + made.slice(at + 2),
      () => made.slice(0, from) + made.slice(to),
      () => made.slice(0, at),
    ])();
  }
  return made;
}

const ORDINARY = [
  anEnvelope(),
  anEnvelope({ bindingsJson: null, businessKey: null, causationId: null, tenantId: null, traceMode: 'L' }),
  anEnvelope({ bindingsJson: '{"a":"\\u00e9\\"\\\\","b":-0.5,"c":true,"d":null,"e":12345678901234567890,"a":2}' }),
  anEnvelope({ originTraceId: ORIGIN, byExecutionId: null, bindingsJson: '{}' }),
];
const RARE = anEnvelope({
  relations: {
    fanout: { id: 'fan_1', index: 0, count: 2 },
    replay: { actor: 'mira', planId: 'plan_4' },
    flow: { id: 'flow_1', role: 'parent' },
    continuedFrom: 'req_1',
  },
  overflow: 2,
  inheritJson: '{"saga":"s1"}',
  hiddenJson: '{"claim":{"id":[1]}}',
  unknownJson: '"lane":"express"',
});

test('30,000 damaged waybills: what is read is JSON, and says what was read', () => {
  const chance = seeded(2);
  const texts = [...ORDINARY, RARE].map((envelope) => packWaybill(envelope));
  let count = 0;
  for (let round = 0; round < 30_000; round++) {
    const text = mutated(chance.pick(texts), chance);
    const envelope = readWaybill(text, {});
    if (typeof envelope === 'string') continue;
    count++;
    assert.deepEqual(parsed(envelope), parsed(plainly(text)), text);
  }
  assert.ok(count > 3000, `only ${count} were still readable: the damage is too coarse to test anything`);
});

test('a damaged waybill that JSON can read, with its identity, is read', () => {
  const chance = seeded(3);
  const texts = [...ORDINARY, RARE].map((envelope) => packWaybill(envelope));
  for (let round = 0; round < 10_000; round++) {
    const text = mutated(chance.pick(texts), chance);
    if (readWaybill(text, {}) !== 'unreadable') continue;
    let wire: unknown;
    try {
      wire = JSON.parse(text);
    } catch {
      continue;
    }
    assert.equal(envelopeOf(wire, {}), null, text);
  }
});

const ALMOST_JSON = [
  '{"a":"\\x"}',
  '{"a":"\\u12"}',
  '{"a":"\\uD8G0"}',
  '{"a":"\u0007"}',
  '{"a":1,}',
  '{,"a":1}',
  '{,}',
  '{"a":1,,"b":2}',
  '{"a":1 "b":2}',
  '{"a":1"b":2}',
  '{"a":01}',
  '{"a":1.}',
  '{"a":.5}',
  '{"a":+1}',
  '{"a":-}',
  '{"a":1e}',
  '{"a":tru}',
  '{"a":undefined}',
  '{"a"}',
  '{a:1}',
  "{'a':1}",
  '{"a":"}',
  '{"a":1',
  '{"a":1}}',
];

test('bindings that are almost JSON make a waybill that is none', () => {
  const [head, tail] = packWaybill(anEnvelope({ bindingsJson: '{"x":0}' })).split('{"x":0}');
  assert.equal(read(`${head}{"a":1,"b":"\\u00e9\\n"}${tail}`).bindingsJson, '{"a":1,"b":"\\u00e9\\n"}');
  for (const bindings of ALMOST_JSON) assert.equal(readWaybill(head + bindings + tail, {}), 'unreadable', bindings);
});

test('spaces, another order and other escapes of the same JSON are the same waybill', () => {
  const wire = JSON.parse(packWaybill(anEnvelope()));
  const turned = Object.fromEntries(Object.entries(wire).reverse());
  for (const text of [
    JSON.stringify(wire, null, 2),
    JSON.stringify(turned),
    JSON.stringify(wire).replace('m', '\\u006d'),
  ])
    assert.deepEqual(read(text), anEnvelope());
});

test('a newer version is read by the keys that never change, and its own keys go on when it is forwarded', () => {
  const text =
    '{"v":2,"message_id":"msg_1","correlation_id":"req_1","causation_id":null,"trace_id":null,"tenant_id":"t","operation":null,' +
    '"event_type":null,"hop":0,"sent_at":null,"region":{"name":"südost"},"inherit":{"saga":"s1"},"flags":[1,true]}';
  const envelope = read(text);
  assert.equal(envelope.tenantId, 't');
  assert.equal(envelope.unknownJson, '"region":{"name":"s\\u00fcdost"},"flags":[1,true]');
  assert.equal(envelope.inheritJson, '{"saga":"s1"}');
  const forwarded = JSON.parse(packWaybill(envelope));
  assert.deepEqual([forwarded.region, forwarded.flags], [{ name: 'südost' }, [1, true]]);
  assert.deepEqual(forwarded.inherit, { saga: 's1' });
});

test('what is to be inherited is in every message caused, and other unknown keys are not', () => {
  const { waybill } = knownWaybill();
  const text = '{"v":2,"message_id":"msg_0","correlation_id":"req_0","inherit":{"saga":"s1"},"later":true}';
  const delivery = { system: 'rabbitmq', destination: 'orders', envelope: readWaybill(text, {}) };
  const first = waybill.consume(delivery, () =>
    waybill.produce({ system: 'rabbitmq', destination: 'mails' }, (envelope) => envelope),
  );
  assert.equal(first.inheritJson, '{"saga":"s1"}');
  assert.equal(first.unknownJson, undefined);
  const again = { system: 'rabbitmq', destination: 'mails', envelope: readWaybill(packWaybill(first), {}) };
  const second = waybill.consume(again, () =>
    waybill.produce({ system: 'rabbitmq', destination: 'bills' }, (envelope) => packWaybill(envelope)),
  );
  assert.deepEqual(JSON.parse(second).inherit, { saga: 's1' });
});

test('a forwarded message keeps its identity, its time and the keys of a newer version', () => {
  const { waybill, of } = knownWaybill();
  const relay = read('{"v":2,"message_id":"msg_0","correlation_id":"req_0","hop":4,"sent_at":1000,"later":true}');
  const wire = waybill.produce({ system: 'nats', destination: 'orders', relay }, (envelope) => packWaybill(envelope));
  const { message_id, correlation_id, hop, sent_at, later } = JSON.parse(wire);
  assert.deepEqual([message_id, correlation_id, hop, sent_at, later], ['msg_0', 'req_0', 4, 1000, true]);
  assert.deepEqual(
    of('sent').map((fact) => [fact.message_id, fact.created_at]),
    [['msg_0', 1000]],
    'created when it was made, not when it was forwarded',
  );
});

test('without an identity, or without JSON, it is unreadable', () => {
  const cases = [
    '',
    'null',
    '7',
    '"msg"',
    '[]',
    '{}',
    '{"v":1}',
    '{"v":1,"message_id":"msg_1"}',
    '{"v":1,"correlation_id":"req_1"}',
    '{"v":1,"message_id":"","correlation_id":"req_1"}',
    '{"v":1,"message_id":7,"correlation_id":"req_1"}',
    '{"v":1,"message_id":["msg_1"],"correlation_id":"req_1"}',
    '{"v":1,"message_id":"msg_1","correlation_id":{}}',
    '[{"v":1,"message_id":"msg_1","correlation_id":"req_1"}]',
    `${packWaybill(anEnvelope())} `.slice(0, -2),
    `${packWaybill(anEnvelope())}}`,
  ];
  for (const text of cases) assert.equal(readWaybill(text, {}), 'unreadable', text);
});

test('a field of the wrong kind is absent, and takes nothing else with it', () => {
  const wire = {
    v: 'one',
    message_id: 'msg_1',
    correlation_id: 'req_1',
    causation_id: 5,
    trace_id: '0'.repeat(32),
    tenant_id: ['t'],
    operation: 'x'.repeat(129),
    event_type: '',
    business_key: {},
    by_execution_id: false,
    origin_trace_id: 'A'.repeat(32),
    trace_mode: 'Q',
    trace_reason: 1,
    hop: -1,
    sent_at: 1.5,
    bindings: [1],
    hidden: 'no',
    inherit: null,
    fanout: { id: 'fan_1', index: 'a', count: 2 },
    continued_from: {},
    overflow: 'many',
  };
  const bare = {
    causationId: null,
    traceId: null,
    tenantId: null,
    operation: null,
    eventType: null,
    businessKey: null,
    byExecutionId: null,
    traceMode: null,
    traceReason: null,
    hop: 0,
    sentAt: null,
    bindingsJson: null,
  };
  const expected = anEnvelope({ messageId: 'msg_1', correlationId: 'req_1', ...bare });
  assert.deepEqual(read(JSON.stringify(wire)), expected);
});

test('a foreign id that is too long is kept as its hash, whole, and no trace of zeros is believed', () => {
  const long = 'x'.repeat(129);
  const text = packWaybill(anEnvelope()).replace('"msg_9"', `"${long}"`).replace(TRACE_ID, '0'.repeat(32));
  const envelope = read(text);
  assert.equal(envelope.messageId, '0ec9eb33e74510bcdd1f2ea55206e82f21649c5c2becbf2b433eb475b34c01bd');
  assert.equal(envelope.traceId, null);
  assert.equal(read(packWaybill(anEnvelope()).replace(TRACE_ID, '0'.repeat(32))).traceId, null);
  assert.deepEqual(read(packWaybill(anEnvelope()).replace('tenant_42', long)).tenantId, null);
  assert.deepEqual(read(packWaybill(anEnvelope()).replace('tenant_42', long.slice(1))).tenantId, long.slice(1));
});

test('a time or a hop that no clock and no workflow reach is absent', () => {
  const wire = packWaybill(anEnvelope());
  assert.equal(read(wire.replace('"hop":3', '"hop":9007199254740993')).hop, 0);
  assert.equal(read(wire.replace(String(NOW - 1000), '1'.repeat(17))).sentAt, null);
  assert.equal(read(wire.replace('"hop":3', '"hop":999999999')).hop, 999999999);
});

test('8,192 characters are read, and one more is oversized without a look at it', () => {
  const head = '{"v":1,"message_id":"msg_1","correlation_id":"req_1","note":"';
  const fitting = `${head}${'x'.repeat(8192 - head.length - 2)}"}`;
  assert.equal(fitting.length, 8192);
  assert.equal(read(fitting).messageId, 'msg_1');
  assert.equal(readWaybill(`${fitting} `, {}), 'oversized');
  assert.equal(readWaybill('x'.repeat(8193), {}), 'oversized');
});

/** Whatever it says, it is over quickly, and changes nothing that all objects share. */
function withstands(text: string): void {
  const ms = quickestMs(() => {
    const envelope = readWaybill(text, {});
    if (typeof envelope === 'object') packWaybill(envelope);
  });
  assert.ok(ms < 50, `${ms} ms for ${text.slice(0, 60)}`);
}

test('hostile waybills are over within 50 ms, throw nothing, and change no prototype', () => {
  const identity = '"message_id":"msg_1","correlation_id":"req_1"';
  const mebibyte = 2 ** 20;
  const names = [Object.prototype, Array.prototype, Function.prototype].map((shared) => Reflect.ownKeys(shared).length);
  const cases = [
    '['.repeat(100_000) + ']'.repeat(100_000),
    `{${identity},"deep":${'['.repeat(4000)}${']'.repeat(4000)}}`,
    `{${identity},"bindings":{"deep":${'{"a":'.repeat(1500)}1${'}'.repeat(1500)}}}`,
    `{${identity},"inherit":{"deep":${'['.repeat(4000)}${']'.repeat(4000)}}}`,
    'x'.repeat(mebibyte),
    `{${identity},"note":"${'x'.repeat(mebibyte)}"}`,
    `{${identity},"__proto__":{"polluted":true},"bindings":{"__proto__":{"polluted":true},"constructor":1}}`,
    '{"__proto__":{"message_id":"msg_1","correlation_id":"req_1"}}',
    '{"v":1,"message_id":"__proto__","correlation_id":"constructor","causation_id":"toString"}',
    `{"v":1,"message_id":"${'\\u0041'.repeat(1300)}","correlation_id":"req_1"}`,
    `{"v":1,"message_id":"msg_1"${' '.repeat(8000)}`,
    `{"v":1,"message_id":"${'\\'.repeat(8000)}`,
    `${packWaybill(anEnvelope({ bindingsJson: null })).slice(0, -1)},"bindings":{${'"a":1,'.repeat(1000)}`,
    `${packWaybill(anEnvelope({ bindingsJson: null })).slice(0, -1)},"bindings":{"a":"${'\\n'.repeat(3500)}`,
    `${packWaybill(anEnvelope({ bindingsJson: null })).slice(0, -1)},"bindings":{"a":${'1'.repeat(7000)}`,
  ];
  for (const text of cases) withstands(text);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  assert.deepEqual(
    [Object.prototype, Array.prototype, Function.prototype].map((shared) => Reflect.ownKeys(shared).length),
    names,
  );
  assert.equal(readWaybill(cases[7] ?? '', {}), 'unreadable', 'an inherited identity is none');
  assert.equal(read(cases[8] ?? '').messageId, '__proto__');
});

test('a waybill that is nested too deeply for where it is read is no reason to throw', () => {
  const deep = `{"message_id":"msg_1","correlation_id":"req_1","deep":${'['.repeat(4000)}${']'.repeat(4000)}}`;
  const atTheEndOfTheStack = (left: number): unknown =>
    left === 0 ? readWaybill(deep, {}) : ((_: unknown) => _)(atTheEndOfTheStack(left - 1));
  for (const depth of [0, 1000, 3000, 5000]) {
    const envelope = atTheEndOfTheStack(depth);
    assert.equal(typeof envelope === 'object' && (envelope as Envelope).messageId, 'msg_1', `${depth} calls deep`);
  }
});
