import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { current } from '../../../src/core/scope.ts';
import { simulate } from '../../../src/testing/simulator/simulate.ts';
import { SIMULATED_KINDS, type SimulatedKind } from '../../../src/testing/simulator/truth.ts';
import type { Faults } from '../../../src/testing/simulator/world.ts';
import { HARD, workflows } from './corpus.ts';

function hashOf(indexes: readonly number[], faults: Faults | undefined, seed = 1): string {
  const hashes = indexes.map((index) => {
    const { facts, truth } = simulate({ seed, index, faults });
    return createHash('sha256')
      .update(JSON.stringify([facts, { ...truth, has: [...truth.has] }]))
      .digest('hex');
  });
  return hashes.sort().join('\n');
}

const FIFTY = Array.from({ length: 50 }, (_, index) => index);

for (const [name, faults] of [
  ['without faults', undefined],
  ['with all faults', HARD],
] as const) {
  test(`the same seed gives the same facts and the same truth, ${name}, whatever was simulated before`, () => {
    assert.equal(hashOf(FIFTY, faults), hashOf(FIFTY.toReversed(), faults));
  });
}

test('another seed, another index or other faults give another workflow', () => {
  const one = hashOf([3], undefined);
  assert.notEqual(hashOf([4], undefined), one);
  assert.notEqual(hashOf([3], undefined, 2), one);
  assert.notEqual(hashOf([3], { skewMs: 50 }), one);
});

test('no message, execution or fact of one workflow has an id of another', () => {
  const seen = new Set<string>();
  for (const { facts } of workflows(100)) {
    const own = new Set(facts.flatMap((fact) => ('message_id' in fact ? [fact.fact_id, fact.message_id] : [])));
    for (const id of own) assert.ok(!seen.has(id), id);
    for (const id of own) seen.add(id);
  }
});

test('each kind of trouble is in one workflow of twenty, and the median workflow has twenty messages', () => {
  const count = 1_000;
  const workflowsWith = new Map<SimulatedKind, number>();
  const messages: number[] = [];
  for (const { truth } of workflows(count, HARD)) {
    messages.push(truth.messages.length);
    for (const kind of truth.has) workflowsWith.set(kind, (workflowsWith.get(kind) ?? 0) + 1);
  }
  for (const kind of SIMULATED_KINDS) assert.ok((workflowsWith.get(kind) ?? 0) >= count / 20, kind);
  const median = messages.sort((a, b) => a - b)[count / 2] ?? 0;
  assert.ok(median >= 20, `${median} messages`);
});

test('no trouble of clocks, hops or recorders is there unless it was asked for', () => {
  const unasked: readonly SimulatedKind[] = ['skew', 'no context', 'lost facts'];
  for (const { index, truth } of workflows(100)) {
    for (const kind of unasked) assert.ok(!truth.has.has(kind), `workflow ${index}: ${kind}`);
  }
});

test('nothing is current once a workflow has been simulated', () => {
  simulate({ seed: 1, index: 7, faults: HARD });
  assert.equal(current(), undefined);
});
