import assert from 'node:assert/strict';
import { WORKFLOW, workflowFacts } from '../workflow.ts';
import { sent, settled, started } from './made-facts.ts';
import { onEveryStore, onSqlite } from './suite.ts';

const charge = WORKFLOW.selected_message_id;
const request = WORKFLOW.correlation_id;
const order = 'msg_01KKY1NAHSE93R1V9Z8ZE8GJ1S';
const reserve = 'msg_01KKY1NB39ENQA3ZYAPD8EMSF7';
const email = 'msg_01KKY42MX5F18SFHQEMR7X9C3M';

onEveryStore('facts come back as they were recorded, by time', async (store) => {
  const facts = workflowFacts();
  assert.deepEqual(await store.append(facts), { stored: 29, repeated: 0 });
  assert.deepEqual(await store.read((reader) => reader.factsOf(WORKFLOW.display_order)), facts);
});

onEveryStore('facts come back the same from a ledger that was closed and opened again', async (store) => {
  await store.append(workflowFacts());
  const reopened = await store.reopen();
  assert.deepEqual(await reopened.read((reader) => reader.factsOf(WORKFLOW.display_order)), workflowFacts());
  assert.deepEqual(await reopened.append(workflowFacts()), { stored: 0, repeated: 29 });
});

onEveryStore('facts of one instant come back in the order in which they arrived', async (store) => {
  const facts = [sent(), started(), settled()];
  for (const fact of facts) await store.append([fact]);
  assert.deepEqual(await store.read((reader) => reader.factsOf(['m'])), facts);
});

onEveryStore('a message that is asked for twice tells its facts once', async (store) => {
  await store.append([sent()]);
  assert.equal((await store.read((reader) => reader.factsOf(['m', 'm', 'unknown']))).length, 1);
});

onEveryStore('a fact that arrives ten times is kept once', async (store) => {
  for (let time = 0; time < 10; time++) await store.append(workflowFacts());
  assert.deepEqual(await store.read((reader) => reader.factsOf(WORKFLOW.display_order)), workflowFacts());
  assert.equal((await store.read((reader) => reader.extent())).facts, 29);
});

onEveryStore('a fact that is twice in one append is kept once', async (store) => {
  const fact = sent();
  assert.deepEqual(await store.append([fact, fact]), { stored: 1, repeated: 1 });
});

onEveryStore('a fact that two appends bring at once is kept once', async (store) => {
  const fact = sent();
  const appended = await Promise.all([store.append([fact]), store.append([fact, settled()])]);
  assert.deepEqual(appended, [
    { stored: 1, repeated: 0 },
    { stored: 1, repeated: 1 },
  ]);
  assert.equal((await store.read((reader) => reader.factsOf(['m']))).length, 2);
});

onEveryStore('a forged fact under the id of another of its workflow changes nothing', async (store) => {
  const first = sent();
  await store.append([first]);
  await store.append([sent({ fact_id: first.fact_id, message_id: 'other', correlation_id: 'm', tenant_id: 'forged' })]);
  assert.deepEqual(await store.read((reader) => reader.factsOf(['m', 'other'])), [first]);
  assert.deepEqual(await store.read((reader) => reader.find('other', 5)), []);
});

// ClickHouse would have to look through all workflows: there it is a fact of its own, and the other stays as it is.
onSqlite('a forged fact under the id of another changes nothing, also in another workflow', async (store) => {
  const first = sent();
  await store.append([first]);
  await store.append([sent({ fact_id: first.fact_id, message_id: 'other', correlation_id: 'other' })]);
  assert.deepEqual(await store.read((reader) => reader.factsOf(['m', 'other'])), [first]);
  assert.deepEqual(await store.read((reader) => reader.find('other', 5)), []);
});

onEveryStore('an append of which one fact cannot be kept keeps none, and its neighbours stay', async (store) => {
  // Sound as a test: what no type lets through may still come from a program without types.
  const impossible = sent({ message_id: 'bad', at: 'now' as unknown as number });
  const good = sent({ message_id: 'good' });
  const results = await Promise.allSettled([
    store.append([good]),
    store.append([sent({ message_id: 'beside' }), impossible]),
    store.append([sent({ message_id: 'late' })]),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(
    (await store.read((reader) => reader.factsOf(['good', 'beside', 'bad', 'late']))).map(
      ({ message_id }) => message_id,
    ),
    ['good', 'late'],
  );
  assert.deepEqual(await store.append([sent({ message_id: 'beside' })]), { stored: 1, repeated: 0 });
  assert.equal((await store.read((reader) => reader.factsOf(['beside']))).length, 1);
});

onEveryStore('facts that cannot be made are none, and their neighbours stay', async (store) => {
  const results = await Promise.allSettled([
    store.append([sent({ message_id: 'good' })]),
    store.append(() => {
      throw new Error('no facts in it');
    }),
    store.append(() => [sent({ message_id: 'late' })]),
  ]);
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.message)),
    [{ stored: 1, repeated: 0 }, 'no facts in it', { stored: 1, repeated: 0 }],
  );
  assert.equal((await store.read((reader) => reader.factsOf(['good', 'late']))).length, 2);
  const { groups, rows } = await store.upkeep.commits();
  assert.deepEqual([groups > 0, rows], [true, 2]);
});

onEveryStore('ids that look like what a store makes of others are told as they were recorded', async (store) => {
  const ids = ['!', '!!x', '!0400', '0', `04${'0'.repeat(32)}`, `04${'F'.repeat(32)}`, "it's", 'msg_', 'ä€😀'];
  await store.append(ids.map((id) => sent({ message_id: id, correlation_id: 'w', causation_id: 'cause' })));
  const told = await store.read((reader) => [
    reader.messagesOf('w', 20),
    reader.effects('cause', 20),
    reader.factsOf(ids).map(({ message_id }) => message_id),
  ]);
  for (const list of told) assert.deepEqual(list.toSorted(), ids.toSorted());
});

onEveryStore('appends that are made together are all kept', async (store) => {
  const appends = workflowFacts().map((fact) => store.append([fact]));
  await Promise.all(appends);
  assert.equal((await store.read((reader) => reader.factsOf(WORKFLOW.display_order))).length, 29);
});

onEveryStore('causes are told nearest first, with the message itself before them', async (store) => {
  await store.append(workflowFacts());
  assert.deepEqual(await store.read((reader) => reader.ancestors(charge, 10)), [charge, order, request]);
  assert.deepEqual(await store.read((reader) => reader.ancestors(charge, 1)), [charge, order]);
  assert.deepEqual(await store.read((reader) => reader.ancestors('unknown', 10)), []);
});

onEveryStore('effects are told oldest first', async (store) => {
  await store.append(workflowFacts());
  assert.deepEqual(await store.read((reader) => reader.effects(order, 10)), [reserve, charge]);
  assert.deepEqual(await store.read((reader) => reader.effects(order, 1)), [reserve]);
  assert.deepEqual(await store.read((reader) => reader.effects(charge, 10)), [email]);
});

onEveryStore('the messages of a batch are told in their order in it', async (store) => {
  const item = (message_id: string, index: number, batch = 'bat_1') =>
    started({ message_id, correlation_id: 'w', execution_id: batch, batch: { id: batch, index, count: 3 } });
  await store.append([item('c', 2), item('a', 0), sent({ message_id: 'a', correlation_id: 'w' })]);
  await store.append([item('b', 1), item('a', 0), item('a', 0, 'bat_2')]);
  assert.deepEqual(await store.read((reader) => reader.batchItems('bat_1', 10)), ['a', 'b', 'c']);
  assert.deepEqual(await store.read((reader) => reader.batchItems('bat_1', 2)), ['a', 'b']);
  assert.deepEqual(await store.read((reader) => reader.batchItems('bat_2', 10)), ['a']);
  assert.deepEqual(await store.read((reader) => reader.batchItems('unknown', 10)), []);
});

onEveryStore('the messages of a workflow are told oldest first', async (store) => {
  await store.append(workflowFacts());
  assert.deepEqual(await store.read((reader) => reader.messagesOf(request, 3)), [request, order, reserve]);
  assert.equal((await store.read((reader) => reader.messagesOf(request, 100))).length, 6);
});

onEveryStore('facts in reverse order tell the same story', async (store) => {
  for (const fact of workflowFacts().reverse()) await store.append([fact]);
  assert.deepEqual(await store.read((reader) => reader.factsOf(WORKFLOW.display_order)), workflowFacts());
  assert.deepEqual(await store.read((reader) => reader.ancestors(charge, 10)), [charge, order, request]);
  assert.deepEqual(await store.read((reader) => reader.effects(order, 10)), [reserve, charge]);
  assert.deepEqual(await store.read((reader) => reader.messagesOf(request, 3)), [request, order, reserve]);
  assert.equal((await store.read((reader) => reader.find(charge, 5)))[0]?.at, Date.parse('2026-03-17T14:02:12.640Z'));
});

onEveryStore('a child whose parent has no facts yet is an effect of it, and is where causes end', async (store) => {
  await store.append([sent({ message_id: 'child', correlation_id: 'w', causation_id: 'parent' })]);
  assert.deepEqual(await store.read((reader) => reader.effects('parent', 5)), ['child']);
  assert.deepEqual(await store.read((reader) => reader.ancestors('child', 5)), ['child']);
  assert.deepEqual(await store.read((reader) => reader.find('parent', 5)), []);
  await store.append([sent({ message_id: 'parent', correlation_id: 'w' })]);
  assert.deepEqual(await store.read((reader) => reader.ancestors('child', 5)), ['child', 'parent']);
  assert.deepEqual(await store.read((reader) => reader.messagesOf('w', 5)), ['child', 'parent']);
});

onEveryStore('a loop of forged causes ends, and tells each message once', async (store) => {
  await store.append([
    sent({ message_id: 'a', causation_id: 'b' }),
    sent({ message_id: 'b', causation_id: 'a' }),
    sent({ message_id: 'self', causation_id: 'self' }),
  ]);
  assert.deepEqual(await store.read((reader) => reader.ancestors('a', 10_000)), ['a', 'b']);
  assert.deepEqual(await store.read((reader) => reader.ancestors('self', 10_000)), ['self']);
  assert.deepEqual(await store.read((reader) => reader.effects('self', 10)), ['self']);
});

onEveryStore('a question that fails fails whoever asks, and the next one is answered', async (store) => {
  await store.append([sent()]);
  const failing = store.read(() => {
    throw new Error('no answer');
  });
  await assert.rejects(failing, /no answer/);
  assert.equal(await store.read((reader) => reader.extent().facts), 1);
});

onEveryStore('an empty ledger says so', async (store) => {
  assert.deepEqual(await store.read((reader) => reader.extent()), { facts: 0, since: null, until: null });
  assert.deepEqual(await store.read((reader) => reader.near('PWASC1', 3)), []);
});

onEveryStore('the extent is counted as facts arrive, whatever their order', async (store) => {
  await store.append([sent({ at: 5_000 })]);
  await store.append([sent({ at: 3_000 }), sent({ at: 4_000 })]);
  assert.deepEqual(await store.read((reader) => reader.extent()), { facts: 3, since: 3_000, until: 5_000 });
});

onEveryStore('what recorders dropped is counted where its window meets the one that is asked for', async (store) => {
  const dropped = {
    kind: 'dropped',
    fact_id: 'd1',
    at: 2_000,
    since: 1_000,
    service: 's',
    instance: 'i',
    count: 7,
    why: 'full',
  } as const;
  await store.append([dropped, { ...dropped, fact_id: 'd2', at: 9_000, since: 8_000, count: 1 }]);
  assert.deepEqual(await store.append([dropped]), { stored: 0, repeated: 1 });
  assert.equal(await store.read((reader) => reader.dropped(1_500, 1_600)), 7);
  assert.equal(await store.read((reader) => reader.dropped(0, 10_000)), 8);
  assert.equal(await store.read((reader) => reader.dropped(2_001, 7_999)), 0);
});

onEveryStore('a closed ledger refuses facts, after it has kept those it was given', async (store) => {
  const appended = store.append([sent()]);
  const closed = store.close();
  await assert.rejects(store.append([sent()]), { code: 'LEDGER_CLOSED' });
  assert.deepEqual(await appended, { stored: 1, repeated: 0 });
  await closed;
  const reopened = await store.reopen();
  assert.equal((await reopened.read((reader) => reader.factsOf(['m']))).length, 1);
});
