import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learnedOf, runP99Of } from '../../src/questions/learned.ts';
import { sent, settled, started } from './fact-makers.ts';
import { readerOf } from './reader-of.ts';

const hourMs = 3_600_000;
const hour = { since: 0, until: hourMs, tenantId: null };
const nobody = { get: () => undefined, has: () => false };
/** The nth message, of the nth minute, waited n ms and ran 10 n ms. */
const handled = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, index) => {
    const [id, n] = [`msg_${index}`, index + 1];
    const at = n * 60_000;
    return [
      sent(id, at, more),
      started(id, 1, at + n, { ...more, subscription: `worker-${index % 2}` }),
      settled(id, 1, at + 11 * n, 'ok', more),
    ];
  }).flat();

test('how long messages waited and ran at a destination is learned of its facts', async () => {
  const reader = await readerOf([...handled(40), ...handled(40, { destination: 'other' }).slice(0, 3)]);
  assert.deepEqual(learnedOf(reader, 'orders', hour, hourMs), {
    system: 'pg_boss',
    subscriptions: ['worker-0', 'worker-1'],
    queued_p50_ms: 20,
    queued_p99_ms: 40,
    run_p99_ms: 400,
  });
});

test('fewer than twenty have no percentiles, and what is later than asked is not looked at', async () => {
  const reader = await readerOf(handled(40));
  const { queued_p50_ms, run_p99_ms, subscriptions } = learnedOf(reader, 'orders', hour, 19 * 60_000 + 59_000);
  assert.deepEqual([queued_p50_ms, run_p99_ms, subscriptions.length], [null, null, 2]);
  assert.equal(learnedOf(reader, 'orders', hour, 20 * 60_000 + 59_000).run_p99_ms, 200);
  assert.deepEqual(learnedOf(reader, 'nowhere', hour, hourMs), {
    ...{ system: null, subscriptions: [], queued_p50_ms: null, queued_p99_ms: null, run_p99_ms: null },
  });
});

test('where fewer are read than there are, they are spread over the time', async () => {
  const reader = await readerOf(handled(59));
  const { queued_p50_ms, queued_p99_ms } = learnedOf(reader, 'orders', hour, hourMs, 20);
  assert.deepEqual([queued_p50_ms, queued_p99_ms], [27, 57]);
  assert.equal(learnedOf(reader, 'orders', hour, hourMs, 19).queued_p50_ms, null);
});

test('where all came within a few minutes they are enough to say how long such wait', async () => {
  const burst = handled(40).map((fact) => ({ ...fact, at: fact.at - Math.floor(fact.at / 60_000) * 54_000 }));
  const { queued_p50_ms } = learnedOf(await readerOf(burst), 'orders', hour, hourMs, 32);
  assert.equal(queued_p50_ms, 12);
});

test('a message that was delayed, or a delivery that was skipped, is no measure', async () => {
  const facts = handled(20).map((fact) => {
    if (fact.kind === 'sent') return { ...fact, not_before: fact.at + 1 };
    return fact.kind === 'settled' ? { ...fact, outcome: 'skipped' as const } : fact;
  });
  const { queued_p50_ms, run_p99_ms } = learnedOf(await readerOf(facts), 'orders', hour, hourMs);
  assert.deepEqual([queued_p50_ms, run_p99_ms], [null, null]);
});

test('where the hour before has too few runs, what was learned earlier is what is known', async () => {
  const reader = await readerOf(handled(40));
  const kept = { get: () => ({ name: 'orders', run_p99_ms: 7 }), has: () => true };
  assert.equal(runP99Of(reader, kept, 'orders', hourMs), 400);
  assert.equal(runP99Of(reader, kept, 'orders', 60_000), 7);
  assert.equal(runP99Of(reader, nobody, 'orders', 60_000), null);
});
