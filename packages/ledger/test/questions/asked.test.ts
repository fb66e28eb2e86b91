import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perBucket, searchedOf } from '../../src/questions/asked.ts';
import { asked } from './asked.ts';
import { readerOf } from './reader-of.ts';

test('what happened at the very end of a window falls into its last bucket, and what is outside into none', async () => {
  const searched = searchedOf(await readerOf([]), asked());
  assert.deepEqual([searched.window.bucket_ms, searched.window.buckets], [60_000, 61]);
  const counts = perBucket([-1, 0, 59_999, 3_600_000, 3_660_000], searched);
  assert.deepEqual(
    counts.flatMap((count, bucket) => (count > 0 ? [[bucket, count]] : [])),
    [
      [0, 2],
      [60, 1],
    ],
  );
});
