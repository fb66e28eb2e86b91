import assert from 'node:assert/strict';
import { test } from 'node:test';
import { millisOf } from '../../src/core/date-millis.ts';

test('a date is its milliseconds, and so many seconds later', () => {
  assert.equal(millisOf(new Date(1_000)), 1_000);
  assert.equal(millisOf(new Date(1_000), 2), 3_000);
});

test('what is no date, or none that a clock could show, is not known', () => {
  for (const value of ['2026-01-01', 1_000, null, undefined, new Date(Number.NaN)])
    assert.equal(millisOf(value), undefined);
  assert.equal(millisOf(new Date(0), Number.NaN), undefined);
});
