import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../../src/testing/simulator/random.ts';

function draws(seed: number, index: number, purpose: number): number[] {
  const random = createRandom(seed, index, purpose);
  return Array.from({ length: 8 }, () => random.below(1_000_000));
}

test('equal seeds give equal chance, and what differs in anything gives another', () => {
  assert.deepEqual(draws(1, 2, 3), draws(1, 2, 3));
  for (const other of [draws(2, 2, 3), draws(1, 3, 3), draws(1, 2, 4), draws(2, 1, 3)]) {
    assert.equal(other.filter((draw) => draws(1, 2, 3).includes(draw)).length, 0);
  }
});

test('chance is the same on every machine', () => {
  assert.deepEqual(draws(1, 0, 1), [619467, 559330, 238568, 15351, 545891, 299112, 807243, 935594]);
});

test('numbers reach both ends of what was asked for, and none beyond', () => {
  const random = createRandom(1, 0, 1);
  const seen = new Set(Array.from({ length: 1_000 }, () => random.between(3, 7)));
  assert.deepEqual([...seen].sort(), [3, 4, 5, 6, 7]);
  assert.ok(!Array.from({ length: 1_000 }, () => random.chance(0)).includes(true));
  assert.ok(!Array.from({ length: 1_000 }, () => random.chance(1)).includes(false));
});

test('a choice comes as often as its weight says', () => {
  const random = createRandom(1, 0, 1);
  let rare = 0;
  for (let draw = 0; draw < 10_000; draw++) if (random.weigh({ common: 9, rare: 1, never: 0 }) === 'rare') rare++;
  assert.ok(Math.abs(rare - 1_000) < 100, `${rare} of 10,000`);
});
