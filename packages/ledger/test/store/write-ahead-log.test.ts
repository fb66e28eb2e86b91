import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../src/server/app.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { readLog } from '../../src/store/write-ahead-log.ts';
import { sent } from './made-facts.ts';
import { temporaryFolder } from './suite.ts';

const headerBytes = 32;
const frameBytes = 24 + 4_096;
const appends = 20;

/** A ledger as a kill leaves it, with all of its facts in the log; each append is a transaction. */
async function killedLedger(context: TestContext): Promise<string> {
  const folder = await temporaryFolder(context);
  const live = join(folder, 'live.db');
  const store = openSqliteStore({ path: live });
  context.after(() => store.close());
  for (let n = 0; n < appends; n++) await store.append([sent({ message_id: `m${n}`, correlation_id: `w${n}` })]);
  return copyOf(live, join(folder, 'killed'));
}

function copyOf(path: string, folder: string): string {
  mkdirSync(folder);
  const copy = join(folder, 'ledger.db');
  for (const ending of ['', '-wal']) copyFileSync(`${path}${ending}`, `${copy}${ending}`);
  return copy;
}

/** What is said when it is opened, and how many facts there are then. */
async function opened(context: TestContext, path: string) {
  const said: string[] = [];
  const stderr = context.mock.method(console, 'error', (text: string) => void said.push(text));
  const store = openSqliteStore({ path });
  stderr.mock.restore();
  const { facts } = await store.read((reader) => reader.extent());
  const ready = await createApp({ store }).request('/readyz');
  const { damage } = (await ready.json()) as { damage?: { code: string; message: string; fix: string } };
  await store.close();
  assert.deepEqual(said, damage === undefined ? [] : [`${damage.message} (${damage.code}). ${damage.fix}`]);
  assert.equal(ready.status, 200);
  return { facts, said: damage };
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

function framesOf(path: string): number {
  return (statSync(`${path}-wal`).size - headerBytes) / frameBytes;
}

test('a log that a kill left is read whole, and nothing is said of it', async (context) => {
  const path = await killedLedger(context);
  const { bytes, readableBytes, lostFrames } = { ...readLog(`${path}-wal`) };
  assert.deepEqual([readableBytes, lostFrames], [bytes, 0]);
  assert.deepEqual(await opened(context, path), { facts: appends, said: undefined });
});

test('a bit that was turned over in any frame is said to hide what is behind it, and the ledger goes on without that', async (context) => {
  const whole = await killedLedger(context);
  const frames = framesOf(whole);
  for (const [place, within] of [
    [0, 100],
    [Math.floor(frames / 2), 3_000],
    [frames - 1, frameBytes - 1],
    [frames - 1, 3],
    [frames - 1, 8],
    [frames - 1, 15],
    [frames - 1, 20],
  ] as const) {
    const path = copyOf(whole, join(await temporaryFolder(context), 'flipped'));
    const at = headerBytes + place * frameBytes;
    flip(`${path}-wal`, at + within);
    const reading = readLog(`${path}-wal`);
    assert.ok(reading !== undefined && reading.readableBytes <= at, `${place}`);
    assert.equal(reading.readableBytes + reading.lostFrames * frameBytes, reading.bytes);
    const { facts, said } = await opened(context, path);
    assert.ok(facts < appends);
    assert.equal(said?.code, 'LEDGER_LOG_DAMAGED');
    assert.match(said.message, new RegExp(`can be read up to byte ${reading.readableBytes} of ${reading.bytes}; `));
  }
});

test('a log that ends inside a frame is said to, and one that ends behind a transaction is whole', async (context) => {
  const whole = await killedLedger(context);
  for (const bytes of [1, 2_000, 4_096, frameBytes - 5]) {
    const path = copyOf(whole, join(await temporaryFolder(context), 'cut'));
    truncateSync(`${path}-wal`, statSync(`${path}-wal`).size - bytes);
    const { facts, said } = await opened(context, path);
    assert.equal(facts, appends - 1);
    assert.match(said?.message ?? '', /, and it ends inside a page\. Facts that came last may be missing/);
  }
  const path = copyOf(whole, join(await temporaryFolder(context), 'earlier'));
  truncateSync(`${path}-wal`, readLog(`${path}-wal`)?.bytes);
  assert.equal((await opened(context, path)).said, undefined);
});

test('a log whose head is damaged is said to be lost, for all that was in it is', async (context) => {
  const path = await killedLedger(context);
  for (const at of [3, 9, 17, 30]) {
    const copy = copyOf(path, join(await temporaryFolder(context), 'head'));
    flip(`${copy}-wal`, at);
    const { facts, said } = await opened(context, copy);
    assert.equal(facts, 0);
    assert.match(said?.message ?? '', /of its \d+ bytes none can be read/);
  }
});

test('frames of an earlier log, and those of what was taken back, are no damage', async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, 'live.db');
  const database = new DatabaseSync(path);
  context.after(() => database.close());
  database.exec('PRAGMA journal_mode = WAL; PRAGMA cache_size = 10; CREATE TABLE a (text)');
  const write = (times: number) => {
    for (let n = 0; n < times; n++) database.exec(`INSERT INTO a VALUES ('${'x'.repeat(20_000)}')`);
  };
  write(20);
  database.exec('PRAGMA wal_checkpoint(RESTART)');
  write(2);
  const behind = { ...readLog(`${path}-wal`) };
  assert.ok((behind.readableBytes ?? 0) < (behind.bytes ?? 0));
  assert.deepEqual([behind.lostFrames, behind.lostCommits, behind.isCut], [0, 0, false]);
  // The size to which SQLite cuts a log may lie inside a frame.
  truncateSync(`${path}-wal`, (behind.bytes ?? 0) - 1_000);
  assert.equal(readLog(`${path}-wal`)?.isCut, false);
  // So large that its pages are written before it ends.
  database.exec('BEGIN');
  write(40);
  database.exec('ROLLBACK');
  write(1);
  const takenBack = readLog(`${path}-wal`);
  assert.ok((takenBack?.lostFrames ?? 0) > 0);
  assert.deepEqual([takenBack?.lostCommits, takenBack?.isCut], [0, false]);
});

test('what another process is writing to the log is not taken for damage', async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, 'ledger.db');
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  await store.append([sent()]);
  const log = readFileSync(`${path}-wal`);
  writeFileSync(`${path}-wal`, Buffer.concat([log, log.subarray(headerBytes, headerBytes + 100)]));
  assert.equal(readLog(`${path}-wal`)?.isCut, true);
  assert.deepEqual(await opened(context, path), { facts: 1, said: undefined });
});
