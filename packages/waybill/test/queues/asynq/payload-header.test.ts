import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEnvelope } from '../../../src/core/envelope.ts';
import { readPayloadHeader, writePayloadHeader } from '../../../src/queues/asynq/payload-header.ts';
import { anEnvelope, TRACEPARENT } from '../../known-waybill.ts';
import { seeded } from '../../seeded.ts';

const ENVELOPE = anEnvelope({ traceHeaders: { traceparent: TRACEPARENT, tracestate: undefined, baggage: undefined } });
const bytes = (text: string) => Buffer.from(text);
const write = (text: string) => writePayloadHeader(ENVELOPE, bytes(text));
const headerOf = (payload: Buffer): Record<string, string> => JSON.parse(payload.toString()).header;

const CARRYING = [
  '{"order":42}',
  '{}',
  '{ }',
  ' {\n  "order" : 42 ,\t"big": 12345678901234567890, "exact": 1.0, "e": 1E5\r\n} ',
  '{"a":{"header":{"waybill":"inner"}},"b":[{"header":1},"header",":,{}[]\\"\\\\"]}',
  '{"\\"header\\"":"\\\\","é😀":"\\u00e9","__proto__":{"polluted":true}}',
  '{"a":1,"a":2}',
  '',
];

for (const text of CARRYING) {
  test(`${JSON.stringify(text)} carries the context under "header", and reaches the handler byte for byte`, () => {
    const written = write(text);
    assert.equal(headerOf(written)['traceparent'], TRACEPARENT);
    const { envelope, payload } = readPayloadHeader(written, false);
    assert.deepEqual(envelope, ENVELOPE);
    assert.equal(payload.toString(), text);
    assert.deepEqual(readPayloadHeader(written, true), { envelope: ENVELOPE, payload: written });
  });
}

const NOT_CARRYING: [what: string, payload: Buffer][] = [
  ['a list', bytes('[{"a":1}]')],
  ['text', bytes('"text"')],
  ['null', bytes('null')],
  ['a number', bytes('7')],
  ['bytes that are no JSON', bytes('{"a":')],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ['an object with a header that is text', bytes('{"header":"mine"}')],
  ['an object with a header of more than strings', bytes('{"header":{"a":1}}')],
  ['an object with two of them', bytes('{"header":{"a":"1"},"header":{"a":"2"}}')],
];

for (const [what, payload] of NOT_CARRYING) {
  test(`${what} is sent as it is, and read as it is`, () => {
    assert.equal(writePayloadHeader(ENVELOPE, payload), payload);
    assert.deepEqual(readPayloadHeader(payload, false), { envelope: 'absent', payload });
  });
}

test('nothing is written for a destination outside our systems', () => {
  const payload = bytes('{"a":1}');
  assert.equal(writePayloadHeader({ ...ENVELOPE, isExternal: true }, payload), payload);
});

for (const [before, after] of [
  ['{"a":1, "header" : {"vendor":"1"} , "b":2}', '{"a":1, "header" : {"vendor":"1"} , "b":2}'],
  ['{"header":{"vendor":"1"}}', '{"header":{"vendor":"1"}}'],
]) {
  test(`an app’s own map is merged, stays in its place, and comes back without ours: ${before}`, () => {
    const written = write(before as string);
    const names = Object.keys(headerOf(written)).sort();
    assert.deepEqual(names, ['baggage', 'traceparent', 'vendor', 'waybill']);
    assert.equal(readPayloadHeader(written, false).payload.toString(), after);
  });
}

test('a tracer’s own traceparent in that map stays', () => {
  const theirs = TRACEPARENT.replace('4bf9', 'aaaa');
  assert.equal(headerOf(write(`{"header":{"traceparent":"${theirs}"}}`))['traceparent'], theirs);
});

for (const [what, text] of [
  ['first', '{"header":HERE,"a":1,"b":2}'],
  ['in between', '{"a":1,"header":HERE,"b":2}'],
  ['last', '{"a":1,"b":2,"header":HERE}'],
]) {
  test(`it is taken out where another worker has put it ${what}`, () => {
    const header = JSON.stringify(headerOf(write('{}')));
    const { payload } = readPayloadHeader(bytes((text as string).replace('HERE', () => header)), false);
    assert.equal(payload.toString(), '{"a":1,"b":2}');
  });
}

test('a map that a sender wrote by hand is read for its trace, and left for the handler that looks there', () => {
  const payload = bytes(`{"order":42,"header":{"traceparent":"${TRACEPARENT}"}}`);
  const read = readPayloadHeader(payload, false);
  assert.equal(read.payload, payload);
  assert.equal(typeof read.envelope === 'object' && read.envelope.traceHeaders.traceparent, TRACEPARENT);
  assert.equal(typeof read.envelope === 'object' && isEnvelope(read.envelope), false);
});

test('a broken waybill is taken out all the same, and says that it was unreadable', () => {
  const read = readPayloadHeader(bytes('{"order":42,"header":{"waybill":"{"}}'), false);
  assert.deepEqual([read.envelope, read.payload.toString()], ['unreadable', '{"order":42}']);
});

test('a deep, a long and a strange payload are no reason to throw', () => {
  const deep = `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`;
  const escapes = `{"a":"${'\\"'.repeat(2_000_000)}"}`;
  for (const text of [deep, escapes]) {
    assert.equal(readPayloadHeader(write(text), false).payload.toString() === text, true);
  }
});

test('whatever JSON object is sent, its handler is given the same bytes', () => {
  const chance = seeded(26);
  const value = (depth: number): unknown => {
    const kind = chance.below(depth > 3 ? 4 : 6);
    if (kind === 0) return chance.text(12);
    if (kind === 1) return chance.below(1_000_000) / 7;
    if (kind === 2) return chance.pick([true, false, null]);
    if (kind === 3) return chance.pick(['header', '"header":{}', '\\', '}{']);
    const items = Array.from({ length: chance.below(4) }, () => value(depth + 1));
    return kind === 4 ? items : Object.fromEntries(items.map((item) => [chance.text(6), item]));
  };
  for (let round = 0; round < 2000; round++) {
    const members = Array.from({ length: chance.below(5) }, () => [chance.text(8), value(0)]);
    const text = JSON.stringify(Object.fromEntries(members), null, chance.pick([0, 1, '\t']));
    const { envelope, payload } = readPayloadHeader(write(text), false);
    assert.equal(payload.toString(), Buffer.from(text).toString());
    assert.deepEqual(envelope, ENVELOPE);
  }
});
