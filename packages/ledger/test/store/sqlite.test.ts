import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { alter } from './alter.ts';
import { sent, settled, started } from './made-facts.ts';
import { temporaryFolder } from './suite.ts';

test('a ledger of a newer schema is refused, and left as it is', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  await openSqliteStore({ path }).close();
  alter(path, 'PRAGMA user_version = 99');
  const message = `${path} has schema 99, and this version of Waybill knows up to 10`;
  assert.throws(() => openSqliteStore({ path }), { code: 'LEDGER_NEWER', message });
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
    `CREATE TRIGGER full BEFORE INSERT ON messages WHEN new.message_id = 'b' BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END`,
  );
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  const group = [sent({ message_id: 'a' }), sent({ message_id: 'b' }), sent({ message_id: 'c' })];
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
    const kept = (await store.upkeep.messagesAfter(0, 1_000_000)).map(({ message_id }) => message_id);
    assert.deepEqual(
      ids.filter((id) => !kept.includes(id)),
      [],
    );
    // What was written without an acknowledgement is whole or not there.
    for (const id of kept)
      assert.equal((await store.read((reader) => reader.factsOf([id]))).length, 50, `${id} is torn`);
    await store.close();
    assert.deepEqual(alter(path, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
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

test('what another process says of destinations is told at once', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const [one, other] = [openSqliteStore({ path }), openSqliteStore({ path })];
  context.after(() => Promise.all([one.close(), other.close()]));
  const said = (value: number) =>
    ({ destination: 'email', source: 'probed', field: 'depth', value, at: value }) as const;
  const told = () => one.read((reader) => reader.destinations(null).map(({ value }) => value));
  assert.deepEqual(await told(), []);
  await one.destinations.keep([said(1)]);
  assert.deepEqual(await told(), [1]);
  await other.destinations.keep([said(2)]);
  assert.deepEqual(await told(), [2]);
  await other.destinations.remove('email');
  assert.deepEqual(await told(), []);
});
