import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slicesOf } from '../../../src/store/clickhouse/slices.ts';

test('a long list is asked in parts, none of which is too long for a parameter', () => {
  const ids = Array.from({ length: 5_000 }, (_, n) => `${n}`.padStart(120, '0'));
  const slices = slicesOf(ids, (id) => id);
  assert.deepEqual(slices.flat(), ids);
  for (const slice of slices) assert.ok(JSON.stringify(slice).length < 131_072 / 2, String(slice.length));
  assert.ok(slices.length < 15, `${slices.length} parts`);
});

test('an item that is too long is asked by itself, and of nothing nothing is asked', () => {
  const long = 'x'.repeat(100_000);
  assert.deepEqual(
    slicesOf(['a', long, 'b'], (text) => text).map(({ length }) => length),
    [1, 1, 1],
  );
  assert.deepEqual(
    slicesOf([], (text) => text),
    [],
  );
});
