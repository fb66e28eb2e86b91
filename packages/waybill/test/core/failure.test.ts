import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorTypeOf, factErrorOf } from '../../src/core/failure.ts';
import { quickestMs } from '../quickest.ts';

const fingerprintOf = (message: string) => factErrorOf(new Error(message)).fingerprint;

test('errors that differ in ids, numbers and quotes are the same trouble', () => {
  const alike = [
    'order 17 of "acme" failed after 2 tries at 0x1f',
    'order 48213 of "somebody else" failed after 11 tries at 0xdeadbeef',
  ];
  assert.equal(new Set(alike.map(fingerprintOf)).size, 1);
  const ids = ['msg_01JZ0000000E0000000000000A', 'msg_01JZ0000000E0000000000000B'].map((id) => `no ${id}`);
  assert.equal(new Set(ids.map(fingerprintOf)).size, 1);
  const uuids = ['0b9dbd7e-6ab5-4ff0-8d5f-0e4f9c0b8a11', 'ffffdbd7-6ab5-4ff0-8d5f-0e4f9c0b8a22'].map(
    (id) => `no ${id}`,
  );
  assert.equal(new Set(uuids.map(fingerprintOf)).size, 1);
  assert.match(fingerprintOf('broken'), /^f_[0-9a-f]{12}$/);
});

test('another message, or another type, is another trouble', () => {
  assert.notEqual(fingerprintOf('card refused'), fingerprintOf('card expired'));
  assert.notEqual(factErrorOf(new TypeError('broken')).fingerprint, fingerprintOf('broken'));
});

test('whatever was thrown has a type and a message', () => {
  const nameless = Object.assign(new Error('no name'), { name: undefined });
  const cases: [thrown: unknown, type: string, message: string][] = [
    [new RangeError('too much'), 'RangeError', 'too much'],
    [{ name: 'Refused', message: 'by the bank' }, 'Refused', 'by the bank'],
    [{ message: 7 }, 'Error', '7'],
    [nameless, 'Error', 'no name'],
    ['text', 'string', 'text'],
    [null, 'object', 'null'],
    [undefined, 'undefined', 'undefined'],
    [12n, 'bigint', '12'],
    [{}, 'object', '[object Object]'],
  ];
  for (const [thrown, type, message] of cases) {
    const error = factErrorOf(thrown);
    assert.deepEqual([error.type, error.message], [type, message]);
  }
});

test('an error that cannot be read is told as such', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const hostile = [
    revoked.proxy,
    Object.create(null),
    {
      get message(): string {
        throw new Error('no');
      },
    },
    {
      message: {
        toString: () => {
          throw new Error('no');
        },
      },
    },
  ];
  for (const thrown of hostile)
    assert.deepEqual([factErrorOf(thrown).type, errorTypeOf(thrown)], ['Unreadable', 'Unreadable']);
});

test('a long message is cut: it is no identity', () => {
  const { message, type } = factErrorOf(Object.assign(new Error('x'.repeat(5000)), { name: 'n'.repeat(500) }));
  assert.deepEqual([message.length, type.length], [1024, 128]);
});

test('a hostile message has its fingerprint within 50 ms', () => {
  for (const letter of ['"', "'", '0x', 'a_', '0', '-', `${'f'.repeat(15)} `]) {
    const error = new Error(letter.repeat(500_000 / letter.length));
    assert.ok(quickestMs(() => factErrorOf(error)) < 50, letter);
  }
});
