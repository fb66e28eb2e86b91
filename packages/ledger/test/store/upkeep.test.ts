import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { DroppedFact, MessageFact } from 'waybill';
import { openBlocks } from '../../src/store/blocks.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { sent, settled, started } from './made-facts.ts';
import { onEveryStore, onSqlite, temporaryFolder } from './suite.ts';

const day = 86_400_000;
const quiet = () => {};
const traceOf = (digit: string) => digit.repeat(32);

/** A message that was sent, and one that it caused: of one workflow, tenant and key, each with all that a fact may name. */
function workflow(name: string, tenant_id: string, at: number, fields: Partial<MessageFact> = {}): MessageFact[] {
  const common = { correlation_id: `${name}-1`, tenant_id, business_key: `order:${name}`, trace_id: traceOf(name), at };
  const one = { ...common, message_id: `${name}-1` };
  const other = { ...common, message_id: `${name}-2`, causation_id: `${name}-1` };
  const run = { ...other, execution_id: `exe-${name}`, broker_id: `broker-${name}` };
  return [
    sent(one),
    settled({ ...one, execution_id: `exe-${name}-1` }),
    sent(other),
    started({ ...run, batch: { id: `bat-${name}`, index: 0, count: 1 } }),
    settled(run),
  ].map((fact) => ({ ...fact, ...fields }) as MessageFact); // sound: the fields are of all facts
}

onEveryStore('of a tenant that is forgotten nothing is found, and of others nothing is missing', async (store) => {
  await store.append([...workflow('a', 'acme', 1_000), ...workflow('b', 'borealis', 1_000)]);
  assert.equal(await store.upkeep.countOf({ tenant: 'acme' }), 2);
  const others = await store.read((reader) => reader.factsOf(['b-1', 'b-2']));
  assert.deepEqual(await store.upkeep.forget({ tenant: 'acme' }, quiet), { messages: 2, facts: 5 });
  for (const id of ['a-1', 'a-2', 'exe-a', 'broker-a', 'order:a', 'a', traceOf('a')])
    assert.deepEqual(await store.read((reader) => reader.find(id, 5)), [], id);
  assert.deepEqual(
    [
      await store.read((reader) => reader.batchItems('bat-a', 5)),
      await store.read((reader) => reader.messagesOf('a-1', 5)),
      await store.read((reader) => reader.factsOf(['a-1', 'a-2'])),
    ],
    [[], [], []],
  );
  assert.equal((await store.read((reader) => reader.extent())).facts, 5);
  assert.deepEqual(await store.read((reader) => reader.factsOf(['b-1', 'b-2'])), others);
  for (const id of ['b-2', 'exe-b', 'broker-b', 'order:b', traceOf('b')])
    assert.ok((await store.read((reader) => reader.find(id, 5))).length > 0, id);
  assert.deepEqual(await store.read((reader) => reader.ancestors('b-2', 5)), ['b-2', 'b-1']);
});

onEveryStore('what was forgotten is in no stretch of time, and is not counted', async (store) => {
  const failing = (name: string, tenant: string) => [
    ...workflow(name, tenant, 60_000),
    settled({ message_id: `${name}-1`, tenant_id: tenant, execution_id: `exe-${name}`, at: 61_000, outcome: 'dead' }),
  ];
  await store.append([...failing('a', 'acme'), ...failing('b', 'borealis')]);
  await store.upkeep.forget({ tenant: 'acme' }, quiet);
  const stretch = { since: 0, until: 120_000, tenantId: null };
  assert.deepEqual(await store.read((reader) => ({ ...reader.timeline.counts(stretch) })), { facts: 6, messages: 2 });
  assert.deepEqual(await store.read((reader) => ({ ...reader.timeline.counts({ ...stretch, tenantId: 'acme' }) })), {
    facts: 0,
    messages: 0,
  });
  assert.deepEqual(await store.read((reader) => reader.timeline.failing(stretch, 5)), ['b-1']);
});

onEveryStore('what was forgotten can be recorded again', async (store) => {
  const facts = workflow('a', 'acme', 1_000);
  await store.append(facts);
  await store.upkeep.forget({ tenant: 'acme' }, quiet);
  assert.deepEqual(await store.read((reader) => reader.extent()), { facts: 0, since: null, until: null });
  assert.deepEqual(await store.append(facts), { stored: 5, repeated: 0 });
  assert.deepEqual(await store.read((reader) => reader.factsOf(['a-1', 'a-2'])), facts);
  assert.equal((await store.read((reader) => reader.find(traceOf('a'), 5)))[0]?.message_id, 'a-1');
  assert.deepEqual(await store.read((reader) => reader.ancestors('a-2', 5)), ['a-2', 'a-1']);
});

onEveryStore('a message whose cause was forgotten still names it, and is no root', async (store) => {
  const effect = sent({ message_id: 'effect', correlation_id: 'w', causation_id: 'a-2', tenant_id: 'borealis' });
  await store.append([...workflow('a', 'acme', 1_000), effect]);
  await store.upkeep.forget({ tenant: 'acme' }, quiet);
  assert.deepEqual(await store.read((reader) => reader.factsOf(['effect'])), [effect]);
  assert.deepEqual(await store.read((reader) => reader.ancestors('effect', 5)), ['effect']);
  assert.deepEqual(await store.read((reader) => reader.find('a-2', 5)), []);
});

onEveryStore('a workflow of which a part was forgotten is still found by its id', async (store) => {
  const rest = sent({ message_id: 'rest', correlation_id: 'a-1', causation_id: 'a-1', at: 2_000 });
  await store.append([...workflow('a', 'acme', 1_000), rest]);
  await store.upkeep.forget({ businessKey: 'order:a' }, quiet);
  assert.deepEqual(
    (await store.read((reader) => reader.find('a-1', 5))).map(({ kind, message_id }) => [kind, message_id]),
    [['workflow', 'rest']],
  );
  assert.deepEqual(await store.read((reader) => reader.messagesOf('a-1', 5)), ['rest']);
});

onEveryStore('a key is forgotten of one tenant, and only as it was recorded', async (store) => {
  const keyed = (message_id: string, tenant_id: string) =>
    sent({ message_id, correlation_id: message_id, tenant_id, business_key: 'order:7' });
  await store.append([keyed('a', 'acme'), keyed('b', 'borealis')]);
  assert.equal(await store.upkeep.countOf({ businessKey: '7' }), 0);
  assert.equal(await store.upkeep.countOf({ businessKey: 'order:7' }), 2);
  assert.deepEqual(await store.upkeep.forget({ tenant: 'acme', businessKey: 'order:7' }, quiet), {
    messages: 1,
    facts: 1,
  });
  assert.equal((await store.read((reader) => reader.find('order:7', 5)))[0]?.message_id, 'b');
});

onEveryStore('spans of which forgotten facts were derived are forgotten with them', async (store) => {
  const kept = (digit: string) => ({ trace_id: traceOf(digit), span_id: '1'.repeat(16), text: '{}' });
  await store.append(workflow('a', 'acme', 1_000));
  await store.spans.keep([kept('a'), kept('b')], 1_000, 2_000);
  await store.upkeep.forget({ tenant: 'acme' }, quiet);
  assert.deepEqual([await store.spans.of(traceOf('a')), (await store.spans.of(traceOf('b'))).length], [[], 1]);
});

for (const isLast of [true, false])
  test(`what was forgotten is in no byte of the file, ${isLast ? 'where its name is the newest' : 'or an older name'}`, async (context) => {
    const path = join(await temporaryFolder(context), 'ledger.db');
    const store = openSqliteStore({ path });
    context.after(() => store.close());
    const fields = { bindings: '{"user":"canary-bound"}', business_key: 'canary-key' };
    const append = [
      () => store.append(workflow('a', 'canary-tenant', 1_000, fields)),
      () => store.append(workflow('b', 'borealis', 1_000)),
    ];
    for (const each of isLast ? append.reverse() : append) await each();
    await store.spans.keep([{ trace_id: traceOf('a'), span_id: '1'.repeat(16), text: '"canary-span"' }], 1_000, 2_000);
    // A reader remembers names by their keys: that of one that is gone must not be given to another.
    assert.equal((await store.read((reader) => reader.factsOf(['a-1'])))[0]?.tenant_id, 'canary-tenant');
    await store.upkeep.forget({ tenant: 'canary-tenant' }, quiet);
    for (const file of [path, `${path}-wal`]) assert.doesNotMatch(readFileSync(file, 'latin1'), /canary/);
    await store.append([sent({ message_id: 'c', tenant_id: 'cetus' })]);
    assert.equal((await store.read((reader) => reader.factsOf(['c'])))[0]?.tenant_id, 'cetus');
  });

/** All that is packed in its blocks, and what that was packed with. */
function linesIn(path: string): string[] {
  const database = new DatabaseSync(path);
  const blocks = openBlocks(database);
  const lines = blocks.between(0, blocks.end()).flatMap((block) => blocks.lines(block));
  const dictionaries = database.prepare('SELECT text FROM dictionaries').all();
  database.close();
  return [...lines, ...dictionaries.map(({ text }) => String(text))];
}

test('what was forgotten is in no packed block either, and what lay beside it is', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  const bound = (tenant_id: string, n: number) =>
    sent({ message_id: `${tenant_id} ${n}`, correlation_id: 'w', tenant_id, bindings: `{"of":"${tenant_id}"}`, at: n });
  const facts = Array.from({ length: 200 }, (_, n) => bound(n % 3 === 0 ? 'canary' : 'borealis', n));
  await store.append(facts);
  const blocksOf = () => {
    const database = new DatabaseSync(path);
    const rows = database.prepare('SELECT lines FROM blocks').all();
    database.close();
    return rows.map(({ lines }) => Buffer.from(lines as Uint8Array)); // the column holds blobs
  };
  const before = blocksOf();
  const others = facts.filter(({ tenant_id }) => tenant_id === 'borealis');
  await store.upkeep.forget({ tenant: 'canary' }, quiet);
  const after = linesIn(path).join('\n');
  assert.doesNotMatch(after, /canary/);
  assert.equal(after.match(/borealis/g)?.length, others.length);
  // Packed, it could not be read in the pages that are free now: so the bytes are looked for that it was packed into.
  for (const file of [path, `${path}-wal`])
    for (const block of before.filter(([form]) => form !== 0))
      assert.ok(!readFileSync(file).includes(block.subarray(20, 120)));
  assert.deepEqual(await store.read((reader) => reader.factsOf(others.map(({ message_id }) => message_id))), others);
});

test('a name that a queue has too is not taken from it', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  await store.append([
    ...workflow('a', 'acme', 1_000),
    sent({ message_id: 'b', tenant_id: null, destination: 'acme' }),
  ]);
  await store.upkeep.forget({ tenant: 'acme' }, quiet);
  await store.close();
  const reopened = openSqliteStore({ path });
  context.after(() => reopened.close());
  assert.equal((await reopened.read((reader) => reader.factsOf(['b'])))[0]?.destination, 'acme');
});

onEveryStore('workflows are pruned whole, the oldest first, once they have been quiet for long', async (store) => {
  await store.append([
    ...workflow('a', 'acme', day),
    ...workflow('b', 'acme', 5 * day),
    sent({ message_id: 'c-1', correlation_id: 'c-1', at: day }),
    ...workflow('d', 'acme', day),
    settled({ message_id: 'd-3', correlation_id: 'd-1', at: 5 * day }),
  ]);
  const pruned = await store.upkeep.prune(0, { quietBefore: 3 * day, openBefore: 0 });
  assert.deepEqual([pruned.workflows, pruned.facts], [1, 5]);
  assert.deepEqual(
    [await store.read((reader) => reader.find('a-1', 1)), await store.read((reader) => reader.find('exe-a', 1))],
    [[], []],
  );
  // One that went on lately, one that began lately, and one that may still be waited for.
  for (const id of ['b-1', 'c-1', 'd-1', 'd-2'])
    assert.equal((await store.read((reader) => reader.find(id, 1))).length, 1, id);
  const later = await store.upkeep.prune(0, { quietBefore: 3 * day, openBefore: 2 * day });
  assert.deepEqual([later.workflows, await store.read((reader) => reader.find('c-1', 1))], [1, []]);
  // What was deleted can come again: a recorder that was away for long still has it.
  assert.deepEqual(await store.append(workflow('a', 'acme', day)), { stored: 5, repeated: 0 });
  assert.deepEqual(await store.read((reader) => reader.messagesOf('a-1', 5)), ['a-1', 'a-2']);
});

onEveryStore('what comes of a workflow in the commit that deletes it is kept', async (store) => {
  await store.append(workflow('a', 'acme', day));
  const late = sent({
    message_id: 'a-1',
    correlation_id: 'a-1',
    tenant_id: 'acme',
    trace_id: traceOf('a'),
    at: 5 * day,
  });
  await Promise.all([store.upkeep.prune(0, { quietBefore: 3 * day, openBefore: 3 * day }), store.append([late])]);
  assert.deepEqual(await store.read((reader) => reader.factsOf(['a-1'])), [late]);
  assert.deepEqual(
    [
      await store.read((reader) => reader.messagesOf('a-1', 5)),
      (await store.read((reader) => reader.find(traceOf('a'), 1)))[0]?.message_id,
    ],
    [['a-1'], 'a-1'],
  );
});

onEveryStore('pruning goes on where it was, and ends', async (store) => {
  const facts = Array.from({ length: 250 }, (_, n) => settled({ message_id: `m${n}`, correlation_id: `m${n}`, at: n }));
  await store.append(facts);
  const pruned: number[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const { last, workflows } = await store.upkeep.prune(after, { quietBefore: 200, openBefore: 0 });
    pruned.push(workflows);
    after = last;
  }
  assert.deepEqual(
    pruned.filter((workflows) => workflows > 0),
    [100, 100],
  );
  assert.equal((await store.read((reader) => reader.extent())).facts, 50);
});

onEveryStore('pruning deletes few workflows at once, and always all of one', async (store) => {
  const facts = Array.from({ length: 1_200 }, (_, n) =>
    settled({ message_id: `m${n}`, correlation_id: `w${Math.trunc(n / 300)}`, at: n }),
  );
  await store.append(facts);
  const { workflows, facts: deleted } = await store.upkeep.prune(0, { quietBefore: day, openBefore: 0 });
  assert.deepEqual([workflows, deleted], [1, 300]);
  assert.deepEqual(
    [
      await store.read((reader) => reader.messagesOf('w0', 1)),
      (await store.read((reader) => reader.messagesOf('w1', 1_000))).length,
    ],
    [[], 300],
  );
});

onSqlite('a workflow that is pruned is deleted in small commits', async (store) => {
  await store.append(
    Array.from({ length: 300 }, (_, n) => settled({ message_id: `m${n}`, correlation_id: 'w', at: n })),
  );
  await store.upkeep.prune(0, { quietBefore: day, openBefore: 0 });
  // Two hundred in each of two, after that of all that was stored.
  assert.equal((await store.upkeep.commits()).groups, 3);
});

onEveryStore('what recorders dropped is told by its window, and pages of messages by their arrival', async (store) => {
  const dropped: DroppedFact = {
    kind: 'dropped',
    fact_id: 'f',
    at: 5,
    since: 1,
    count: 2,
    service: 's',
    instance: 'i',
    why: 'full',
  };
  await store.append([dropped, sent({ message_id: 'b' }), sent({ message_id: 'a', causation_id: 'unheard of' })]);
  assert.deepEqual([await store.upkeep.droppedFacts(5, 5), await store.upkeep.droppedFacts(6, 9)], [[dropped], []]);
  const [first] = await store.upkeep.messagesAfter(0, 1);
  assert.equal(first?.message_id, 'b');
  assert.deepEqual(
    (await store.upkeep.messagesAfter(first.key, 9)).map(({ message_id }) => message_id),
    ['a'],
  );
});

test('nothing is left that nothing refers to, but for the ids of traces', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  const effect = settled({ message_id: 'effect', correlation_id: 'w', causation_id: 'a-2', at: 1_000 });
  await store.append([...workflow('a', 'acme', 1_000), ...workflow('b', 'borealis', 1_000), effect]);
  await store.upkeep.forget({ tenant: 'borealis' }, quiet);
  // First the cause of what is still there, and then that.
  await store.upkeep.forget({ businessKey: 'order:a' }, quiet);
  await store.upkeep.prune(0, { quietBefore: day, openBefore: day });
  await store.close();
  const database = new DatabaseSync(path);
  context.after(() => database.close());
  const tables = ['messages', 'ids', 'fact_ids', 'workflows', 'business_keys', 'batch_items', 'sends', 'failures'];
  for (const table of tables)
    assert.equal(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'], 0, table);
});

test('the log of a ledger that was read for long is at most 64 MiB once the reader has gone', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  const limit = 64 * 1024 * 1024;
  const bindings = JSON.stringify({ much: randomBytes(700_000).toString('base64') });
  const reader = new DatabaseSync(path);
  reader.exec('BEGIN');
  reader.prepare('SELECT facts FROM extent').get();
  for (let n = 0; n < 100; n++) await store.append([sent({ message_id: `m${n}`, bindings })]);
  assert.ok((await store.upkeep.sizes()).walBytes > limit);
  reader.close();
  // The first commit empties the log into the file, and the next one begins it anew.
  for (const message_id of ['one', 'two']) await store.append([sent({ message_id })]);
  assert.ok((await store.upkeep.sizes()).walBytes <= limit, String((await store.upkeep.sizes()).walBytes));
});
