import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { copyLedger, isInUse } from '../../src/store/backup.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { sent } from './made-facts.ts';
import { temporaryFolder } from './suite.ts';

async function openLedger(context: TestContext) {
  const folder = await temporaryFolder(context);
  const path = join(folder, 'ledger.db');
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  return { folder, path, store, to: join(folder, 'copy.db') };
}

test('a ledger that is written to is copied whole, with all that was acknowledged before', async (context) => {
  const { path, store, to } = await openLedger(context);
  const writing = Array.from({ length: 20 }, (_, n) =>
    store.append([sent({ message_id: `m${n}`, correlation_id: 'w' })]),
  );
  await writing[9];
  copyLedger(path, to);
  await Promise.all(writing);
  const copy = openSqliteStore({ path: to });
  context.after(() => copy.close());
  assert.ok((await copy.read((reader) => reader.extent())).facts >= 10);
  assert.equal(
    (await copy.read((reader) => reader.messagesOf('w', 100))).length,
    (await copy.read((reader) => reader.extent())).facts,
  );
  assert.deepEqual(await copy.append([sent({ message_id: 'later' })]), { stored: 1, repeated: 0 });
});

test('what is no ledger is not copied, and what lay in its place stays', async (context) => {
  const { folder, to } = await openLedger(context);
  const other = join(folder, 'other.db');
  new DatabaseSync(other).exec('CREATE TABLE theirs (a)');
  const text = join(folder, 'text.db');
  writeFileSync(text, 'no database'.repeat(1_000));
  writeFileSync(to, 'stays');
  for (const from of [other, text]) assert.throws(() => copyLedger(from, to), { code: 'COPY_FAILED' });
  assert.throws(() => copyLedger(join(folder, 'none.db'), to), { code: 'LEDGER_UNOPENABLE' });
  assert.equal(readFileSync(to, 'utf8'), 'stays');
  assert.ok(!readdirSync(folder).some((file) => file.includes('.part')));
});

test('a damaged ledger is not restored', async (context) => {
  const { path, store, to } = await openLedger(context);
  await store.append(Array.from({ length: 2_000 }, (_, n) => sent({ message_id: `m${n}` })));
  await store.close();
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(7, bytes.length / 2, bytes.length / 2 + 8_192));
  assert.throws(() => copyLedger(path, to), { code: 'COPY_FAILED' });
  assert.ok(!existsSync(to));
});

test('a ledger whose rows are not what they have to be is not restored', async (context) => {
  const { path, store, to } = await openLedger(context);
  await store.close();
  new DatabaseSync(path).exec('PRAGMA ignore_check_constraints = ON; UPDATE extent SET one = 2');
  assert.throws(() => copyLedger(path, to), { code: 'COPY_FAILED', message: /it is damaged: CHECK constraint failed/ });
  assert.ok(!existsSync(to));
});

test('a ledger of a newer schema is not restored', async (context) => {
  const { path, store, to } = await openLedger(context);
  await store.close();
  new DatabaseSync(path).exec('PRAGMA user_version = 99');
  assert.throws(() => copyLedger(path, to), { code: 'LEDGER_NEWER' });
});

test('a ledger is in use for as long as somebody has it open', async (context) => {
  const { path, store } = await openLedger(context);
  await store.append([sent()]);
  assert.equal(isInUse(path), true);
  await store.close();
  assert.equal(isInUse(path), false);
});
