import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../../../src/questions/overdue/ask.ts';
import { asked } from '../asked.ts';
import { counted, gap, handled, sent, started } from '../fact-makers.ts';
import { readerOf, said } from '../reader-of.ts';

const usual = Array.from({ length: 20 }, (_, index) => handled(`msg_${index}`, 1_000 * index)).flat();

test('what waits far longer than is usual at its place is overdue, without anybody having declared it', async () => {
  const reader = await readerOf([
    ...usual,
    sent('msg_late', 600_000, { tenant_id: 'borealis' }),
    sent('msg_later', 700_000, { operation: 'refund' }),
    sent('msg_new', 3_590_000),
  ]);
  const { groups, total_overdue, without_deadline, is_at_least, searched } = ask(reader, asked());
  assert.deepEqual([total_overdue, without_deadline, is_at_least, searched.facts], [2, [], false, 63]);
  const [group, ...more] = groups;
  assert.deepEqual(more, []);
  assert.ok(group);
  const { destination, subscription, event_type, overdue, waiting, deadline_ms, why, fix, evidence } = group;
  assert.deepEqual([destination, subscription, event_type], ['orders', null, 'order.created']);
  assert.deepEqual(
    [overdue, waiting, deadline_ms, why, fix, evidence],
    [2, 3, 60_000, { kind: 'not_started' }, null, 'inferred'],
  );
  assert.deepEqual([group.example_message_id, group.oldest_sent_at], ['msg_late', '1970-01-01T00:10:00.000Z']);
  assert.deepEqual(group.tenants, [
    { tenant_id: 'borealis', messages: 1 },
    { tenant_id: 'acme', messages: 1 },
  ]);
  const ages = group.waiting_by_age_min.flatMap((count, age) => (count > 0 ? [[age, count]] : []));
  assert.deepEqual(ages, [
    [0, 1],
    [48, 1],
    [50, 1],
  ]);
  assert.deepEqual(
    group.oldest.map(({ message_id, operation }) => [message_id, operation]),
    [
      ['msg_late', 'checkout'],
      ['msg_later', 'refund'],
    ],
  );
});

test('what runs past its lease is overdue since then', async () => {
  const leased = started('msg_a', 1, 1_000, { ...counted(1), lease_until: 31_000 });
  const [group] = ask(await readerOf([sent('msg_a', 0), leased]), asked()).groups;
  assert.deepEqual(
    [group?.why, group?.deadline_ms],
    [{ kind: 'not_settled', lease_until: '1970-01-01T00:00:31.000Z' }, null],
  );
});

test('where nobody knows what is usual, nothing is overdue, and the place is named', async () => {
  const { groups, without_deadline } = ask(await readerOf([...usual.slice(0, 57), sent('msg_a', 60_000)]), asked());
  assert.deepEqual([groups, without_deadline], [[], ['orders']]);
});

test('where context is lost, what was sent may have been taken under another id', async () => {
  const lost = gap('msg_x', 610_000, { correlation_id: 'msg_x', event_type: 'other' });
  const facts = [
    ...usual,
    sent('msg_late', 600_000, { event_type: 'a' }),
    sent('msg_late2', 600_000, { event_type: 'b' }),
    lost,
  ];
  const { groups, unknown } = ask(
    await readerOf([...facts, started('msg_x', 1, 610_000, { correlation_id: 'msg_x', event_type: 'other' })]),
    asked(),
  );
  assert.deepEqual(groups, []);
  assert.deepEqual(
    unknown.map(({ destination, messages, because }) => [destination, messages, because]),
    [['orders', 2, 'facts_missing']],
  );
});

test('what began before the window, or after as-of, is not looked at; what is beyond the limit is counted', async () => {
  const other = { event_type: 'other' };
  const reader = await readerOf([
    ...usual,
    sent('msg_a', 600_000),
    sent('msg_b', 900_000, other),
    sent('msg_c', 900_000, other),
  ]);
  const window = { since: 840_000, until: 3_600_001, tenantId: null };
  assert.equal(ask(reader, asked({ window })).total_overdue, 2);
  assert.equal(ask(reader, asked({ asOf: 700_000, window: { ...window, since: 0, until: 700_001 } })).total_overdue, 1);
  const { groups, not_shown } = ask(reader, asked({ limit: 1 }));
  assert.deepEqual([groups.map(({ event_type }) => event_type), not_shown], [['other'], 1]);
  const busy = await readerOf(Array.from({ length: 201 }, (_, index) => sent(`msg_w${index}`, 1_000)));
  assert.equal(ask(busy, asked()).is_at_least, true);
});

test('past its declared deadline a message is overdue, and where a probe counted nobody, that is why', async () => {
  const facts = [sent('msg_a', 3_000_000), sent('msg_b', 3_500_000)];
  const declared = said('orders', 'declared', 9_000_000, { deadline_ms: 300_000 });
  const [late] = ask(await readerOf(facts, declared), asked()).groups;
  assert.deepEqual([late?.overdue, late?.waiting, late?.deadline_ms], [1, 2, 300_000]);
  assert.deepEqual([late?.why, late?.evidence], [{ kind: 'not_started' }, 'inferred']);
  const seen = { consumers: 0, last_consumer_seen_at: '1970-01-01T00:40:00.000Z' };
  const [unmanned] = ask(
    await readerOf(facts, [...declared, ...said('orders', 'probed', 3_590_000, seen)]),
    asked(),
  ).groups;
  assert.deepEqual(unmanned?.why, { kind: 'no_consumers', consumers: 0, since: seen.last_consumer_seen_at });
  assert.equal(unmanned?.evidence, 'observed');
  const [before] = ask(
    await readerOf(facts, [...declared, ...said('orders', 'probed', 3_600_001, seen)]),
    asked(),
  ).groups;
  assert.deepEqual(before?.why, { kind: 'not_started' });
});

test('what runs past the lease that is declared for its queue is overdue, and past one that was probed it may be renewed', async () => {
  const facts = [sent('msg_a', 0), started('msg_a', 1, 1_000, counted(1))];
  const groups = async (source: 'declared' | 'probed') =>
    ask(await readerOf(facts, said('orders', source, 0, { lease_ms: 30_000 })), asked()).groups.map(({ why }) => why);
  assert.deepEqual(await groups('declared'), [{ kind: 'not_settled', lease_until: '1970-01-01T00:00:31.000Z' }]);
  assert.deepEqual(await groups('probed'), []);
});
