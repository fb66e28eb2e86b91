import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import type { QueueOrder } from '../../../src/questions/queues/answer.ts';
import { ask, isLeaseLong } from '../../../src/questions/queues/ask.ts';
import type { DestinationValue } from '../../../src/store/store.ts';
import { queuesData } from '../../answers.ts';
import { capturedAt } from '../../workflow.ts';
import { asked } from '../asked.ts';
import { handled, sent, settled, started } from '../fact-makers.ts';
import { checkoutReader, readerOf, said } from '../reader-of.ts';

const asOf = 3_600_000;
const queuesOf = async (facts: readonly MessageFact[], values: readonly DestinationValue[] = [], more: object = {}) =>
  ask(await readerOf(facts, values), asked(more));

test('what a document says of its destinations is answered as it stands', async () => {
  const window = { since: capturedAt - 3_600_000, until: capturedAt + 1, tenantId: null };
  const { queues, destinations, unknown } = ask(await checkoutReader(), asked({ window, asOf: capturedAt }));
  const expected = queuesData();
  assert.equal(destinations, expected.destinations);
  assert.deepEqual(unknown, expected.unknown);
  const withoutSources = (rows: typeof queues) => rows.map(({ sources: _, ...row }) => row);
  assert.deepEqual(withoutSources(queues), withoutSources(expected.queues));
});

test('where no probe looked, what waits is worked out from facts, and said to be inferred', async () => {
  const retried = [
    sent('msg_r', 1_000),
    started('msg_r', 1, 2_000),
    settled('msg_r', 1, 3_000, 'retry', { retry_at: 3_500_000 }),
  ];
  const facts = [
    ...handled('msg_done', 0),
    sent('msg_a', 3_000_000),
    sent('msg_b', 3_590_000),
    sent('msg_later', 1_000, { not_before: asOf + 60_000 }),
    sent('msg_running', 1_000),
    started('msg_running', 1, 2_000),
    ...retried,
  ];
  const { queues, is_at_least, destinations } = await queuesOf(facts);
  const [orders, ...others] = queues;
  assert.deepEqual([others, destinations, is_at_least], [[], 1, false]);
  const { destination, system, depth, depth_evidence, oldest_ms, consumers, lease_ms } = orders ?? {};
  assert.deepEqual(
    [destination, system, depth, depth_evidence, oldest_ms, consumers, lease_ms],
    ['orders', 'pg_boss', 3, 'inferred', 600_000, null, null],
  );
});

test('what nobody declared, learned or probed is null, and never 0', async () => {
  const { queues } = await queuesOf([], said('orders', 'declared', 0, { kind: 'queue' }));
  const [{ sources, destination, subscriptions, depth_evidence, is_lease_long, ...values } = assert.fail()] = queues;
  assert.deepEqual([destination, subscriptions, depth_evidence, is_lease_long], ['orders', [], 'unknown', false]);
  for (const [name, value] of Object.entries(values)) assert.equal(value, null, name);
  assert.deepEqual(sources, { declared: { at: '1970-01-01T00:00:00.000Z', fields: ['kind'] } });
});

test('a probe is believed for five minutes, and then what facts show', async () => {
  const facts = [sent('msg_a', 3_000_000)];
  const depth = async (at: number) => {
    const [row] = (await queuesOf(facts, said('orders', 'probed', at, { depth: 7, oldest_ms: 9, consumers: 2 })))
      .queues;
    return [row?.depth, row?.depth_evidence, row?.oldest_ms, row?.consumers];
  };
  assert.deepEqual(await depth(asOf - 300_000), [7, 'observed', 9, 2]);
  assert.deepEqual(await depth(asOf - 300_001), [1, 'inferred', 600_000, null]);
});

test('a probe counts the messages of all tenants, and is no depth of one', async () => {
  const facts = [sent('msg_a', 3_000_000), sent('msg_b', 3_000_000, { tenant_id: 'borealis' })];
  const window = { since: 0, until: asOf + 1, tenantId: 'borealis' };
  const [row] = (await queuesOf(facts, said('orders', 'probed', asOf, { depth: 7, consumers: 2 }), { window })).queues;
  assert.deepEqual([row?.depth, row?.depth_evidence, row?.consumers], [1, 'inferred', 2]);
});

test('percentiles are those of the facts, and where they are too few those that were kept, as old as they are', async () => {
  const facts = Array.from({ length: 20 }, (_, index) => handled(`msg_${index}`, 1_000 * index)).flat();
  const kept = said('orders', 'learned', 5_000, { run_p99_ms: 7, queued_p50_ms: 8, subscriptions: ['of old'] });
  const [fresh] = (await queuesOf(facts, kept)).queues;
  assert.deepEqual([fresh?.subscriptions, fresh?.sources.learned?.at], [['worker'], '1970-01-01T01:00:00.000Z']);
  assert.ok(fresh?.run_p99_ms !== null && fresh?.run_p99_ms !== 7);
  const [old] = (await queuesOf(facts.slice(0, 3), kept)).queues;
  assert.deepEqual([old?.run_p99_ms, old?.queued_p50_ms, old?.queued_p99_ms], [7, 8, null]);
  const { older, fields } = old?.sources.learned ?? {};
  assert.deepEqual(fields, ['system', 'subscriptions', 'queued_p50_ms', 'run_p99_ms']);
  assert.deepEqual(older, { queued_p50_ms: '1970-01-01T00:00:05.000Z', run_p99_ms: '1970-01-01T00:00:05.000Z' });
});

test('requests, what is put aside and a topic in which nothing waits are no queues', async () => {
  const facts = [
    sent('req_a', 3_000_000, { system: 'http', destination: 'api.example' }),
    sent('msg_t', 3_000_000, { destination: 'events', system: 'kafka' }),
    started('msg_t', 1, 3_000_100, { destination: 'events', system: 'kafka' }),
    settled('msg_t', 1, 3_000_200, 'ok', { destination: 'events', system: 'kafka' }),
  ];
  const values = [
    ...said('events', 'declared', 0, { kind: 'topic' }),
    ...said('orders.dlq', 'declared', 0, { kind: 'dead-letter' }),
    ...said('shop', 'declared', 0, { kind: 'ingress' }),
  ];
  const { queues, destinations } = await queuesOf(facts, values);
  assert.deepEqual([queues, destinations], [[], 3]);
  const lagging = await queuesOf(facts, [...values, ...said('events', 'probed', asOf, { depth: 4 })]);
  assert.deepEqual(
    lagging.queues.map(({ destination, depth }) => [destination, depth]),
    [['events', 4]],
  );
});

test('of a place that nobody records nothing is known, unless a probe looked', async () => {
  const facts = [sent('msg_a', 3_000_000)];
  const dark = said('orders', 'declared', 0, { instrumented: false, kind: 'queue' });
  const { queues, unknown } = await queuesOf(facts, dark);
  assert.deepEqual(
    [queues, unknown.map(({ destination, because }) => [destination, because])],
    [[], [['orders', 'no_facts']]],
  );
  const probed = await queuesOf(facts, [...dark, ...said('orders', 'probed', asOf, { depth: 4 })]);
  assert.deepEqual([probed.queues.map(({ depth }) => depth), probed.unknown], [[4], []]);
});

test('queues come in the order that is asked for, and what is unknown last', async () => {
  const values = [
    ...said('b', 'probed', asOf, { depth: 1, oldest_ms: 500, consumers: 3 }),
    ...said('a', 'probed', asOf, { depth: 9, oldest_ms: 100, consumers: 1 }),
    ...said('c', 'declared', asOf, { kind: 'queue' }),
    ...said('d', 'probed', asOf, { depth: 4, oldest_ms: 900, consumers: 0 }),
  ];
  const order = async (sort?: QueueOrder) =>
    (await queuesOf([], values, { sort })).queues.map(({ destination }) => destination).join('');
  assert.deepEqual(
    [await order(), await order('oldest'), await order('depth'), await order('name'), await order('consumers')],
    ['dbac', 'dbac', 'adbc', 'abcd', 'dabc'],
  );
  const { queues, not_shown } = await queuesOf([], values, { sort: 'name', limit: 1 });
  assert.deepEqual([queues.length, not_shown], [1, 3]);
});

test('where more wait than were looked at, depths are at least so, and no zero is told', async () => {
  const facts = [
    ...Array.from({ length: 201 }, (_, index) => sent(`msg_${index}`, 1_000 + index)),
    sent('msg_last', 3_000_000, { destination: 'mail' }),
  ];
  const { queues, is_at_least } = await queuesOf(facts, [], { sort: 'name' });
  assert.deepEqual(
    queues.map(({ destination, depth }) => [destination, depth]),
    [
      ['mail', null],
      ['orders', 200],
    ],
  );
  assert.equal(is_at_least, true);
});

test('a lease is long above a minute and twenty times nearly every run', () => {
  const cases = [
    [60_000, 1],
    [60_001, 3_001],
    [60_001, 3_000],
    [null, 1],
    [90_000, null],
  ] as const;
  assert.deepEqual(
    cases.map(([lease, run]) => isLeaseLong(lease, run)),
    [false, false, true, false, false],
  );
});
