import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import type { DroppedFact } from 'waybill';
import { openBlocks } from '../../src/store/blocks.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactReader } from '../../src/store/store.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';
import { alter } from './alter.ts';
import { gap, sent, settled, started } from './made-facts.ts';
import { makeOldLedger } from './old-ledger.ts';
import { temporaryFolder } from './suite.ts';

test('a ledger of schema 4 tells the same as one that was new, once it is opened', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const [trace_id, span_id] = ['a'.repeat(32), 'b'.repeat(16)];
  const traceparent = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;
  const lost = { reason: 'w3c_only', missing: ['waybill'], edge: { from: null, to: 'orders' }, traceparent } as const;
  const facts = [
    ...workflowFacts(),
    gap({ message_id: 'found', gap: lost, at: 5_000 }),
    sent({ message_id: 'spanned', trace_id, span_id, inferred: true, created_at: 999.5, correlations: ['a', 'b'] }),
    ...[started({ attempt: null, lease_until: 9_000 }), settled({ outcome: 'dead', at: 7_000 })],
    sent({ message_id: 'retold', tenant_id: null, causation_id: null, at: 1 }),
    sent({ message_id: 'retold', causation_id: 'unheard of', business_key: 'order:1', bindings: '{"a":1}', at: 2 }),
  ];
  const dropped: DroppedFact = {
    ...{ kind: 'dropped', fact_id: 'f', at: 5, since: 1, count: 2, service: 's', instance: 'i', why: 'full' },
  };
  makeOldLedger(path, facts);
  alter(
    path,
    `INSERT INTO dropped (fact_id, at, since, count, service, instance, why)
     SELECT 'f', 5, 1, 2, max(key), max(key), 'full' FROM names`,
  );
  const migrated = openSqliteStore({ path });
  const fresh = openSqliteStore({ path: join(await temporaryFolder(context), 'ledger.db') });
  for (const store of [migrated, fresh]) context.after(() => store.close());
  await fresh.append(facts);
  const everything = { since: 0, until: Date.UTC(2030, 0), tenantId: null };
  const ids = [...WORKFLOW.display_order, 'm', 'found', 'spanned', 'retold'];
  const told = ({ timeline, ...reader }: FactReader) => [
    reader.factsOf(ids),
    ...['PWASC1', 'e', 'order:ORD-48213', WORKFLOW.correlation_id, trace_id].map((id) => reader.find(id, 10)),
    ...[reader.messagesAt(trace_id, span_id, 5), reader.messagesAt('c'.repeat(32), 'd'.repeat(16), 5)],
    ...[reader.extent(), reader.records('shop', 'kafka'), reader.effects('unheard of', 5)],
    ...[timeline.counts(everything), timeline.counts({ ...everything, tenantId: 'acme' })],
    ...[timeline.withGaps(everything, 5), timeline.failing(everything, 5), timeline.open(everything, 5)],
    ...[timeline.sentTo('orders', everything, 5), timeline.arrivals(everything, null, 100)],
  ];
  assert.deepEqual(await migrated.read(told), await fresh.read(told));
  assert.deepEqual(await migrated.append([...facts, dropped]), { stored: 0, repeated: facts.length + 1 });
});

test('a ledger of any schema has the same tables as one that was new, once it is opened', async (context) => {
  const fresh = join(await temporaryFolder(context), 'ledger.db');
  await openSqliteStore({ path: fresh }).close();
  for (const undo of [() => {}, undoSchema4, undoSchema3]) {
    const path = join(await temporaryFolder(context), 'ledger.db');
    makeOldLedger(path, []);
    undo(path);
    await openSqliteStore({ path }).close();
    assert.deepEqual(shapeOf(path), shapeOf(fresh));
  }
});

function shapeOf(path: string): string[] {
  const shape = 'SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name';
  const plain = (sql: unknown) => String(sql).replace(/--.*/g, '').replace(/\s+/g, ' ');
  return alter(path, shape).map(({ sql }) => plain(sql).replace(/ (?=[,)])/g, ''));
}

test('a ledger of schema 6 counts a workflow by how its messages stand, once it is opened', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  const of = (id: string) => ({ message_id: id, execution_id: id });
  await store.append([
    ...[started(of('a')), settled(of('a')), started(of('b')), settled({ ...of('b'), outcome: 'dead' })],
    ...[sent(of('c')), gap(of('d')), started({ ...of('a'), execution_id: 'again' })],
    settled({ ...of('a'), execution_id: 'again', outcome: 'retry' }),
  ]);
  const everything = { since: 0, until: 9_000, tenantId: null };
  const told = ({ timeline, ...reader }: FactReader) =>
    [reader.shapeOf('m', 9_000, 100), timeline.began(everything, null, 10)] as const;
  const before = await store.read(told);
  assert.deepEqual(
    before[0].map(({ messages, executions, done, dead, gaps }) => [messages, executions, done, dead, gaps]),
    [[4, 3, 1, 1, 1]],
  );
  await store.close();
  undoSchema8(path);
  alter(path, 'DROP INDEX messages_by_time');
  for (const column of ['starts', 'marks']) alter(path, `ALTER TABLE messages DROP COLUMN ${column}`);
  alter(path, 'PRAGMA user_version = 6');
  const migrated = openSqliteStore({ path });
  context.after(() => migrated.close());
  assert.deepEqual(await migrated.read(told), before);
});

test('a ledger of schema 8 tells the same, and what its disk then does to a row, once it is opened', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  await store.append([...workflowFacts(), sent({ message_id: 'bare', causation_id: 'unheard of' })]);
  const told = ({ factsOf, find }: FactReader) => [
    factsOf([...WORKFLOW.display_order, 'bare']),
    ...['PWASC1', 'order:ORD-48213', WORKFLOW.correlation_id].map((id) => find(id, 10)),
  ];
  const before = await store.read(told);
  await store.close();
  undoSchema9(path);
  const migrated = openSqliteStore({ path });
  assert.deepEqual(await migrated.read(told), before);
  await migrated.append([settled({ message_id: 'bare', at: 9_000 })]);
  await migrated.close();
  alter(path, `UPDATE messages SET first_at = first_at + 1 WHERE message_id = 'bare'`);
  const damaged = openSqliteStore({ path });
  context.after(() => damaged.close());
  await assert.rejects(
    damaged.read(({ factsOf }) => factsOf(['bare'])),
    { code: 'LEDGER_DAMAGED' },
  );
});

test('a ledger of schema 7 finds what it holds and what comes, once it is opened', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  await store.append([started({ message_id: 'before', execution_id: 'run' })]);
  const ever = { since: 0, until: 120_000, tenantId: 'acme' };
  const counts = await store.read(({ timeline }) => timeline.counts(ever));
  await store.close();
  undoSchema8(path);
  const migrated = openSqliteStore({ path });
  context.after(() => migrated.close());
  assert.deepEqual(await migrated.read(({ timeline }) => timeline.counts(ever)), counts);
  await migrated.append([sent({ message_id: 'behind', broker_id: 'job' })]);
  const found = (id: string) => migrated.read((reader) => reader.find(id, 5).map(({ message_id }) => message_id));
  assert.deepEqual([await found('run'), await found('before')], [['before'], ['before']]);
  assert.deepEqual([await found('job'), await found('behind')], [['behind'], ['behind']]);
});

test('a ledger of schema 1 finds the batches that it holds, once it is opened', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const item = (message_id: string, index: number) =>
    started({ message_id, correlation_id: message_id, batch: { id: 'bat_1', index, count: 2 } });
  makeOldLedger(path, [item('b', 1), item('a', 0), started({ message_id: 'alone', correlation_id: 'alone' })]);
  undoSchema3(path);
  alter(path, 'DROP TABLE batch_items');
  alter(path, 'PRAGMA user_version = 1');
  const migrated = openSqliteStore({ path });
  context.after(() => migrated.close());
  assert.deepEqual(await migrated.read((reader) => reader.batchItems('bat_1', 10)), ['a', 'b']);
  assert.deepEqual(alter(path, 'PRAGMA user_version'), [{ user_version: 10 }]);
});

test('a ledger of schema 2 knows who records facts and what came of which span, and keeps spans, once it is opened', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const [trace_id, span_id] = ['a'.repeat(32), 'b'.repeat(16)];
  makeOldLedger(path, [sent({ message_id: 'spanned', trace_id, span_id }), settled({ service: 'other' })]);
  undoSchema3(path);
  const migrated = openSqliteStore({ path });
  context.after(() => migrated.close());
  assert.deepEqual(await migrated.read((reader) => reader.messagesAt(trace_id, span_id, 10)), ['spanned']);
  assert.deepEqual(
    [
      await migrated.read((reader) => reader.records('shop', 'kafka')),
      await migrated.read((reader) => reader.records('other', 'kafka')),
    ],
    [true, false],
  );
  await migrated.spans.keep([{ trace_id, span_id, text: '{}' }], 1_000, 3_000);
  assert.deepEqual(await migrated.spans.due(3_000, 10), [trace_id]);
});

test('a ledger of schema 3 finds what happened when, once it is opened', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const bare = { tenant_id: null, message_id: 'bare', correlation_id: 'bare' };
  const facts = [
    ...[sent({ at: 61_000 }), settled({ at: 70_000, outcome: 'retry' }), sent({ ...bare, at: -1 })],
    settled({ at: 130_000 }),
  ];
  const store = openSqliteStore({ path: ':memory:' });
  context.after(() => store.close());
  await store.append(facts);
  const everything = { since: -60_000, until: 180_000, tenantId: null };
  const told = ({ timeline }: FactReader) => [
    ...[-60_000, 0, 60_000, 120_000].flatMap((since) =>
      [null, 'acme'].map((tenantId) => timeline.counts({ since, until: since + 60_000, tenantId })),
    ),
    timeline.failing(everything, 10),
    timeline.arrivals({ ...everything, tenantId: 'acme' }, null, 10),
  ];
  const before = await store.read(told);
  makeOldLedger(path, facts);
  undoSchema4(path);
  const migrated = openSqliteStore({ path });
  context.after(() => migrated.close());
  assert.deepEqual(await migrated.read(told), before);
  await migrated.append([settled({ at: 71_000, outcome: 'dead' })]);
  assert.deepEqual(
    await migrated.read((reader) => reader.timeline.counts({ since: 60_000, until: 120_000, tenantId: 'acme' })),
    {
      facts: 3,
      messages: 1,
    },
  );
});

test('a ledger of schema 4 keeps what is said of destinations, once it is opened', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  makeOldLedger(path, []);
  const migrated = openSqliteStore({ path });
  context.after(() => migrated.close());
  const value = { destination: 'email', source: 'declared', field: 'lease_ms', value: 1, at: 1 } as const;
  await migrated.destinations.keep([value]);
  assert.deepEqual(await migrated.read((reader) => reader.destinations(null)), [value]);
});

test('a ledger of schema 9 tells the same of every fact, once it is opened, and takes more', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  const factOf = (n: number) =>
    sent({ fact_id: `f${n}`, message_id: `m${n % 40}`, tenant_id: n % 3 === 0 ? 'a' : 'b', at: n, dedup_key: `${n}` });
  const facts = Array.from({ length: 500 }, (_, n) => factOf(n));
  for (const size of [150, 1, 349]) await store.append(facts.splice(0, size));
  const ids = Array.from({ length: 40 }, (_, n) => `m${n}`);
  const everything = { since: 0, until: 9_000, tenantId: null };
  const told = ({ factsOf, timeline }: FactReader) => [factsOf(ids), timeline.arrivals(everything, null, 1_000)];
  const before = await store.read(told);
  await store.close();
  undoSchema10(path);
  const migrated = openSqliteStore({ path });
  context.after(() => migrated.close());
  assert.deepEqual(await migrated.read(told), before);
  assert.deepEqual(await migrated.append([factOf(3), factOf(500)]), { stored: 1, repeated: 1 });
  const [all, arrivals] = await migrated.read(told);
  assert.deepEqual([all?.length, arrivals?.length], [501, 501]);
  assert.deepEqual(all?.at(-1), factOf(500));
});

test('a ledger of schema 9 of which a block is damaged is opened, and says so of what was in there', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  const factOf = (n: number) => sent({ fact_id: `f${n}`, message_id: `m${n}`, at: n });
  await store.append(Array.from({ length: 300 }, (_, n) => factOf(n)));
  await store.close();
  undoSchema10(path);
  alter(path, 'UPDATE blocks SET lines = zeroblob(99) WHERE block = 1');
  const migrated = openSqliteStore({ path });
  context.after(() => migrated.close());
  const told = (n: number) => migrated.read(({ factsOf }) => factsOf([`m${n}`]));
  for (const n of [63, 126]) await assert.rejects(told(n), { code: 'LEDGER_DAMAGED' });
  for (const n of [62, 127, 299]) assert.deepEqual(await told(n), [factOf(n)]);
});

/** Blocks of 64, without a dictionary; the last one is being filled. */
function undoSchema10(path: string): void {
  const database = new DatabaseSync(path);
  const blocks = openBlocks(database);
  const last = Math.floor((blocks.end() - 1) / 64);
  const old = Array.from({ length: last + 1 }, (_, n) => {
    const lines = [0, 1, 2, 3].flatMap((part) => blocks.lines(4 * n + part));
    const text = Buffer.from(lines.join('\n'));
    const head = Buffer.alloc(5, n === last ? 0 : 1);
    head.writeUInt32LE(crc32(text), 1);
    return Buffer.concat([head, n === last ? text : deflateRawSync(text, { windowBits: 14 })]);
  });
  database.exec('DROP TABLE dictionaries; DELETE FROM blocks; PRAGMA user_version = 9');
  const insert = database.prepare('INSERT INTO blocks (block, lines) VALUES (?, ?)');
  for (const [block, lines] of old.entries()) insert.run(block, lines);
  database.close();
}

function undoSchema9(path: string): void {
  undoSchema10(path);
  for (const table of ['names', 'business_keys', 'workflows', 'traces', 'messages'])
    alter(path, `ALTER TABLE ${table} DROP COLUMN sum`);
  alter(path, 'PRAGMA user_version = 8');
}

/** A file as the version before made it: each id is in the table, and minutes lie by tenant. */
function undoSchema8(path: string): void {
  undoSchema9(path);
  const database = new DatabaseSync(path);
  const insert = database.prepare('INSERT OR IGNORE INTO ids (code, message) VALUES (?, ?)');
  for (const { coded } of database.prepare('SELECT coded FROM fresh_ids').all()) {
    const pairs = new Float64Array((coded as Uint8Array).slice().buffer); // a blob
    // Behind the pairs is their checksum.
    for (let at = 0; at < pairs.length - 1; at += 2) insert.run(Number(pairs[at]), Number(pairs[at + 1]));
  }
  database.exec(
    `DROP TABLE fresh_ids;
     CREATE TABLE by_tenant (
       tenant INTEGER NOT NULL, minute INTEGER NOT NULL, facts INTEGER NOT NULL, messages INTEGER NOT NULL,
       first_fact INTEGER, last_fact INTEGER, PRIMARY KEY (tenant, minute)
     ) STRICT, WITHOUT ROWID;
     INSERT INTO by_tenant SELECT tenant, minute, facts, messages, first_fact, last_fact FROM minutes;
     DROP TABLE minutes;
     ALTER TABLE by_tenant RENAME TO minutes;
     PRAGMA user_version = 7`,
  );
  database.close();
}

function undoSchema4(path: string): void {
  for (const sql of [
    'DROP INDEX gaps_by_time',
    'DROP INDEX sends_by_destination',
    'DROP TABLE failures',
    'DROP TABLE minutes',
    'PRAGMA user_version = 3',
  ])
    alter(path, sql);
}

function undoSchema3(path: string): void {
  undoSchema4(path);
  for (const sql of [
    'DROP INDEX facts_by_span',
    'DROP INDEX gaps_by_traceparent',
    'DROP TABLE recorders',
    'DROP TABLE spans',
    'DROP TABLE span_traces',
    'PRAGMA user_version = 2',
  ])
    alter(path, sql);
}
