import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactReader } from '../../src/store/store.ts';
import { sent, settled, started } from './made-facts.ts';
import { temporaryFolder } from './suite.ts';

test('a ledger of a newer schema is refused, and left as it is', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  await openSqliteStore({ path }).close();
  alter(path, 'PRAGMA user_version = 6');
  const message = `${path} has schema 6, and this version of Waybill knows up to 5`;
  assert.throws(() => openSqliteStore({ path }), { code: 'LEDGER_NEWER', message });
});

test('a ledger of schema 1 finds the batches that it holds, once it is opened', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const item = (message_id: string, index: number) =>
    started({ message_id, correlation_id: message_id, batch: { id: 'bat_1', index, count: 2 } });
  const store = openSqliteStore({ path });
  await store.append([item('b', 1), item('a', 0), started({ message_id: 'alone', correlation_id: 'alone' })]);
  await store.close();
  undoSchema3(path);
  alter(path, 'DROP TABLE batch_items');
  alter(path, 'PRAGMA user_version = 1');
  const migrated = openSqliteStore({ path });
  context.after(() => migrated.close());
  assert.deepEqual(await migrated.read((reader) => reader.batchItems('bat_1', 10)), ['a', 'b']);
  assert.deepEqual(alter(path, 'PRAGMA user_version'), [{ user_version: 5 }]);
});

test('a ledger of schema 2 knows who records facts and what came of which span, and keeps spans, once it is opened', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const [trace_id, span_id] = ['a'.repeat(32), 'b'.repeat(16)];
  const store = openSqliteStore({ path });
  await store.append([sent({ message_id: 'spanned', trace_id, span_id }), settled({ service: 'other' })]);
  await store.close();
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
  const fresh = join(await temporaryFolder(context), 'ledger.db');
  await openSqliteStore({ path: fresh }).close();
  const shape = 'SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name';
  const shapeOf = (file: string) => alter(file, shape).map(({ name, sql }) => [name, String(sql).replace(/\s+/g, ' ')]);
  assert.deepEqual(shapeOf(path), shapeOf(fresh));
});

test('a question sees what was there when it was asked, though another process writes meanwhile', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const asked = openSqliteStore({ path });
  context.after(() => asked.close());
  await asked.append([sent()]);
  const counts = await asked.read((reader) => {
    const before = reader.extent().facts;
    const other = new DatabaseSync(path);
    other.exec('UPDATE extent SET facts = 7');
    other.close();
    return [before, reader.extent().facts];
  });
  assert.deepEqual(counts, [1, 1]);
  assert.equal(await asked.read((reader) => reader.extent().facts), 7);
});

test('a ledger of schema 3 finds what happened when, once it is opened', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  const bare = { tenant_id: null, message_id: 'bare', correlation_id: 'bare' };
  await store.append([sent({ at: 61_000 }), settled({ at: 70_000, outcome: 'retry' }), sent({ ...bare, at: -1 })]);
  await store.append([settled({ at: 130_000 })]);
  const everything = { since: -60_000, until: 180_000, tenantId: null };
  const told = ({ timeline }: FactReader) => [
    ...[-60_000, 0, 60_000, 120_000].flatMap((since) =>
      [null, 'acme'].map((tenantId) => timeline.counts({ since, until: since + 60_000, tenantId })),
    ),
    timeline.failing(everything, 10),
    timeline.arrivals({ ...everything, tenantId: 'acme' }, null, 10),
  ];
  const before = await store.read(told);
  await store.close();
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
  await openSqliteStore({ path }).close();
  undoSchema5(path);
  const migrated = openSqliteStore({ path });
  context.after(() => migrated.close());
  const value = { destination: 'email', source: 'declared', field: 'lease_ms', value: 1, at: 1 } as const;
  await migrated.destinations.keep([value]);
  assert.deepEqual(await migrated.read((reader) => reader.destinations(null)), [value]);
});

/** A file as the version before made it. */
function undoSchema5(path: string): void {
  for (const sql of ['DROP TABLE destination_values', 'PRAGMA user_version = 4']) alter(path, sql);
}

function undoSchema4(path: string): void {
  undoSchema5(path);
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

test('the database of another program is refused, and left as it is', async (context) => {
  const path = join(await temporaryFolder(context), 'other.db');
  alter(path, 'CREATE TABLE theirs (a)');
  assert.throws(() => openSqliteStore({ path }), { code: 'LEDGER_UNOPENABLE', message: /the data of another program/ });
  assert.deepEqual(
    alter(path, 'SELECT name FROM sqlite_schema').map(({ name }) => name),
    ['theirs'],
  );
});

test('what is no database, or lies nowhere, is refused with its path', async (context) => {
  const folder = await temporaryFolder(context);
  const text = join(folder, 'notes.txt');
  writeFileSync(text, 'a text that is no database, and longer than a header of SQLite would be'.repeat(20));
  for (const path of [text, folder, join(folder, 'missing', 'ledger.db'), '']) {
    assert.throws(() => openSqliteStore({ path }), { code: 'LEDGER_UNOPENABLE' });
  }
});

test('a ledger in memory answers like one on disk', async () => {
  const store = openSqliteStore({ path: ':memory:' });
  await store.append([sent()]);
  assert.equal((await store.read((reader) => reader.factsOf(['m']))).length, 1);
  await store.close();
  await store.close();
});

test('two stores on one file keep what the other wrote', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const [one, other] = [openSqliteStore({ path }), openSqliteStore({ path })];
  await one.append([sent({ at: 5_000 })]);
  await other.append([sent({ at: 1_000, service: 'new to both' })]);
  await one.append([sent({ at: 6_000, service: 'new to both' })]);
  for (const store of [one, other]) {
    assert.equal((await store.read((reader) => reader.find('m', 5)))[0]?.at, 1_000);
    assert.deepEqual(
      (await store.read((reader) => reader.factsOf(['m']))).map(({ at, service }) => [at, service]),
      [
        [1_000, 'new to both'],
        [5_000, 'shop'],
        [6_000, 'new to both'],
      ],
    );
    await store.close();
  }
});

test('a disk that is full loses the whole group and tells each append so, and the ledger goes on', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  await openSqliteStore({ path }).close();
  // As SQLITE_FULL does, this ends the transaction under the writer's hands.
  alter(
    path,
    `CREATE TRIGGER full BEFORE INSERT ON facts WHEN new.seq = 666 BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END`,
  );
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  const group = [sent({ message_id: 'a' }), sent({ message_id: 'b', seq: 666 }), sent({ message_id: 'c' })];
  for (const { status, ...rest } of await Promise.allSettled(group.map((fact) => store.append([fact])))) {
    assert.equal(status, 'rejected');
    assert.match(String((rest as PromiseRejectedResult).reason), /the facts could not be written: disk full/);
  }
  assert.equal((await store.read((reader) => reader.extent())).facts, 0);
  assert.deepEqual(await store.append(group.slice(0, 1)), { stored: 1, repeated: 0 });
  assert.equal((await store.read((reader) => reader.factsOf(['a', 'b', 'c']))).length, 1);
});

test('a message that settles leaves the open ones, also when its settlement comes first', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  const of = (id: string) => ({ message_id: id, correlation_id: id, execution_id: `exe of ${id}` });
  await store.append([sent(of('waiting')), sent(of('running')), started(of('running'))]);
  await store.append([started(of('retried')), settled({ ...of('retried'), outcome: 'retry' })]);
  await store.append([settled(of('done')), sent(of('done'))]);
  await store.append([started(of('done'))]);
  const again = { ...of('taken twice'), execution_id: 'exe 2' };
  await store.append([started(of('taken twice')), started(again), settled(of('taken twice'))]);
  await store.close();
  assert.deepEqual(
    alter(path, 'SELECT message_id FROM messages WHERE open = 1 ORDER BY key').map(({ message_id }) => message_id),
    ['waiting', 'running', 'retried', 'taken twice'],
  );
});

test('a process that is killed while it appends loses nothing that was acknowledged', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  let acknowledged = 0;
  for (const [round, lines] of [3, 11, 40, 90].entries()) {
    const ids = await appendUntilKilled(context, path, String(round), lines);
    acknowledged += ids.length;
    const store = openSqliteStore({ path });
    for (const id of ids)
      assert.equal((await store.read((reader) => reader.factsOf([id]))).length, 50, `${id} is not whole`);
    await store.close();
    assert.deepEqual(alter(path, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
    // What was written without an acknowledgement is whole or not there.
    const torn = 'SELECT count(*) AS facts FROM facts GROUP BY message HAVING facts <> 50';
    assert.deepEqual(alter(path, torn), []);
  }
  assert.ok(acknowledged >= 144);
});

/** The ids that a child acknowledged before it was killed, which happens after so many of them. */
async function appendUntilKilled(
  context: TestContext,
  path: string,
  round: string,
  linesMin: number,
): Promise<string[]> {
  const script = fileURLToPath(new URL('./append-forever.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@waybill/source', script, path, round], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => child.kill('SIGKILL'));
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    if (told.split('\n').length > linesMin) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  assert.equal(signal, 'SIGKILL');
  return told.split('\n').slice(0, -1); // the last piece is a line that was cut, or nothing
}

function alter(path: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(path);
  const rows = database.prepare(sql).all();
  database.close();
  return rows.map((row) => ({ ...row }));
}
