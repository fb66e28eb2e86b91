import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sizeOf, spanOf } from '../../src/cli/amounts.ts';

const setting = (value: string) => ({ name: '--keep', value });

test('a time to keep has a unit, and a size may have one', () => {
  assert.deepEqual(
    ['30d', '12h', '90m'].map((text) => spanOf(setting(text))),
    [2_592_000_000, 43_200_000, 5_400_000],
  );
  assert.deepEqual(
    ['1000', '500MB', '20GiB', '1 tib', '5kb'].map((text) => sizeOf(setting(text))),
    [1_000, 500_000_000, 21_474_836_480, 1_099_511_627_776, 5_000],
  );
  for (const text of ['', '0d', '30', 'd', '-1d', '1w', '1.5d', '30d '])
    assert.throws(() => spanOf(setting(text)), { code: 'ARGUMENT_INVALID', message: /^--keep has to be a time/ }, text);
  for (const text of ['', '0', '20G', 'GiB', '1e9', '-5MB'])
    assert.throws(() => sizeOf(setting(text)), { code: 'ARGUMENT_INVALID', message: /^--keep has to be a size/ }, text);
});
