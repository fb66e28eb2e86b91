import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../../src/questions/tail/ask.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { asOf, tailData } from '../checkout-answers.ts';
import { workflowFacts } from '../workflow.ts';
import { asked } from './asked.ts';
import { discarded, gap, handled, sent } from './fact-makers.ts';
import { readerOf } from './reader-of.ts';

const idsOf = ({ facts }: ReturnType<typeof ask>) =>
  facts.map((fact) => (fact.kind === 'dropped' ? 'dropped' : `${fact.message_id} ${fact.kind}`));

test('of the checkout each fact is told with what a reader of one line wants to know', async () => {
  const reader = await readerOf(workflowFacts());
  const [since, end] = [Date.parse('2026-03-17T14:00:00Z'), Date.parse(asOf)];
  const window = { since, until: end + 1, tenantId: null };
  const { facts, not_shown, cursor } = ask(reader, asked({ window, asOf: end, limit: 100 }));
  assert.deepEqual(
    { facts, not_shown, cursor },
    (({ searched: _, ...rest }) => rest)(tailData(new Date(since).toISOString())),
  );
});

test('what came since the cursor is told in the order in which it came, and no more', async () => {
  const store = openSqliteStore({ path: ':memory:' });
  await store.append([sent('msg_a', 5_000), sent('msg_b', 1_000)]);
  const reader = await store.read((kept) => kept);
  const first = ask(reader, asked());
  assert.deepEqual(idsOf(first), ['msg_a sent', 'msg_b sent']);
  const after = Number(first.cursor);
  const quiet = ask(reader, asked({ after }));
  assert.deepEqual([idsOf(quiet), quiet.cursor], [[], first.cursor]);
  await store.append([discarded('msg_a', 2_000), gap('msg_c', 6_000), sent('msg_d', 7_000)]);
  const next = ask(reader, asked({ after, limit: 2 }));
  assert.deepEqual([idsOf(next), next.not_shown], [['msg_a discarded', 'msg_c gap'], 0]);
  assert.deepEqual(idsOf(ask(reader, asked({ after: Number(next.cursor) }))), ['msg_d sent']);
});

test('of more facts than are told the last are, and the older ones are counted', async () => {
  const reader = await readerOf(handled('msg_a', 1_000));
  const { facts, not_shown } = ask(reader, asked({ limit: 1 }));
  assert.deepEqual([facts.map(({ kind }) => kind), not_shown], [['settled'], 2]);
  assert.equal(ask(reader, asked({ limit: 3 })).not_shown, 0);
  assert.equal(ask(await readerOf([]), asked()).cursor, null);
});

test('what was derived is told as inferred, and an end without its start without how long it ran', async () => {
  const [, , end] = handled('msg_a', 1_000);
  assert.ok(end?.kind === 'settled');
  const reader = await readerOf([sent('msg_b', 500, { inferred: true }), end]);
  assert.deepEqual(
    ask(reader, asked()).facts.map((fact) => [fact.evidence, fact.kind === 'settled' ? fact.ran_ms : '']),
    [
      ['inferred', ''],
      ['observed', null],
    ],
  );
});
