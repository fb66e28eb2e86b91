import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fact } from '../../../src/core/facts.ts';
import { createRandom } from '../../../src/testing/simulator/random.ts';
import { received } from '../../../src/testing/simulator/recording.ts';

const FACTS: readonly Fact[] = Array.from({ length: 400 }, (_, place) => ({
  kind: 'dropped',
  fact_id: `fct_${place}`,
  at: place,
  service: 'orders',
  instance: 'orders-1',
  count: 1,
  since: 0,
  why: 'a test',
}));

/** Half of all workflows come in order: a seed of each half. */
const ORDERED = 2;
const DISORDERED = 1;

test('facts come late and twice, and none is lost, unless that is asked for', () => {
  const got = received(FACTS, createRandom(DISORDERED, 0, 5), 0);
  assert.ok(got.length > FACTS.length);
  assert.deepEqual(new Set(got), new Set(FACTS));
  assert.notDeepEqual([...new Set(got)], FACTS);
  for (const [place, fact] of [...new Set(got)].entries()) {
    assert.ok(Math.abs(FACTS.indexOf(fact) - place) < 40, `${fact.fact_id} comes ${place}th`);
  }
});

test('other workflows come as they were recorded', () => {
  assert.deepEqual(received(FACTS, createRandom(ORDERED, 0, 5), 0), FACTS);
});

test('each fact is lost with the chance that was asked for', () => {
  const kept = new Set(received(FACTS, createRandom(DISORDERED, 0, 5), 0.25)).size;
  assert.ok(Math.abs(kept - 300) < 40, `${kept} of 400 kept`);
});
