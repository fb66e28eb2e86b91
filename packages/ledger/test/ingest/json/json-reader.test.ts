import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonReader, LIST, OBJECT } from '../../../src/ingest/json/json-reader.ts';

const reader = (json: string | Uint8Array) => new JsonReader(Buffer.from(json));

/** Reads it member by member and item by item, as far down as it goes. */
function read(from: JsonReader): unknown {
  if (from.isAt(LIST)) {
    const items: unknown[] = [];
    for (let more = from.enter(LIST); more; more = from.goesOn(LIST)) items.push(read(from));
    return items;
  }
  if (!from.isAt(OBJECT)) return from.value();
  const members: [string, unknown][] = [];
  for (let more = from.enter(OBJECT); more; more = from.goesOn(OBJECT)) members.push([from.key(), read(from)]);
  return Object.fromEntries(members);
}

const DOCUMENTS = [
  ...['{}', '[]', ' [ ] ', '""', '0', '-0', '1.5e-3', 'true', 'false', 'null', '\t\r\n null\n'],
  ...['{"a":1}', '{ "a" : [ 1 , 2 ] , "b" : { } }', '[[],{},[{}]]', '{"a":{"b":{"c":[null]}}}', '{"":""}'],
  ...['"\\u00e9\\n\\"\\\\\\/"', '"\\ud83d\\ude80"', '"\\ud83d"', '"é☕🚀"', '"\u007f"', '{"\\u0061":1}'],
  ...['{"__proto__":1}', '{"a":1,"a":2}', '"]}"', '["\\"]"]', '123456789012345678901', '"\u2028"'],
];

const NONE = [
  ...['', ' ', '{', '[', '}', ']', '"', '"a', '{"a"', '{"a":', '{"a":1', '{"a":1,', '[1', '[1,', '{]', '[}'],
  ...['{"a":1,}', '[1,]', '[,1]', '{,}', '{"a" 1}', '{a:1}', "{'a':1}", '[1 2]', '[1][2]', '{} {}', 'null null'],
  ...['01', '+1', '1.', '.5', '1e', '-', '0x1', 'NaN', 'Infinity', 'undefined', 'nul', 'nulll', 'True', 'tru e'],
  ...['"\\x"', '"\\u12"', '"\\', '"a\nb"', '"\t"', '"\u0000"', '\u0000', '[\u0000]', '{"a":"\u0001"}', '\u00a0null'],
  ...['[1}', '{"a":1]', '{"a":[1}}', '/**/null', '{"a":{"b":}}', '[[1,]]', '{"a":"\\q"}', ',', ':', '\\'],
];

for (const document of DOCUMENTS) {
  test(`it takes ${JSON.stringify(document)}, whole and in parts`, () => {
    for (const way of [(from: JsonReader) => from.value(), read]) {
      const from = reader(document);
      assert.deepEqual(way(from), JSON.parse(document));
      from.end();
    }
  });
}

for (const document of NONE) {
  test(`it refuses ${JSON.stringify(document)}, as JSON.parse does`, () => {
    assert.throws(() => JSON.parse(document));
    for (const way of [(from: JsonReader) => from.value(), read]) {
      assert.throws(
        () => {
          const from = reader(document);
          way(from);
          from.end();
        },
        { code: 'BODY_UNREADABLE', message: 'the body cannot be read: it is not JSON' },
      );
    }
  });
}

test('a byte order mark is passed over, and what is not UTF-8 is refused', () => {
  assert.equal(reader('\ufeff"é"').value(), 'é');
  assert.throws(() => reader(Buffer.from([0x22, 0xc3, 0x22])), { message: /it is not UTF-8$/ });
});

test('512 levels are read, and more are refused before they are objects', () => {
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  for (const way of [(from: JsonReader) => from.value(), read, (from: JsonReader) => from.passOver()]) {
    way(reader(nested(512)));
    assert.throws(() => way(reader(nested(513))), { message: /it is nested more than 512 levels deep$/ });
    assert.throws(() => way(reader('['.repeat(200_000))), { message: /it is nested more than 512 levels deep$/ });
  }
});

test('levels are counted where the reader is, and not where it has been', () => {
  const from = reader(`[${Array(2_000).fill('[[[]]]').join(',')}]`);
  assert.equal((read(from) as unknown[]).length, 2_000);
  from.end();
});

test('a value that is passed over is neither looked at nor lost', () => {
  const from = reader('{"a":{"x":[1,"}"]},"b":"\\"","c":-1.5e3,"d":true}');
  const start = from.mark;
  const keys: string[] = [];
  for (let more = from.enter(OBJECT); more; more = from.goesOn(OBJECT)) {
    keys.push(from.key());
    from.passOver();
  }
  from.end();
  assert.deepEqual(keys, ['a', 'b', 'c', 'd']);
  from.rewind(start);
  assert.deepEqual(from.value(), { a: { x: [1, '}'] }, b: '"', c: -1500, d: true });
});

test('digits in a text are the number that they say, where a number holds it', () => {
  const integers: readonly (readonly [json: string, value: unknown])[] = [
    ['"0"', 0],
    ['"007"', 7],
    ['"999999999999999"', 999_999_999_999_999],
    ['42', 42],
    ['"9007199254740993"', '9007199254740993'],
    ['"-7"', '-7'],
    ['"1.0"', '1.0'],
    ['""', ''],
    ['"7x"', '7x'],
    ['null', null],
    ['"\\u0037"', '7'],
    ['[1]', [1]],
  ];
  for (const [json, value] of integers) assert.deepEqual(reader(json).integer(), value, json);
  for (const json of ['"7', '"7\n"']) assert.throws(() => reader(json).integer(), { code: 'BODY_UNREADABLE' });
});
