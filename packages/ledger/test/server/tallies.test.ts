import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exposition } from '../../src/server/exposition.ts';
import { openHistogram, openTally } from '../../src/server/tallies.ts';

test('labels past the bound are counted together, and the sum stays right', () => {
  const tally = openTally(2);
  for (const label of ['a', 'b', 'c', 'd', 'a']) tally.add(label);
  assert.deepEqual(Object.fromEntries(tally.counts), { a: 2, b: 1, _OTHER: 2 });
});

test('a bucket counts all that is not larger', () => {
  const histogram = openHistogram([1, 5]);
  for (const value of [0.5, 1, 3, 9]) histogram.add(value);
  assert.deepEqual(
    histogram.samples().map(({ suffix, labels, value }) => [suffix, labels?.['le'], value]),
    [
      ['_bucket', '1', 2],
      ['_bucket', '5', 3],
      ['_bucket', '+Inf', 4],
      ['_sum', undefined, 13.5],
      ['_count', undefined, 4],
    ],
  );
});

test('a label is one line, whatever is in it', () => {
  const samples = [{ labels: { reason: 'a "b"\\\nc' }, value: 1 }];
  assert.equal(
    exposition([{ name: 'n', type: 'counter', help: 'h', samples }]),
    '# HELP n h\n# TYPE n counter\nn{reason="a \\"b\\"\\\\\\nc"} 1\n',
  );
});
