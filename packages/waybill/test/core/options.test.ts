import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRORS } from '../../src/core/errors.ts';
import { createWaybill, type WaybillOptions } from '../../src/core/waybill.ts';
import { otlpRecorder } from '../../src/recorders/otlp.ts';

const create = (options: unknown) => () => createWaybill(options as WaybillOptions);

test('a misspelled option is refused, with the name that was meant', () => {
  const cases: [options: object, message: string][] = [
    [{ recoder: 1 }, 'OPTION_UNKNOWN: createWaybill has no option "recoder". Did you mean "recorder"?'],
    [{ Service: 'a' }, 'OPTION_UNKNOWN: createWaybill has no option "Service". Did you mean "service"?'],
    [{ mintid: 1 }, 'OPTION_UNKNOWN: createWaybill has no option "mintid". Did you mean "mintId"?'],
    [{ sampling: 1 }, 'OPTION_UNKNOWN: createWaybill has no option "sampling".'],
    [JSON.parse('{"__proto__":1}'), 'OPTION_UNKNOWN: createWaybill has no option "__proto__".'],
    [{ constructor: 1 }, 'OPTION_UNKNOWN: createWaybill has no option "constructor".'],
  ];
  for (const [options, message] of cases) {
    const { fix } = ERRORS.OPTION_UNKNOWN;
    assert.throws(create({ service: 'checkout', ...options }), {
      code: 'OPTION_UNKNOWN',
      message: `${message} ${fix}`,
      fix,
    });
  }
});

test('an option of the wrong kind is refused, and the message says what was given', () => {
  const text = 'a string with at least one character';
  const recorder = 'a recorder: an object with a function "record"';
  const cases: [option: string, value: unknown, expected: string, given: string][] = [
    ['service', 7, text, '7'],
    ['service', '', text, '""'],
    ['service', null, text, 'null'],
    ['version', ['1'], text, 'an array'],
    ['instance', {}, text, 'an object'],
    ['recorder', {}, recorder, 'an object'],
    ['recorder', null, recorder, 'null'],
    ['recorder', { record: 1 }, recorder, 'an object'],
    ['originateTrace', 'yes', 'true or false', '"yes"'],
    ['clock', 12, 'a function', '12'],
    ['mintId', Symbol('s'), 'a function', 'a symbol'],
  ];
  for (const [option, value, expected, given] of cases) {
    const message = `OPTION_INVALID: createWaybill expects "${option}" to be ${expected}, and got ${given}. ${ERRORS.OPTION_INVALID.fix}`;
    assert.throws(create({ service: 'checkout', [option]: value }), { code: 'OPTION_INVALID', message });
  }
});

test('a service without a name is refused, and so are options that are none', () => {
  assert.throws(create({}), { code: 'OPTION_MISSING', message: /createWaybill needs the option "service"/ });
  assert.throws(create({ service: undefined }), { code: 'OPTION_MISSING' });
  for (const options of [undefined, null, 'checkout', 7])
    assert.throws(create(options), { code: 'OPTION_INVALID', message: /expects "options" to be an object, and got/ });
});

test('an option that is given as undefined is left out', () => {
  const options = { service: 'checkout', version: undefined, recorder: undefined, clock: undefined };
  assert.doesNotThrow(create(options));
});

test('counts of a recorder are whole numbers of at least 1', () => {
  for (const option of ['flushMs', 'batchMax', 'bufferMax', 'timeoutMs']) {
    for (const value of [0, -1, 1.5, Number.NaN, '10', Number.POSITIVE_INFINITY])
      assert.throws(() => otlpRecorder({ [option]: value }), { code: 'OPTION_INVALID' }, `${option}: ${value}`);
  }
});

test('what an error shows of a long value is its beginning', () => {
  assert.throws(create({ service: 'checkout', clock: 'x'.repeat(1000) }), ({ message }: Error) => message.length < 250);
});
