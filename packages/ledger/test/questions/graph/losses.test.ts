import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isLossy,
  lossesOf,
  mayBeLostAfter,
  mayBeLostSince,
  wasHeardAfter,
} from '../../../src/questions/graph/losses.ts';
import { sent } from '../fact-makers.ts';

const at = (seq: number, instance = 'orders-1') => sent('msg_a', seq * 1_000, { seq, instance });
const of = (seqs: readonly number[]) => lossesOf(seqs.map((seq) => at(seq)));
const holes = (seqs: readonly number[]) =>
  [...of(seqs).instances.values()].flatMap(({ losses }) =>
    losses.map(({ afterSeq, beforeSeq, count, from, to }) => [afterSeq, beforeSeq, count, from, to]),
  );

test('numbers that are missing are counted, with what was recorded around them', () => {
  assert.deepEqual(holes([1, 2, 3]), []);
  assert.deepEqual(holes([3, 1, 2, 2]), []);
  assert.deepEqual(holes([1, 4, 5, 9]), [
    [1, 4, 2, 1_000, 4_000],
    [5, 9, 3, 5_000, 9_000],
  ]);
  assert.deepEqual(holes([3]), [[0, 3, 2, null, 3_000]]);
});

test('facts that do not count say nothing of what is missing', () => {
  assert.equal(lossesOf([at(0), at(0)]).instances.size, 0);
});

test('each instance counts for itself', () => {
  const { instances, seen, missing } = lossesOf([at(1), at(2), at(2, 'orders-2')]);
  assert.deepEqual([instances.size, seen, missing], [2, 3, 1]);
});

test('only what is missing after a fact may have followed it', () => {
  const losses = of([1, 4, 5]);
  assert.deepEqual(
    [at(1), at(4), at(5)].map((fact) => mayBeLostAfter(losses, fact)),
    [true, false, false],
  );
  assert.equal(mayBeLostAfter(losses, at(1, 'never seen')), false);
});

test('what is missing since an instant is counted up to as many as are asked about', () => {
  const losses = of([1, 4, 6]);
  const [key = ''] = losses.instances.keys();
  const since = (instant: number) => [1, 2, 3, 4].map((least) => mayBeLostSince(losses, key, instant, least));
  assert.deepEqual(since(0), [true, true, true, false]);
  assert.deepEqual(since(5_000), [true, false, false, false]);
  assert.deepEqual(since(7_000), [false, false, false, false]);
});

test('an instance was heard of until its last fact', () => {
  assert.deepEqual(
    [2_999, 3_000].map((instant) => wasHeardAfter(of([1, 3]), at(1), instant)),
    [true, false],
  );
});

test('one fact in three hundred is no lossy pipeline, and one in fifty is', () => {
  const without = (missing: number, count: number) =>
    of(Array.from({ length: count }, (_, index) => index + 1).filter((seq) => seq !== missing));
  assert.equal(isLossy(without(7, 300)), false);
  assert.equal(isLossy(without(7, 50)), true);
});
