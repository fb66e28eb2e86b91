import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeLogs } from '../../../src/ingest/decode-logs.ts';
import { logRecordsOf } from '../../../src/ingest/protobuf/log-records.ts';
import { spansOf } from '../../../src/ingest/protobuf/spans.ts';
import { sent } from '../../store/made-facts.ts';
import { recordOf } from '../otlp-body.ts';
import { type Disturb, lengthField, logsBytes, tag, varint } from './wire-bytes.ts';

const fact = sent({ service: 'unknown_service', instance: '' });
const record = recordOf(fact);
const request = (records: readonly object[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] });
const decode = (bytes: Uint8Array) => decodeLogs(bytes, logRecordsOf);

/** The bytes of one log record, in the messages around it. */
const within = (...fields: Uint8Array[]) => lengthField(1, lengthField(2, lengthField(2, Buffer.concat(fields))));
const attribute = (...fields: Uint8Array[]) => lengthField(6, Buffer.concat(fields));
/** An attribute of a log record, and of a span. */
const eitherAttribute = (...fields: Uint8Array[]) =>
  Buffer.concat([attribute(...fields), lengthField(9, Buffer.concat(fields))]);
const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

const MALFORMED: readonly [what: string, body: Uint8Array][] = [
  ['a length beyond its message, though not beyond the body', bytes('0a 04 12 02 12 04 12 00 12 00')],
  ['a length beyond the body', bytes('0a 05 12 00')],
  ['a length that 32 bits do not hold', bytes('0a 80 80 80 80 10')],
  ['a length that is negative', bytes('0a ff ff ff ff ff ff ff ff ff 01')],
  ['a body that ends in a tag', bytes('92')],
  ['a body that ends after a tag', bytes('0a')],
  ['a time that ends too early', within(bytes('09 00 00 00 00 00 00 00'))],
  ['an integer that ends too early', within(eitherAttribute(lengthField(2, bytes('18 80'))))],
  ['an integer of eleven bytes', within(bytes('10 80 80 80 80 80 80 80 80 80 80 00'))],
  ['an integer of more than 64 bits', within(bytes('10 80 80 80 80 80 80 80 80 80 02'))],
  ['a double that ends too early', within(eitherAttribute(lengthField(2, bytes('21 00 00'))))],
  ['field 0', bytes('02 00')],
  ['a field whose number 32 bits do not hold', bytes('92 80 80 80 10 00')],
  ['a way of writing that there is not', bytes('0e 00 00 00 00')],
  ['another that there is not', bytes('0f 00 00 00 00')],
  ['a group that does not end', bytes('0b')],
  ['a group that ends as another', bytes('0b 14')],
  ['a group that ends outside of its message', Buffer.concat([lengthField(1, bytes('1b')), bytes('1c')])],
  ['an end without a group', bytes('0c 00 00 00 00')],
  ['JSON', Buffer.from('{"resourceLogs":[]}')],
  ['gRPC, which writes a length before the message', Buffer.concat([bytes('00 00 00 00 02'), bytes('0a 00')])],
];

for (const [what, body] of MALFORMED) {
  test(`a body is refused as a whole: ${what}`, () => {
    for (const read of [() => decode(body), () => [...spansOf(body)]]) {
      assert.throws(read, {
        code: 'BODY_UNREADABLE',
        message: /^the body cannot be read: it is not protobuf from byte \d+ on$/,
      });
    }
  });
}

test('an empty body is a request without records', () => {
  assert.deepEqual(decode(new Uint8Array()), { facts: [], rejected: 0 });
});

test('fields that nobody knows are passed over, in every way of writing, also groups in groups', () => {
  const unknown = [
    bytes('f8 07 ff ff ff ff ff ff ff ff ff 01'),
    bytes('f9 07 00 00 00 00 00 00 00 00'),
    lengthField(127, 'text'),
    bytes('fd 07 00 00 00 00'),
    Buffer.concat([tag(127, 3), lengthField(1, bytes('ff')), tag(2, 3), tag(2, 4), tag(127, 4)]),
  ];
  const around: Disturb = (fields) => [...unknown, ...fields, ...unknown];
  assert.deepEqual(decode(logsBytes(request([record]), around)), { facts: [fact], rejected: 0 });
});

test('a field that is written otherwise than its schema says is passed over', () => {
  const otherwise = [bytes('08 01'), bytes('30 01'), bytes('48 01'), bytes('61 00 00 00 00 00 00 00 00')];
  const body = logsBytes(request([record]), (fields) => [...otherwise, ...fields, ...otherwise]);
  assert.deepEqual(decode(body), { facts: [fact], rejected: 0 });
});

test('numbers that are written longer than they need be are the same', () => {
  const long = within(bytes('b2 80 00 85 80 80 00'), bytes('12 03 18 87 00'));
  assert.deepEqual([...logRecordsOf(long)], [...logRecordsOf(within(bytes('32 04 12 02 18 07')))]);
});

test('a resource counts also behind its records, and two are one', () => {
  const resource = (key: string, stringValue: string) =>
    lengthField(1, lengthField(1, Buffer.concat([lengthField(1, key), lengthField(2, lengthField(1, stringValue))])));
  const scopes = lengthField(2, lengthField(2, bytes('')));
  const body = lengthField(
    1,
    Buffer.concat([resource('service.name', 'shop'), scopes, resource('service.version', '1')]),
  );
  const origins = [...logRecordsOf(body)].map(([, origin]) => origin);
  assert.deepEqual(origins, [{ service: 'shop', instance: '', version: '1' }]);
});

test('the parts of a status that comes twice are one', () => {
  const message = lengthField(15, lengthField(2, 'it failed'));
  const code = lengthField(15, bytes('18 02'));
  const [[span] = []] = [...spansOf(within(message, code))];
  assert.deepEqual(span, { status: { message: 'it failed', code: 2 } });
});

test('where a value comes twice the last counts, and lists are joined', () => {
  const list = (text: string) => lengthField(2, lengthField(5, lengthField(1, lengthField(1, text))));
  const text = lengthField(2, lengthField(1, 'text'));
  const valueWith = (...values: Uint8Array[]) => {
    const [[item]] = [...logRecordsOf(within(attribute(...values)))] as unknown as [
      [{ attributes: [{ value: object }] }],
    ];
    return item.attributes[0].value;
  };
  assert.deepEqual(valueWith(text, list('a'), list('b')), {
    arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] },
  });
  assert.deepEqual(valueWith(list('a'), text, lengthField(2, '')), { stringValue: 'text' });
});

test('text that is not UTF-8 rejects the fact that rests on it, and nothing beside it', () => {
  const broken = (key: string) =>
    Buffer.concat([lengthField(1, key), lengthField(2, lengthField(1, bytes('61 ff 62')))]);
  const withBroken = (key: string) => {
    let attributesLeft = 1;
    const add: Disturb = (fields) =>
      fields.length > 3 && attributesLeft-- > 0 ? [...fields, lengthField(6, broken(key))] : fields;
    return logsBytes(request([record]), add);
  };
  const good = logsBytes(request([record]));
  assert.deepEqual(decode(Buffer.concat([withBroken('waybill.business_key'), good])), {
    facts: [fact],
    rejected: 1,
    reason: '1 record: waybill.business_key is not a string',
  });
  assert.deepEqual(decode(withBroken('somebody.elses')), { facts: [fact], rejected: 0 });
});

test('a record of so many values that they would fill the memory is refused', () => {
  const values = (count: number) => within(Buffer.alloc(2 * count, bytes('32 00')));
  assert.throws(() => decode(values(1_000_001)), {
    code: 'BODY_UNREADABLE',
    message: 'the body cannot be read: it has a record of more than 1000000 values',
  });
  assert.deepEqual(decode(Buffer.concat([values(600_000), values(600_000)])).facts, []);
});

test('ten million empty records take no more memory than one', () => {
  const body = lengthField(1, lengthField(2, Buffer.alloc(20_000_000, bytes('12 00'))));
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  let count = 0;
  for (const _ of logRecordsOf(body)) {
    count++;
    if (count % 1_000_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed - before);
  }
  assert.equal(count, 10_000_000);
  assert.ok(most < 100_000_000, `${most} bytes`);
});

/** A value of so many levels: lists in lists, or maps in maps. */
function nested(levels: number, wrap: (value: Buffer<ArrayBuffer>) => Buffer<ArrayBuffer>): Buffer {
  let value = lengthField(1, 'deep');
  for (let level = 1; level < levels; level++) value = wrap(value);
  return value;
}
const inList = (value: Uint8Array) => lengthField(5, lengthField(1, value));
const inMap = (value: Uint8Array) => lengthField(6, lengthField(1, lengthField(2, value)));
const withDeep = (value: Uint8Array) => {
  const deep = lengthField(6, Buffer.concat([lengthField(1, 'somebody.elses'), lengthField(2, value)]));
  return logsBytes(request([record]), (fields) => (fields.length > 3 ? [...fields, deep] : fields));
};

test('an attribute of 64 levels is no error, and of more rejects its fact', () => {
  for (const wrap of [inList, inMap]) {
    assert.deepEqual(decode(withDeep(nested(64, wrap))), { facts: [fact], rejected: 0 });
    const reason = '1 record: an attribute is nested more than 64 levels deep';
    assert.deepEqual(decode(withDeep(nested(65, wrap))), { facts: [], rejected: 1, reason });
  }
});

test('100,000 levels are refused: lists, maps and groups', () => {
  const levels = 100_000;
  // Written from the inside, a length of each level at a time, would be quadratic.
  const lengths = (tags: number[]) => {
    const parts: Buffer[] = [];
    let length = 0;
    for (let level = 0; level < levels; level++) {
      for (const one of tags) {
        const head = Buffer.concat([varint(BigInt(one)), varint(BigInt(length))]);
        parts.push(head);
        length += head.length;
      }
    }
    return Buffer.concat(parts.reverse());
  };
  const groups = Buffer.concat([Buffer.alloc(levels, 0x0b), Buffer.alloc(levels, 0x0c)]);
  for (const body of [withDeep(lengths([0x0a, 0x2a])), withDeep(lengths([0x12, 0x0a, 0x32])), groups]) {
    assert.throws(() => decode(body), {
      code: 'BODY_UNREADABLE',
      message: 'the body cannot be read: it is nested more than 384 levels deep',
    });
  }
});

test('attributes named like parts of JavaScript change no prototype', () => {
  const value = { kvlistValue: { values: [{ key: '__proto__', value: { stringValue: 'yes' } }] } };
  const hostile = ['__proto__', 'waybill.__proto__.polluted', 'constructor'].map((key) => ({ key, value }));
  const attributes = [...(record.attributes as object[]), ...hostile];
  assert.deepEqual(decode(logsBytes(request([{ ...record, attributes }]))), { facts: [fact], rejected: 0 });
  for (const prototype of [Object.prototype, Array.prototype]) {
    assert.deepEqual(Object.keys(prototype), []);
    assert.ok(!('polluted' in prototype) && !('yes' in prototype));
  }
});
