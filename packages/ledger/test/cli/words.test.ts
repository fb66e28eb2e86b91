import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSupported, refusal } from '../../bin/supported.mjs';
import { instantOf } from '../../src/cli/instants.ts';
import { nearest, pasted } from '../../src/cli/suggestions.ts';
import { terminalOf } from '../../src/cli/terminal.ts';
import { clean, cleanDocument, cleanJson } from '../../src/cli/text/clean.ts';
import { duration, setDuration, spokenDuration } from '../../src/cli/text/duration.ts';
import { shortId } from '../../src/cli/text/ids.ts';

test('durations are cut off, and never reach the next unit', () => {
  const cases = {
    0: '0ms',
    812: '812ms',
    999: '999ms',
    1045: '1.0s',
    5300: '5.3s',
    59999: '59.9s',
    60000: '1m00s',
    2533100: '42m13s',
  };
  for (const [ms, text] of Object.entries(cases)) assert.equal(duration(Number(ms)), text);
  assert.equal(duration(3_600_000 + 62_000), '1h01m02s');
  assert.equal(duration(2 * 86_400_000 + 3_723_000), '2d01h02m03s');
  assert.equal(duration(-50), '-50ms');
});

test('a time is a clock, a while ago, or RFC 3339', () => {
  const now = Date.parse('2026-03-17T14:58:30.000Z');
  assert.equal(instantOf('14:02', now), '2026-03-17T14:02:00.000Z');
  assert.equal(instantOf('23:10:05', now), '2026-03-16T23:10:05.000Z');
  assert.equal(instantOf('2h', now), '2026-03-17T12:58:30.000Z');
  assert.equal(instantOf('2026-03-17T15:00:00+01:00', now), '2026-03-17T14:00:00.000Z');
  for (const text of ['', 'noon', '25:00', '2026-13-40T00:00:00Z', '999999d', '2026-03-17']) {
    if (text === '999999d') assert.doesNotThrow(() => instantOf(text, now));
    else assert.throws(() => instantOf(text, now), { code: 'ARGUMENT_INVALID' });
  }
});

test('only what is within two edits is suggested, the nearest first', () => {
  const verbs = ['why', 'trace', 'serve'];
  assert.deepEqual(nearest('wyh', verbs), ['why']);
  assert.deepEqual(nearest('traec', verbs), ['trace']);
  assert.deepEqual(nearest('explain', verbs), []);
  assert.deepEqual(nearest('', verbs), []);
});

test('a fix can be pasted into a shell as it stands', () => {
  assert.equal(pasted('waybill', 'why', 'PWASC1'), 'waybill why PWASC1');
  assert.equal(pasted('waybill', 'why', "it's; rm -rf $HOME"), `waybill why 'it'\\''s; rm -rf $HOME'`);
});

test('ids lose all but their ending only when they are ours', () => {
  assert.equal(shortId('msg_01KKY1NB8XFWSAEFM6GEPWASC1'), 'PWASC1');
  for (const id of ['order-1-000000000000000000000000000000', 'msg_short', 'MSG_01KKY1NB8XFWSAEFM6GEPWASC1'])
    assert.equal(shortId(id), id);
});

test('what a terminal obeys is spelled out, and other text is left as it is', () => {
  assert.equal(
    clean('a\u001b[31mred\r\nb\u0000\u007f\u009b\u202ec\u2066'),
    'a\\u001b[31mred\\u000d\\u000ab\\u0000\\u007f\\u009b\\u202ec\\u2066',
  );
  assert.equal(clean('Zoë 注文 🚚'), 'Zoë 注文 🚚');
  assert.deepEqual(cleanDocument({ a: ['\u001b', 1, null], b: { c: '\u2028' } }), {
    a: ['\\u001b', 1, null],
    b: { c: '\\u2028' },
  });
});

test('JSON that is made safe to print still says the same', () => {
  const document = { id: 'a\u202eb\u009b', more: ['\u007f'] };
  const printed = cleanJson(JSON.stringify(document));
  assert.match(printed, /^[\x20-\x7e]*$/);
  assert.deepEqual(JSON.parse(printed), document);
});

test('colour is for terminals that want it', () => {
  const isColoured = (isTTY: boolean, env: NodeJS.ProcessEnv, color?: string) =>
    terminalOf({ isTTY }, env, { color }).paint.bad('DEAD') !== 'DEAD';
  assert.deepEqual([isColoured(true, {}), isColoured(false, {})], [true, false]);
  assert.deepEqual([isColoured(true, { NO_COLOR: '1' }), isColoured(true, { TERM: 'dumb' })], [false, false]);
  assert.deepEqual([isColoured(false, { NO_COLOR: '1' }, 'always'), isColoured(true, {}, 'never')], [true, false]);
});

test('a page is as wide as its terminal, COLUMNS, or 80', () => {
  const width = (stream: object, env: NodeJS.ProcessEnv) => terminalOf(stream, env, {}).width;
  assert.deepEqual(
    [width({}, {}), width({}, { COLUMNS: '40' }), width({ isTTY: true, columns: 132 }, {})],
    [80, 40, 132],
  );
  assert.deepEqual([width({}, { COLUMNS: 'wide' }), width({}, { COLUMNS: '1' })], [80, 20]);
});

test('hints are for terminals', () => {
  assert.deepEqual([terminalOf({ isTTY: true }, {}, {}).hasHints, terminalOf({}, {}, {}).hasHints], [true, false]);
  assert.equal(terminalOf({ isTTY: true }, {}, { noHints: true }).hasHints, false);
});

test('a Node that ends with the process on a stack overflow is refused, in one line', () => {
  for (const version of ['v22.22.0', 'v22.30.1', 'v24.13.0', 'v25.0.0', 'v26.1.0'])
    assert.ok(isSupported(version), version);
  for (const version of ['v14.21.3', 'v18.20.0', 'v20.20.0', 'v22.21.9', 'v23.11.0', 'v24.12.9'])
    assert.ok(!isSupported(version), version);
  assert.equal(refusal('v20.1.0').split('\n').length, 1);
});

test('a deadline is printed as somebody would set it', () => {
  const cases = { 600000: '10m', 60000: '1m', 90000: '1m30s', 30000: '30s', 1500: '1.5s', 3600000: '1h' };
  for (const [ms, text] of Object.entries(cases)) assert.equal(setDuration(Number(ms)), text);
  assert.equal(setDuration(86_400_000 + 7_200_000), '1d02h');
});

test('a duration is spoken in its largest unit', () => {
  const cases = { 2533100: '42 minutes', 60000: '1 minute', 1999: '1 second', 5: '5 milliseconds' };
  for (const [ms, text] of Object.entries(cases)) assert.equal(spokenDuration(Number(ms)), text);
  assert.equal(spokenDuration(3 * 86_400_000), '3 days');
});
