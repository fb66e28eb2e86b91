import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CarrierValue,
  isTraceId,
  NO_TRACE_HEADERS,
  parseTraceparent,
  readTraceHeaders,
} from '../../src/core/w3c.ts';
import { TRACE_ID, TRACEPARENT } from '../known-waybill.ts';
import { quickestMs } from '../quickest.ts';

const SPAN = { traceId: TRACE_ID, spanId: '00f067aa0ba902b7', flags: '01' };
const PARENT = `${TRACE_ID}-00f067aa0ba902b7`;

const VALID: [traceparent: string, flags: string][] = [
  [`00-${PARENT}-01`, '01'],
  [`00-${PARENT}-00`, '00'],
  [`00-${PARENT}-03`, '03'],
  [`00-${PARENT}-ff`, 'ff'],
  [`01-${PARENT}-01`, '01'],
  [`cc-${PARENT}-01`, '01'],
  [`cc-${PARENT}-01-what-the-future-will-be-like`, '01'],
  [`fe-${PARENT}-01-`, '01'],
];

const INVALID: [why: string, traceparent: string][] = [
  ['empty', ''],
  ['version ff', `ff-${PARENT}-01`],
  ['version 00 with more behind it', `00-${PARENT}-01-what`],
  ['version 00 with a dash behind it', `00-${PARENT}-01-`],
  ['a later version with more, but without a dash', `cc-${PARENT}-01.what`],
  ['an upper-case trace id', `00-${PARENT.toUpperCase()}-01`],
  ['an upper-case version', `0A-${PARENT}-01`],
  ['no hex version', `.0-${PARENT}-01`],
  ['a short version', `0-${PARENT}-01`],
  ['a long version', `000-${PARENT}-01`],
  ['a trace id of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
  ['a span id of zeros', `00-${TRACE_ID}-${'0'.repeat(16)}-01`],
  ['a short trace id', `00-${TRACE_ID.slice(1)}-00f067aa0ba902b7-01`],
  ['a long trace id', `00-0${TRACE_ID}-00f067aa0ba902b7-01`],
  ['a short span id', `00-${TRACE_ID}-0f067aa0ba902b7-01`],
  ['a long span id', `00-${TRACE_ID}-000f067aa0ba902b7-01`],
  ['letters that are no hex', `00-${TRACE_ID.slice(0, -1)}g-00f067aa0ba902b7-01`],
  ['flags that are no hex', `00-${PARENT}-.0`],
  ['short flags', `00-${PARENT}-1`],
  ['long flags', `00-${PARENT}-001`],
  ['no flags', `00-${PARENT}`],
  ['underscores', `00_${TRACE_ID}_00f067aa0ba902b7_01`],
  ['a space before it', ` 00-${PARENT}-01`],
  ['a line break behind it', `00-${PARENT}-01\n`],
  ['two in one', `00-${PARENT}-01,00-${PARENT}-01`],
  ['two in one, of a later version with more', `cc-${PARENT}-01-what, 00-${PARENT}-01`],
  ['an escape of terminals in a later version', `cc-${PARENT}-01-\u001b[31m`],
  ['a letter that no header may hold in a later version', `cc-${PARENT}-01-€`],
  ['a line break in a later version', `cc-${PARENT}-01-a\r\nset-cookie: a=b`],
];

test('a valid traceparent names its span, in this version and in later ones', () => {
  for (const [traceparent, flags] of VALID) {
    assert.deepEqual(parseTraceparent(traceparent), { ...SPAN, flags }, traceparent);
    assert.equal(readTraceHeaders(traceparent, undefined, undefined).traceparent, traceparent, 'passed on as it came');
  }
});

for (const [why, traceparent] of INVALID) {
  test(`a traceparent with ${why} is none, and takes its tracestate with it`, () => {
    assert.equal(parseTraceparent(traceparent), null);
    const headers = readTraceHeaders(traceparent, 'a=1', 'k=v');
    assert.deepEqual(headers, { traceparent: undefined, tracestate: undefined, baggage: 'k=v' });
  });
}

test('a traceparent that comes twice is none', () => {
  for (const twice of [[TRACEPARENT, TRACEPARENT], [TRACEPARENT, ''], []])
    assert.equal(readTraceHeaders(twice, 'a=1', undefined).traceparent, undefined);
  assert.equal(readTraceHeaders([TRACEPARENT], undefined, undefined).traceparent, TRACEPARENT);
});

test('one traceparent after another is read anew', () => {
  const other = TRACEPARENT.replace('4bf9', 'aaaa');
  for (const [text, id] of [
    [TRACEPARENT, TRACE_ID],
    [other, TRACE_ID.replace('4bf9', 'aaaa')],
    ['', undefined],
    [TRACEPARENT, TRACE_ID],
  ] as const)
    assert.equal(parseTraceparent(text)?.traceId, id);
});

const members = (count: number) => Array.from({ length: count }, (_, at) => `k${at}=${at}`);
const KEY_MAX = 'k'.repeat(256);
const VALUE_MAX = 'v'.repeat(256);

const STATES: [why: string, given: CarrierValue, expected: string | undefined][] = [
  ['one member', 'a=1', 'a=1'],
  ['two members', 'a=1,b=2', 'a=1,b=2'],
  ['two headers, which are one list', ['a=1', 'b=2'], 'a=1,b=2'],
  ['spaces and tabs around members', 'a=1 \t, \tb=2', 'a=1 \t, \tb=2'],
  ['empty members', 'a=1,,b=2, ,', 'a=1,,b=2, ,'],
  ['a key with an at-sign', 'tenant@system=1', 'tenant@system=1'],
  ['a key with several at-signs', 'a@b@c=1,@a=1', undefined],
  ['an at-sign in the middle, twice', 'a@b@c=1', 'a@b@c=1'],
  ['every letter that a key may have', 'a0_-*/@z=1', 'a0_-*/@z=1'],
  ['a key that begins with a digit', '0a=1', '0a=1'],
  ['a key of 256 letters', `${KEY_MAX}=1`, `${KEY_MAX}=1`],
  ['a key of 257 letters', `${KEY_MAX}k=1`, undefined],
  ['a value of 256 letters', `a=${VALUE_MAX}`, `a=${VALUE_MAX}`],
  ['a value of 257 letters', `a=${VALUE_MAX}v`, undefined],
  ['a value with a space inside', 'a=1 2', 'a=1 2'],
  ['a value that begins with a space', 'a= 1', 'a= 1'],
  ['32 members', members(32).join(), members(32).join()],
  ['33 members', members(33).join(), undefined],
  ['33 members in two headers', [members(20).join(), members(33).slice(20).join()], undefined],
  ['32 members and empty ones', `${members(32).join()},,`, `${members(32).join()},,`],
  ['a key twice', 'a=1,a=2', 'a=1,a=2'],
  ['a key twice in two headers', ['a=1', 'a=2'], 'a=1,a=2'],
  ['nothing', '', undefined],
  ['no value', 'a=', undefined],
  ['no key', '=1', undefined],
  ['no equals sign', 'a', undefined],
  ['two equals signs', 'a=1=2', undefined],
  ['an upper-case key', 'A=1', undefined],
  ['a key with a space', 'a b=1', undefined],
  ['a space before the equals sign', 'a =1', undefined],
  ['a key with a dot', 'a.b=1', undefined],
  ['a control character in a value', 'a=1\u0007', undefined],
  ['a tab in a value', 'a=1\t2', undefined],
  ['a letter beyond ASCII', 'a=é', undefined],
  ['a line break', 'a=1\nb=2', undefined],
  ['another type', [1, 2] as unknown as string[], undefined],
];

for (const [why, given, expected] of STATES) {
  test(`a tracestate with ${why} is ${expected === undefined ? 'dropped, and the traceparent stays' : 'passed on'}`, () => {
    const { traceparent, tracestate } = readTraceHeaders(TRACEPARENT, given, undefined);
    assert.deepEqual([traceparent, tracestate], [TRACEPARENT, expected]);
  });
}

test('a tracestate without a traceparent is none', () => {
  assert.equal(readTraceHeaders(undefined, 'a=1', undefined), NO_TRACE_HEADERS);
  assert.equal(readTraceHeaders(null, 'a=1', 'k=v').tracestate, undefined);
});

test('baggage of printable letters is passed on byte for byte, and any other is dropped', () => {
  for (const baggage of ['k=v', 'k=v;p=1, l=w', 'a=%C3%A9', 'no baggage at all'])
    assert.equal(readTraceHeaders(undefined, undefined, baggage).baggage, baggage);
  for (const baggage of ['k=é', 'k=\u001b[31m', 'k=v\r\nx: y', 'k=\u202e', ''])
    assert.equal(readTraceHeaders(TRACEPARENT, undefined, baggage).baggage, undefined);
  assert.equal(readTraceHeaders(undefined, undefined, ['a=1', 'b=2']).baggage, 'a=1,b=2');
});

test('8,192 characters in all are read, and one more takes all three away', () => {
  const rest = 8192 - TRACEPARENT.length - 'a=1'.length;
  const baggage = `k=${'v'.repeat(rest - 2)}`;
  assert.deepEqual(readTraceHeaders(TRACEPARENT, 'a=1', baggage), {
    traceparent: TRACEPARENT,
    tracestate: 'a=1',
    baggage,
  });
  assert.equal(readTraceHeaders(TRACEPARENT, 'a=1', `${baggage}v`), NO_TRACE_HEADERS);
  assert.equal(readTraceHeaders(TRACEPARENT, 'a=1', [baggage, '']), NO_TRACE_HEADERS, 'the comma between counts');
});

test('hostile headers are over within 50 ms', () => {
  const mebibyte = 2 ** 20;
  const cases: [CarrierValue, CarrierValue, CarrierValue][] = [
    [`cc-${PARENT}-01-${'x'.repeat(mebibyte)}`, undefined, undefined],
    [TRACEPARENT, 'a=1,'.repeat(mebibyte / 4), undefined],
    [TRACEPARENT, `a=${' '.repeat(8000)}b`, undefined],
    [TRACEPARENT, `a${'\t'.repeat(4000)}=${' '.repeat(4000)}b`, undefined],
    [TRACEPARENT, `${' '.repeat(8000)}\u0000`, undefined],
    [TRACEPARENT, ','.repeat(8100), undefined],
    [TRACEPARENT, Array.from({ length: mebibyte }, () => ''), undefined],
    [TRACEPARENT, Array.from({ length: 80 }, () => 'x'.repeat(65_536)), undefined],
    [TRACEPARENT, undefined, ','.repeat(mebibyte)],
    [Array.from({ length: mebibyte }, () => TRACEPARENT), undefined, undefined],
  ];
  for (const [at, headers] of cases.entries()) {
    const ms = quickestMs(() => readTraceHeaders(...headers));
    assert.ok(ms < 50, `case ${at}: ${ms} ms`);
  }
});

test('a trace id is 32 lower-case hex digits, and not all zeros', () => {
  assert.equal(isTraceId(TRACE_ID), true);
  for (const id of [TRACE_ID.toUpperCase(), TRACE_ID.slice(1), `${TRACE_ID}0`, '0'.repeat(32), '', 7, null])
    assert.equal(isTraceId(id), false);
});
