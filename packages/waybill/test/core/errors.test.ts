import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRORS, type WaybillErrorCode, waybillError } from '../../src/core/errors.ts';
import { markInstrumented } from '../../src/core/instrumented.ts';

test('every error says its code, what is wrong and how to mend it', () => {
  for (const [code, { message, fix }] of Object.entries(ERRORS)) {
    assert.match(code, /^[A-Z]+(_[A-Z]+)+$/);
    assert.match(fix, /^[A-Z].*\.$/);
    const details = Array.from({ length: message.length }, (_, at) => `detail ${at}`);
    const error = waybillError(code as WaybillErrorCode, ...(details as [string, string, string, string]));
    assert.ok(error instanceof Error);
    assert.deepEqual([error.code, error.fix], [code, fix]);
    assert.ok(error.message.startsWith(`${code}: `) && error.message.endsWith(fix), error.message);
    for (const detail of details) assert.ok(error.message.includes(detail), `${code} does not say ${detail}`);
  }
});

test('codes are the ones that callers know', () => {
  assert.deepEqual(Object.keys(ERRORS), ['OPTION_INVALID', 'OPTION_MISSING', 'OPTION_UNKNOWN', 'CLIENT_UNFIT']);
});

test('a client is marked once, and one that lacks a method is refused', () => {
  const client = { send: () => {} };
  assert.equal(markInstrumented('instrumentQueue', client, ['send']), true);
  assert.equal(markInstrumented('instrumentQueue', client, ['send']), false);
  assert.equal(markInstrumented('instrumentQueue', { ...client }, ['send']), true);
  for (const unfit of [{}, { send: 1 }, null as unknown as object])
    assert.throws(() => markInstrumented('instrumentQueue', unfit, ['send']), {
      code: 'CLIENT_UNFIT',
      message: /^CLIENT_UNFIT: instrumentQueue was given an object that has no function "send"\./,
    });
});
