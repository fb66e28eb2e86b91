import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  decodeTaskMessage,
  EMPTY,
  encodeTaskMessage,
  type TaskMessage,
} from '../../../src/queues/asynq/task-message.ts';
import { seeded } from '../../seeded.ts';

const TASK = { ...EMPTY, type: 'email:send', payload: Buffer.from('{"order":42}'), queue: 'golden' };
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** Bytes that Asynq itself wrote. */
const GOLDEN: [what: string, message: TaskMessage, hex: string][] = [
  [
    'a task without headers, from v0.25.1, v0.26.0 and the head of May 2026',
    { ...TASK, id: 't-1', retry: 3, timeout: 30, retention: 3600 },
    '0a0a656d61696c3a73656e64120c7b226f72646572223a34327d1a03742d312206676f6c64656e2803401e60901c',
  ],
  [
    'a task without options, with the defaults of Asynq',
    { ...TASK, id: 't-3', retry: 25, timeout: 1800 },
    '0a0a656d61696c3a73656e64120c7b226f72646572223a34327d1a03742d332206676f6c64656e281940880e',
  ],
  [
    'a task with a header, from v0.26.0 on',
    { ...TASK, id: 't-10', retry: 3, timeout: 30, retention: 3600, headers: { traceparent: TRACEPARENT } },
    '0a0a656d61696c3a73656e64120c7b226f72646572223a34327d1a04742d31302206676f6c64656e2803401e60901c7a460a0b' +
      '7472616365706172656e74123730302d30616637363531393136636434336464383434386562323131633830333139632d62376164' +
      '3662373136393230333333312d3031',
  ],
];

for (const [what, message, hex] of GOLDEN) {
  test(`${what}, is written and read to the byte`, () => {
    assert.equal(encodeTaskMessage(message).toString('hex'), hex);
    assert.deepEqual(decodeTaskMessage(Buffer.from(hex, 'hex')), message);
  });
}

const FULL: TaskMessage = {
  type: 'Straße:値',
  payload: Buffer.from([0, 255, 128, 10]),
  id: 'ID',
  queue: 'critical',
  retry: 25,
  retried: 7,
  errorMessage: 'no stock 😀',
  timeout: 1800,
  deadline: 4_102_444_800,
  uniqueKey: 'asynq:{critical}:unique:x:y',
  lastFailedAt: 1_793_000_000,
  retention: 3600,
  completedAt: 1_793_000_001,
  groupKey: 'group',
  headers: { traceparent: TRACEPARENT, '': '', ключ: '値', __proto__x: 'a' },
  unknown: Buffer.alloc(0),
};

test('all fifteen fields come out as they went in', () => {
  assert.deepEqual(decodeTaskMessage(encodeTaskMessage(FULL)), FULL);
});

test('a header may be called as nothing else should be', () => {
  const headers = JSON.parse('{"__proto__":"a","constructor":"b"}');
  const read = decodeTaskMessage(encodeTaskMessage({ ...EMPTY, headers })).headers;
  assert.deepEqual(Object.entries(read), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
});

test('negative numbers take ten bytes, as protobuf has it', () => {
  const bytes = encodeTaskMessage({ ...EMPTY, deadline: -62_135_596_800 });
  assert.equal(bytes.toString('hex'), '488092b8c398feffffff01');
  assert.equal(decodeTaskMessage(bytes).deadline, -62_135_596_800);
});

describe('what another release wrote', () => {
  // 16 as text, 17 as a number, 18 as eight bytes, 19 as four.
  const NEWER = Buffer.from('82010568656c6c6f' + '88019601' + '91010102030405060708' + '9d0101020304', 'hex');

  test('fields of a newer release are kept, and written again', () => {
    const bytes = Buffer.concat([encodeTaskMessage(FULL), NEWER]);
    const read = decodeTaskMessage(bytes);
    assert.deepEqual({ ...read, unknown: EMPTY.unknown }, FULL);
    assert.deepEqual(read.unknown, NEWER);
    assert.deepEqual(
      encodeTaskMessage({ ...read, retried: 8 }),
      Buffer.concat([encodeTaskMessage({ ...FULL, retried: 8 }), NEWER]),
    );
  });

  test('a known number with another wire type is none of ours, and is kept too', () => {
    const bytes = Buffer.from('0801' + '2a0161', 'hex'); // type as a number, retry as text
    const read = decodeTaskMessage(bytes);
    assert.deepEqual([read.type, read.retry, read.unknown], ['', 0, bytes]);
  });

  test('of a field that comes twice the last counts, and maps are joined', () => {
    const bytes = Buffer.concat([
      encodeTaskMessage({ ...EMPTY, type: 'a', headers: { a: '1', b: '1' } }),
      encodeTaskMessage({ ...EMPTY, type: 'b', headers: { b: '2', c: '2' } }),
    ]);
    const { type, headers } = decodeTaskMessage(bytes);
    assert.deepEqual([type, headers], ['b', { a: '1', b: '2', c: '2' }]);
  });

  test('map entries of another order decode to the same', () => {
    const headers = { a: '1', b: '2' };
    const other = encodeTaskMessage({ ...FULL, headers: { b: '2', a: '1' } });
    assert.deepEqual(decodeTaskMessage(other), { ...FULL, headers });
  });
});

const BROKEN: [what: string, hex: string][] = [
  ['a field that is longer than the message', '0a0a61'],
  ['a length that ends in the middle', '0a80'],
  ['a number of more than ten bytes', '28ffffffffffffffffffff01'],
  ['field number 0', '0201'],
  ['a group', '0b0c'],
  ['a wire type that there is none of', '0f'],
  ['a map entry that is broken', '7a020a05'],
  ['eight bytes that are four', '910101020304'],
];

for (const [what, hex] of BROKEN) {
  test(`${what} is no task`, () => {
    assert.throws(() => decodeTaskMessage(Buffer.from(hex, 'hex')), RangeError);
  });
}

test('whatever bytes come, they are read or refused, and what is read is written so that it reads the same', () => {
  const chance = seeded(15);
  const whole = encodeTaskMessage(FULL);
  let read = 0;
  for (let round = 0; round < 5000; round++) {
    const bytes = Buffer.from(whole.subarray(0, chance.below(whole.length + 1)));
    for (let flips = chance.below(4); flips > 0 && bytes.length > 0; flips--) {
      bytes[chance.below(bytes.length)] = chance.below(256);
    }
    let message: TaskMessage;
    try {
      message = decodeTaskMessage(bytes);
    } catch (error) {
      assert.ok(error instanceof RangeError);
      continue;
    }
    read++;
    const again = decodeTaskMessage(encodeTaskMessage(message));
    assert.deepEqual(again, message);
  }
  assert.ok(read > 100, `${read} were read`);
});
