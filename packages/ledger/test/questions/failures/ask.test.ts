import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../../../src/questions/failures/ask.ts';
import { asked } from '../asked.ts';
import { counted, handled, replayed, sent, settled, started } from '../fact-makers.ts';
import { readerOf } from '../reader-of.ts';

const error = { type: 'Timeout', message: 'too slow', fingerprint: 'f_slow' };
const failing = (id: string, at: number, outcome: 'retry' | 'dead', more: object = {}) => [
  sent(id, at - 200, more),
  started(id, 1, at - 100, { ...counted(1), ...more }),
  settled(id, 1, at, outcome, { error, ...more }),
];

test('executions that failed in the window are grouped by their error, with whom it struck', async () => {
  const reader = await readerOf([
    ...failing('msg_a', 60_000, 'retry'),
    ...failing('msg_b', 120_000, 'dead', { tenant_id: 'borealis' }),
    replayed('msg_b', 130_000),
    ...handled('msg_well', 5_000),
  ]);
  const { groups, total_failed_executions, total_messages, is_at_least } = ask(reader, asked());
  assert.deepEqual([total_failed_executions, total_messages, is_at_least], [2, 2, false]);
  assert.deepEqual(
    groups.map(
      ({ title, failed_executions, messages, dead, replayed: again, tenants, first_at, last_at, deploys, trend }) => [
        ...[title, failed_executions, messages, dead, again, tenants],
        ...[first_at.slice(11, 19), last_at.slice(11, 19), deploys, trend],
      ],
    ),
    [['Timeout: too slow', 2, 2, 1, 1, ['acme', 'borealis'], '00:01:00', '00:02:00', null, null]],
  );
  assert.deepEqual(groups[0]?.per_bucket.slice(0, 4), [0, 1, 1, 0]);
});

test('what the same message failed of before the window is not counted', async () => {
  const reader = await readerOf([
    ...failing('msg_a', 60_000, 'retry'),
    started('msg_a', 2, 200_000, counted(2)),
    settled('msg_a', 2, 200_100, 'retry', { error }),
  ]);
  const { groups } = ask(reader, asked({ window: { since: 120_000, until: 3_600_001, tenantId: null } }));
  assert.deepEqual(
    groups.map(({ failed_executions }) => failed_executions),
    [1],
  );
});

test('a worker that went silent is among the failures, though nothing was settled so', async () => {
  const reader = await readerOf([
    sent('msg_a', 0),
    started('msg_a', 1, 1_000, { ...counted(1), lease_until: 31_000 }),
    started('msg_a', 2, 60_000, counted(2)),
    settled('msg_a', 2, 60_100, 'ok'),
  ]);
  const { groups, total_messages } = ask(reader, asked());
  assert.deepEqual(
    groups.map(({ kind, instance, evidence }) => [kind, instance, evidence]),
    [['lost', 'orders-1', 'inferred']],
  );
  assert.equal(total_messages, 1);
});

test('messages that are in several groups are named, and those beyond what is read make it at least', async () => {
  const other = { type: 'Refused', message: '', fingerprint: 'f_no' };
  const reader = await readerOf([
    ...failing('msg_a', 60_000, 'retry'),
    started('msg_a', 2, 200_000, counted(2)),
    settled('msg_a', 2, 200_100, 'dead', { error: other }),
  ]);
  const { messages_in_several, not_shown } = ask(reader, asked({ limit: 1 }));
  assert.deepEqual([messages_in_several, not_shown], [[{ message_id: 'msg_a', groups: 2 }], 1]);
  const busy = await readerOf(
    Array.from({ length: 201 }, (_, index) => failing(`msg_${index}`, 60_000, 'dead')).flat(),
  );
  const { total_messages, is_at_least } = ask(busy, asked());
  assert.deepEqual([total_messages, is_at_least], [200, true]);
});
