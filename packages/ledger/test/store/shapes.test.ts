import assert from 'node:assert/strict';
import type { MessageFact } from 'waybill';
import { gap, sent, settled, started } from './made-facts.ts';
import { onEveryStore, type StoreUnderTest } from './suite.ts';

const of = (id: string, at = 1_000) => ({ message_id: id, correlation_id: 'w', execution_id: `exe of ${id}`, at });
const led = (id: string, at = 1_000) => ({ ...of(id, at), causation_id: 'root', event_type: 'row' });
const ran = (id: string, outcome: 'ok' | 'dead' | 'skipped' | 'failed' | 'retry' | 'released', at = 1_000) => [
  sent(led(id, at)),
  started(led(id, at + 1)),
  settled({ ...led(id, at + 2), outcome }),
];
const { fact_id: _, status: __, ...common } = sent(led('discarded'));
const discarded = (id: string, fact_id: string): MessageFact => ({
  ...{ ...common, ...led(id), fact_id, kind: 'discarded', how: 'cancelled' },
});

const shapeOf = ({ read }: StoreUnderTest, until = 9_000, limit = 100) =>
  read((reader) => reader.shapeOf('w', until, limit));
const counts = (groups: Awaited<ReturnType<typeof shapeOf>>) =>
  groups.map(({ causeType, eventType, messages, executions, done, dead, discarded: called_off }) => [
    ...[causeType, eventType, messages, executions],
    ...[done, dead, called_off],
  ]);
const standing = ({ read }: StoreUnderTest, how: 'open' | 'dead', limit = 10) =>
  read((reader) => reader.standing('w', how, 9_000, limit).map(({ messageId }) => messageId));

onEveryStore('the messages of a workflow are counted by type and standing, the largest group first', async (store) => {
  await store.append([
    ...ran('root', 'ok').map((fact) => ({ ...fact, causation_id: null, event_type: 'import' })),
    ...ran('a', 'ok', 1_100),
    ...ran('b', 'dead'),
    ...ran('c', 'skipped'),
    sent(led('d')),
    discarded('e', 'fct_e'),
    ...ran('elsewhere', 'ok').map((fact) => ({ ...fact, correlation_id: 'other' })),
  ]);
  const groups = await shapeOf(store);
  assert.deepEqual(counts(groups), [
    ['import', 'row', 5, 3, 2, 1, 1],
    [null, 'import', 1, 1, 1, 0, 0],
  ]);
  assert.deepEqual(
    groups.map(({ hasCause, firstAt }) => [hasCause, firstAt]),
    [
      [true, 1_000],
      [false, 1_000],
    ],
  );
  assert.deepEqual(await shapeOf(store, 0), []);
  assert.equal(
    (await shapeOf(store, 9_000, 3)).reduce((sum, { messages }) => sum + messages, 0),
    3,
  );
});

onEveryStore('what led to all of a group is told where it is one message', async (store) => {
  const chunk = (id: string) => ran(id, 'ok').map((fact) => ({ ...fact, event_type: 'chunk' }));
  const under = (cause: string, id: string, at: number) =>
    ran(id, 'ok', at).map((fact) => ({ ...fact, causation_id: cause }));
  await store.append([...ran('root', 'ok').map((fact) => ({ ...fact, causation_id: null, event_type: 'import' }))]);
  await store.append([...chunk('a'), ...chunk('b'), ...under('b', 'late', 5_000), ...under('a', 'early', 2_000)]);
  assert.deepEqual(
    (await shapeOf(store)).map(({ eventType, causeId, firstId, firstAt }) => [eventType, causeId, firstId, firstAt]),
    [
      ['chunk', 'root', 'a', 1_000],
      ['row', null, 'late', 2_000],
      ['import', null, 'root', 1_000],
    ],
  );
});

onEveryStore('each message is told as it is counted, and none of another workflow', async (store) => {
  const root = ran('root', 'ok').map((fact) => ({ ...fact, causation_id: null }));
  await store.append([
    ...root,
    ...ran('a', 'dead'),
    gap(led('b')),
    ...ran('c', 'ok').map((fact) => ({ ...fact, correlation_id: 'x' })),
  ]);
  const told = await store.read((reader) => reader.countedIn('w', ['root', 'a', 'a', 'b', 'c', 'nobody']));
  assert.deepEqual(
    told.map(({ messageId, hasCause, causeType, standing: how, executions, hasGap }) => [
      ...[messageId, hasCause, causeType, how],
      ...[executions, hasGap],
    ]),
    [
      ['root', false, null, 'done', 1, false],
      ['a', true, 'row', 'dead', 1, false],
      ['b', true, 'row', null, 0, true],
    ],
  );
});

onEveryStore('what does not end as it began is none of done, dead and discarded', async (store) => {
  await store.append([
    ...ran('waiting', 'retry'),
    ...ran('failed', 'failed', 1_100),
    started(led('running', 1_200)),
    ...ran('both', 'ok', 1_300),
    settled({ ...led('both', 1_500), execution_id: 'another', outcome: 'dead' }),
    started({ ...led('both', 1_400), execution_id: 'another' }),
    ...ran('well', 'ok', 1_400),
    ...ran('bad', 'dead', 1_500),
    ...ran('worse', 'dead', 1_600),
  ]);
  assert.deepEqual(await standing(store, 'open'), ['waiting', 'failed', 'running', 'both']);
  assert.deepEqual(await standing(store, 'open', 2), ['waiting', 'failed']);
  assert.deepEqual(await standing(store, 'dead'), ['bad', 'worse']);
});

onEveryStore('a retry that came out well is done, in whatever order its facts came', async (store) => {
  const facts = [
    ...ran('a', 'ok'),
    ...ran('a', 'retry')
      .slice(1)
      .map((fact) => ({ ...fact, execution_id: 'first' })),
  ];
  for (const fact of facts.toReversed()) await store.append([fact as MessageFact]);
  assert.deepEqual(
    (await shapeOf(store)).map(({ messages, executions, done }) => [messages, executions, done]),
    [[1, 2, 1]],
  );
});

onEveryStore('messages with a gap are counted, and what led to one counts where it has facts', async (store) => {
  await store.append([
    gap({ ...of('lost'), causation_id: 'nobody' }),
    gap({ ...of('lost', 2_000), causation_id: 'nobody' }),
  ]);
  assert.deepEqual(
    (await shapeOf(store)).map(({ hasCause, gaps }) => [hasCause, gaps]),
    [[false, 1]],
  );
});
