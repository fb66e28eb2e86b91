import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import { lossesOf } from '../../../src/questions/graph/losses.ts';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { counted, sent, settled, started } from '../fact-makers.ts';

const destinations = [{ name: 'orders', instrumented: true }];

function standing(facts: readonly MessageFact[]): string {
  // Of a pipeline that loses next to nothing: only what is known to be missing here counts.
  const losses = { ...lossesOf(facts), seen: 10_000, missing: 2 };
  const at = reconstruct(facts, { asOf: 500_000, destinations, losses }).message('msg_a')?.subscriptions[0];
  return `${at?.state} ${at?.evidence}`;
}

/** It failed at 1,000, and its worker's next number that is known comes then and so much later. */
const failed = (seq: number, at: number, retryAt = 2_000) => [
  sent('msg_a', 0, { instance: 'shop', seq: 1 }),
  started('msg_a', 1, 500, { ...counted(1), seq: 1 }),
  settled('msg_a', 1, 1_000, 'retry', { seq: 2, retry_at: retryAt }),
  sent('msg_b', at, { seq, destination: 'mail' }),
];

test('what waits for its next attempt waits, where nothing of its worker is missing', () => {
  assert.equal(standing(failed(3, 90_000)), 'waiting inferred');
});

test('where two facts of its worker are missing since, they may be its next attempt', () => {
  assert.equal(standing(failed(5, 90_000)), 'unknown unknown');
  assert.equal(standing(failed(4, 90_000)), 'waiting inferred');
});

test('no attempt can be missing before its time has come', () => {
  assert.equal(standing(failed(5, 90_000, 600_000)), 'waiting inferred');
});
