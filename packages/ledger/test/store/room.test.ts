import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openRoom } from '../../src/store/room.ts';
import { temporaryFolder } from './suite.ts';

async function databaseOf(context: TestContext) {
  const path = join(await temporaryFolder(context), 'a.db');
  const database = new DatabaseSync(path);
  context.after(() => database.close());
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE a (text); PRAGMA wal_autocheckpoint = 10;');
  const write = (times: number) => {
    for (let n = 0; n < times; n++) database.exec(`INSERT INTO a VALUES ('${'x'.repeat(20_000)}')`);
  };
  return { path, database, write };
}

const disk = (freeBytes: number) => ({ diskOf: () => ({ bytes: 100_000_000, freeBytes }) });

test('a disk on which only the room for deletes is left is said to have so much', async (context) => {
  const { path, database } = await databaseOf(context);
  openRoom(database, path)();
  openRoom(database, path, disk(10_000_000))();
  assert.throws(openRoom(database, path, disk(9_999_999)), { message: '9 MiB of room are left, which deletes need' });
});

test('what was deleted is room, though the file stays as large', async (context) => {
  const { path, database, write } = await databaseOf(context);
  write(100);
  assert.throws(openRoom(database, path, disk(9_000_000)), /room are left/);
  database.exec('DELETE FROM a');
  openRoom(database, path, disk(9_000_000))();
});

test('a reader that stays does not let the log grow without end, and once it is gone there is room again', async (context) => {
  const { path, database, write } = await databaseOf(context);
  const reader = new DatabaseSync(path);
  context.after(() => reader.close());
  write(1);
  reader.exec('BEGIN; SELECT count(*) FROM a');
  write(30);
  assert.throws(
    openRoom(database, path, { walBytesMax: 100_000 }),
    /a process reads, and has let the .* grow to 0 MiB/,
  );
  openRoom(database, path, { walBytesMax: 10_000_000 })();
  reader.exec('COMMIT');
  openRoom(database, path, { walBytesMax: 100_000 })();
});
