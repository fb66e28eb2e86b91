import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factOf, rowOf } from '../../../src/store/clickhouse/fact-rows.ts';
import { sent, settled, started } from '../made-facts.ts';

const at = 1_772_323_200_000;

test('a fact is told as it was recorded, with its fields in their order', () => {
  for (const fact of [
    sent({ at, created_at: at - 2, not_before: at + 60_000, due_at: at }),
    started({ at, received_at: at - 1, enqueued_at: 0, lease_until: at + 30_000 }),
    settled({ at, ended_at: at + 1, retry_at: at + 5_000, outcome: 'retry' }),
  ])
    assert.deepEqual(factOf(rowOf(fact)).fact, fact);
});

test('times near that of their fact are kept as their distance from it', () => {
  const row = rowOf(started({ at, received_at: at - 1 }));
  assert.match(String(row.at(-1)), /"received_at":-1\b/);
});

test('a field that is there without a value is none', () => {
  const { fact } = factOf(rowOf(started({ at, enqueued_at: undefined })));
  assert.ok(!('enqueued_at' in fact));
});

test('a time that is no whole number, or too far away, is told as it came', () => {
  for (const received_at of [at + 0.5, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0]) {
    const { fact } = factOf(rowOf(started({ at, received_at })));
    assert.equal('received_at' in fact && fact.received_at, received_at);
  }
});
