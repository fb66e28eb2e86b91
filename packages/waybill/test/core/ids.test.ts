import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  carriableId,
  hashedMessageId,
  type IdPrefix,
  isCarriableId,
  mintId,
  mintSpanId,
  mintTraceId,
} from '../../src/core/ids.ts';
import { NOW } from '../known-waybill.ts';

// A UUIDv7 in Crockford's base32: 48 bits of time, version 7, 12 random bits, variant 10, 62 random bits.
const UUID_7 =
  /^(req|tick|run|msg|bat|exe|fct|plan|fan|flow)_[0-7][0-9A-HJKMNP-TV-Z]{9}[EF][0-9A-HJKMNP-TV-Z]{2}[89ABRSTV][0-9A-HJKMNP-TV-Z]{12}$/;
const PREFIXES: IdPrefix[] = ['req', 'tick', 'run', 'msg', 'bat', 'exe', 'fct', 'plan', 'fan', 'flow'];
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function timeOf(id: string): number {
  const [, digits = ''] = id.split('_');
  return [...digits.slice(0, 10)].reduce((total, digit) => total * 32 + DIGITS.indexOf(digit), 0);
}

test('an id of every kind is its prefix and a UUIDv7 in base32', () => {
  for (const prefix of PREFIXES) {
    for (let count = 0; count < 500; count++) {
      const id = mintId(prefix, NOW + count);
      assert.match(id, UUID_7);
      assert.ok(id.startsWith(`${prefix}_`));
    }
  }
});

test('an id tells the millisecond in which it was made', () => {
  for (const at of [0, 1, 1023, 1024, NOW, NOW + 1, 2 ** 48 - 1]) assert.equal(timeOf(mintId('msg', at)), at);
});

test('ids sort by the time at which they were made', () => {
  const instants = [0, 31, 32, 1023, 1024, 2 ** 20, NOW - 1, NOW, NOW + 1, 2 ** 47, 2 ** 48 - 1];
  const ids = instants.map((at) => mintId('exe', at));
  assert.deepEqual([...ids].sort(), ids);
});

test('100,000 ids of one millisecond are 100,000 ids', () => {
  const ids = new Set(Array.from({ length: 100_000 }, () => mintId('fct', NOW)));
  assert.equal(ids.size, 100_000);
});

test('every random digit of an id takes every value that it may take', () => {
  const seen = Array.from({ length: 26 }, () => new Set<string>());
  for (let count = 0; count < 5000; count++) {
    for (const [place, digit] of [...mintId('msg', NOW).slice(4)].entries()) seen[place]?.add(digit);
  }
  const sizes = seen.slice(10).map((digits) => digits.size);
  assert.deepEqual(sizes, [2, 32, 32, 8, ...Array.from({ length: 12 }, () => 32)]);
});

test('a clock that is broken still gives ids of the right shape', () => {
  for (const at of [Number.NaN, -1, -0, 1.5, 2 ** 48, 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    assert.match(mintId('msg', at), UUID_7, String(at));
    assert.match(mintId('msg', at), UUID_7, `${at} again`);
  }
  assert.equal(timeOf(mintId('msg', 1.5)), 1);
  assert.equal(timeOf(mintId('msg', Number.NaN)), 0);
});

test('a delivery without context has the same id each time it arrives', () => {
  assert.equal(hashedMessageId('rabbitmq', 'orders', '17'), 'msg_5T97Y3MN6C7VVG8ZYJ5W43BQVQ');
});

test('another system, destination or broker id is another message', () => {
  const places: [system: string, destination: string, brokerId: string][] = [
    ['rabbitmq', 'orders', '17'],
    ['kafka', 'orders', '17'],
    ['rabbitmq', 'order', 's17'],
    ['rabbitmq', 'orders1', '7'],
    ['rabbitmq', 'orders', '18'],
    ['rabbitmqorders', '', '17'],
    ['rabbitmq', 'orders', ''],
  ];
  assert.equal(new Set(places.map((place) => hashedMessageId(...place))).size, places.length);
  for (const place of places) assert.match(hashedMessageId(...place), /^msg_[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
});

test('a foreign id of 1 to 128 printable characters is kept as it is', () => {
  for (const id of ['a', 'msg 1', '__proto__', 'constructor', '"\\', 'x'.repeat(128), '~ !']) {
    assert.equal(isCarriableId(id), true);
    assert.equal(carriableId(id), id);
  }
});

test('a longer or unprintable foreign id is kept as its SHA-256, never cut', () => {
  const long = 'x'.repeat(129);
  assert.equal(carriableId(long), '0ec9eb33e74510bcdd1f2ea55206e82f21649c5c2becbf2b433eb475b34c01bd');
  assert.notEqual(carriableId(`${long}a`), carriableId(`${long}b`));
  for (const id of [long, 'é', 'a\nb', 'a\u0000', '\u202e', '\u007f']) {
    assert.equal(isCarriableId(id), false);
    assert.match(carriableId(id), /^[0-9a-f]{64}$/);
  }
});

test('what is no text, or empty, is no id', () => {
  for (const id of ['', undefined, null, 7, {}, ['a']]) assert.equal(isCarriableId(id), false);
});

test('trace and span ids are lower-case hex, and differ', () => {
  const traces = Array.from({ length: 5000 }, mintTraceId);
  const spans = Array.from({ length: 5000 }, mintSpanId);
  for (const id of traces) assert.match(id, /^(?!0{32})[0-9a-f]{32}$/);
  for (const id of spans) assert.match(id, /^(?!0{16})[0-9a-f]{16}$/);
  assert.equal(new Set(traces).size, traces.length);
  assert.equal(new Set(spans).size, spans.length);
  for (const place of [0, 4, 8, 12, 16, 20, 24]) {
    const repeated = traces.filter((id) => id.slice(place, place + 4) === id.slice(place + 4, place + 8));
    assert.ok(repeated.length < 10, `${repeated.length} ids say twice what they say at ${place}`);
  }
});
