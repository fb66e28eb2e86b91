import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import type { Check } from '../../../src/questions/doctor/answer.ts';
import { ask } from '../../../src/questions/doctor/ask.ts';
import type { DestinationValue } from '../../../src/store/store.ts';
import { doctorData } from '../../checkout-answers.ts';
import { capturedAt } from '../../workflow.ts';
import { asked } from '../asked.ts';
import { gap, handled, sent, started } from '../fact-makers.ts';
import { checkoutReader, readerOf, said } from '../reader-of.ts';

const asOf = 3_600_000;
const checksOf = async (facts: readonly MessageFact[], values: readonly DestinationValue[] = []) =>
  ask(await readerOf(facts, values), asked()).checks;
const named = (checks: readonly Check[], name: Check['check']) => checks.filter(({ check }) => check === name);
const bare = (checks: readonly Check[]) => checks.map(({ evidence: _, because_facts: __, ...check }) => check);

test('of the checkout it finds the lease, the lost context and the queue without consumers', async () => {
  const window = { since: capturedAt - 3_600_000, until: capturedAt + 1, tenantId: null };
  const { checks } = ask(await checkoutReader(), asked({ window, asOf: capturedAt }));
  const expected = bare(doctorData().checks);
  // Of the many messages that lost their context there, one is in the document.
  assert.deepEqual(
    bare(checks),
    expected.map((check) => (check.check === 'context' ? { ...check, messages: 1 } : check)),
  );
  assert.deepEqual(
    checks.map(({ evidence }) => evidence),
    ['observed', 'observed', 'inferred', 'observed'],
  );
});

test('where nothing is amiss, each check says at how many it looked', async () => {
  const values = [
    ...said('orders', 'declared', 0, { lease_ms: 30_000 }),
    ...said('orders', 'probed', asOf, { consumers: 1, depth: 4 }),
  ];
  assert.deepEqual(bare(await checksOf(handled('msg_a', asOf - 1_000), values)), [
    { check: 'ledger', status: 'ok', facts: 3, newest_at: '1970-01-01T01:00:00.000Z' },
    { check: 'lease', status: 'ok', looked_at: 1 },
    { check: 'context', status: 'ok', looked_at: 1 },
    { check: 'consumers', status: 'ok', looked_at: 1 },
  ]);
});

test('a ledger without facts, or without one for an hour, is worth a look', async () => {
  const status = async (facts: readonly MessageFact[]) => named(await checksOf(facts), 'ledger')[0]?.status;
  assert.deepEqual(
    [await status([]), await status([sent('msg_a', 0)]), await status([sent('msg_a', 1)])],
    ['warn', 'warn', 'ok'],
  );
});

test('where there was nothing to look at, that nothing was found is unknown', async () => {
  const checks = await checksOf([sent('msg_a', asOf - 1)]);
  assert.deepEqual(
    checks.map(({ check, status, evidence }) => [check, status, evidence]),
    [
      ['ledger', 'ok', 'observed'],
      ['lease', 'ok', 'unknown'],
      ['context', 'ok', 'observed'],
      ['consumers', 'ok', 'unknown'],
    ],
  );
});

test('a lease is compared with the runs of the hour, or with those that were kept', async () => {
  const runs = Array.from({ length: 20 }, (_, index) => handled(`msg_${index}`, 100_000 * index)).flat();
  const lease = said('orders', 'probed', 0, { lease_ms: 2_520_000 });
  const found = async (facts: readonly MessageFact[], kept: readonly DestinationValue[]) =>
    named(await checksOf(facts, [...lease, ...kept]), 'lease').map((each) =>
      each.check === 'lease' && each.status === 'warn' ? [each.destination, each.run_p99_ms] : each.status,
    );
  const slow = said('orders', 'learned', 0, { run_p99_ms: 2_000_000 });
  assert.deepEqual(await found([], slow), ['ok']);
  const [[destination, run] = []] = (await found(runs, slow)) as [string, number][];
  assert.deepEqual([destination, typeof run === 'number' && run < 1_000], ['orders', true]);
  assert.deepEqual(await found([], []), ['ok']);
});

test('nobody is missed where nothing waits, nor among what was put aside', async () => {
  const nobody = { consumers: 0, last_consumer_seen_at: '1970-01-01T00:30:00.000Z' };
  const found = async (facts: readonly MessageFact[], values: readonly DestinationValue[]) =>
    named(await checksOf(facts, values), 'consumers').map((each) =>
      each.check === 'consumers' && each.status === 'fail'
        ? [each.destination, each.subscription, each.since, each.waiting, each.evidence]
        : each.status,
    );
  assert.deepEqual(await found([], said('orders', 'probed', asOf, { ...nobody, depth: 0 })), ['ok']);
  const aside = [
    ...said('orders', 'declared', 0, { kind: 'dead-letter' }),
    ...said('orders', 'probed', asOf, { ...nobody, depth: 9 }),
  ];
  assert.deepEqual(await found([], aside), ['ok']);
  const old = said('orders', 'probed', asOf - 600_000, { ...nobody, depth: 9 });
  assert.deepEqual(await found([], old), ['ok']);
  const waits = [sent('msg_a', 3_000_000)];
  const since = nobody.last_consumer_seen_at;
  assert.deepEqual(await found(waits, said('orders', 'probed', asOf, nobody)), [
    ['orders', null, since, 1, 'inferred'],
  ]);
  const seen = [
    ...said('orders', 'probed', asOf, { ...nobody, depth: 9 }),
    ...said('orders', 'declared', 0, { subscriptions: ['worker'] }),
  ];
  assert.deepEqual(await found(waits, seen), [['orders', 'worker', since, 9, 'observed']]);
});

test('of lost context the boundary with most messages is told', async () => {
  const lost = (id: string, destination: string) => [
    gap(id, 3_000_000, {
      destination,
      correlation_id: id,
      gap: { reason: 'no_context', missing: ['waybill'], edge: { from: null, to: destination } },
    }),
    started(id, 1, 3_000_000, { destination, correlation_id: id }),
  ];
  const checks = await checksOf([...lost('msg_a', 'mail'), ...lost('msg_b', 'bills'), ...lost('msg_c', 'bills')]);
  const context = named(checks, 'context').map((each) =>
    each.check === 'context' && each.status === 'warn' ? [each.to, each.messages] : each.status,
  );
  assert.deepEqual(context, [['bills', 2]]);
});
