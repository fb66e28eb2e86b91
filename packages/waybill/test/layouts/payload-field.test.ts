import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCarryingPayload, readPayloadField, writePayloadField } from '../../src/layouts/payload-field.ts';
import { anEnvelope, TRACEPARENT } from '../known-waybill.ts';

const ENVELOPE = anEnvelope({ traceHeaders: { traceparent: TRACEPARENT, tracestate: undefined, baggage: undefined } });
/** As a transport does: through JSON, and out of it. */
const sent = (payload: unknown): unknown => JSON.parse(JSON.stringify(payload));

const CARRYING: [what: string, payload: unknown, handed: unknown][] = [
  ['an object', { id: 1, nested: { a: [1] } }, { id: 1, nested: { a: [1] } }],
  ['an empty object', {}, {}],
  ['null', null, null],
  ['nothing', undefined, null],
  ['an array of objects', [{ id: 1 }, { id: 2 }], [{ id: 1 }, { id: 2 }]],
  ['a string map of somebody else’s in that place', { __waybill: { theirs: '1' } }, { __waybill: { theirs: '1' } }],
  ['an object without a prototype', Object.assign(Object.create(null), { id: 1 }), { id: 1 }],
];

for (const [what, payload, handed] of CARRYING) {
  test(`${what} carries context, and the handler is given it as it was sent`, () => {
    const before = JSON.stringify(payload);
    assert.equal(isCarryingPayload(payload), true);
    const written = writePayloadField(ENVELOPE, payload);
    assert.equal(JSON.stringify(payload), before, 'the caller’s own is not touched');
    assert.deepEqual(readPayloadField(sent(written)), { envelope: ENVELOPE, payload: handed });
  });
}

const NOT_CARRYING: [what: string, payload: unknown][] = [
  ['a string', 'text'],
  ['a number', 7],
  ['false', false],
  ['an empty array', []],
  ['an array of numbers', [1, 2]],
  ['an array of objects and others', [{ id: 1 }, 2]],
  ['an array of arrays', [[{ id: 1 }]]],
  ['a date', new Date(0)],
  ['a Map', new Map([['a', 1]])],
  [
    'an instance of a class',
    new (class Order {
      id = 1;
    })(),
  ],
  ['an object whose field is no string map', { __waybill: { a: 1 } }],
  ['an object whose field is text', { __waybill: 'mine' }],
];

for (const [what, payload] of NOT_CARRYING) {
  test(`${what} goes as it is, and says that it carries nothing`, () => {
    assert.equal(isCarryingPayload(payload), false);
    assert.equal(writePayloadField(ENVELOPE, payload), payload);
  });
}

test('a payload that came without context is handed on as it is, the same object', () => {
  for (const payload of [
    { id: 1 },
    [{ id: 1 }],
    [1, 2],
    [],
    [[1]],
    'text',
    7,
    null,
    undefined,
    [null],
    [{ id: 1 }, 2],
  ]) {
    const read = readPayloadField(payload);
    assert.equal(read.payload, payload, JSON.stringify(payload));
    assert.equal(read.envelope, 'absent');
  }
});

test('a field that is no map of ours is unreadable, and stays for its owner', () => {
  for (const field of ['mine', 7, [1], null]) {
    const payload = { id: 1, __waybill: field };
    assert.deepEqual(readPayloadField(payload), { envelope: 'unreadable', payload });
  }
  const broken = readPayloadField({ id: 1, __waybill: { waybill: 'x' } });
  assert.deepEqual(broken, { envelope: 'unreadable', payload: { id: 1 } });
});

test('a payload that is deep in arrays, or large, is no reason to throw', () => {
  let deep: unknown = [];
  for (let level = 0; level < 100_000; level++) deep = [deep];
  assert.equal(readPayloadField(deep).payload, deep);
  assert.equal(writePayloadField(ENVELOPE, deep), deep);
});

test('context in another field is written, read and taken out there', () => {
  const written = writePayloadField(ENVELOPE, { id: 1 }, 'header') as { header: Record<string, string> };
  assert.deepEqual(Object.keys(written), ['id', 'header']);
  assert.equal(written.header['traceparent'], TRACEPARENT);
  assert.deepEqual(readPayloadField(sent(written), 'header'), { envelope: ENVELOPE, payload: { id: 1 } });
  assert.equal(readPayloadField(sent(written)).envelope, 'absent');
});

test('beside the map of a tracer ours is written, and the tracer’s trace stays', () => {
  const theirs = TRACEPARENT.replace('4bf9', 'aaaa');
  const written = writePayloadField(ENVELOPE, { header: { traceparent: theirs, vendor: '1' } }, 'header');
  const read = readPayloadField(sent(written), 'header');
  assert.equal(typeof read.envelope === 'object' && read.envelope.traceHeaders.traceparent, theirs);
  assert.deepEqual(read.payload, { header: { vendor: '1' } });
});

test('numbers beyond 2^53, keys named __proto__ and their order come to the handler as they were', () => {
  const payload = JSON.parse('{"b":1,"__proto__":{"polluted":true},"a":12345678901234567890,"1":2}');
  const written = writePayloadField(ENVELOPE, payload) as Record<string, unknown>;
  const read = readPayloadField(written).payload;
  assert.equal(JSON.stringify(read), JSON.stringify(payload));
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});
