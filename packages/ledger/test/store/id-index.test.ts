import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { seeded } from '../../../waybill/test/seeded.ts';
import { openDatabase } from '../../src/store/database.ts';
import { CODED, CODED_BETWEEN, type IdIndex, openIdIndex } from '../../src/store/id-index.ts';
import { temporaryFolder } from './suite.ts';

/** So few are kept back that a thousand go round all stretches several times. */
const freshMax = 300;

type Coded = readonly [code: number, message: number];

/** Own codes and others, from end to end of what there may be. */
function made(count: number, seed: number): Coded[] {
  const chance = seeded(seed);
  const ends = [-(2 ** 31), -1, 0, 2 ** 48 - 1, 2 ** 39, 2 ** 39 - 1, -(2 ** 22), -(2 ** 22) - 1];
  return Array.from({ length: count }, (_, nth): Coded => {
    const own = chance.below(2 ** 24) * 2 ** 24 + chance.below(2 ** 24);
    return [ends[nth] ?? (chance.chance(0.5) ? own : -1 - chance.below(2 ** 31)), 1 + Math.floor(nth / 3)];
  });
}

/** In one commit. */
function write(database: DatabaseSync, index: IdIndex, coded: readonly Coded[]): void {
  database.exec('BEGIN');
  for (const [code, message] of coded) index.add(code, message);
  index.write();
  database.exec('COMMIT');
}

function writeAll(database: DatabaseSync, index: IdIndex, coded: readonly Coded[], atOnce = 7): void {
  for (let at = 0; at < coded.length; at += atOnce) write(database, index, coded.slice(at, at + atOnce));
}

function found(database: DatabaseSync, code: number): unknown[] {
  return database
    .prepare(`SELECT message FROM ${CODED} ORDER BY message`)
    .all({ code })
    .map(({ message }) => message);
}

function foundBetween(database: DatabaseSync, low: number, high: number): unknown[] {
  return database
    .prepare(`SELECT code, message FROM ${CODED_BETWEEN} ORDER BY code, message`)
    .all({ low, high })
    .map(({ code, message }) => [code, message]);
}

const byCode = ([a, m]: Coded, [b, n]: Coded) => a - b || m - n;

async function opened(context: TestContext) {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const open = () => {
    const database = openDatabase(path, assert.fail);
    context.after(() => database.isOpen && database.close());
    return { database, index: openIdIndex(database, freshMax) };
  };
  return { ...open(), open };
}

const rows = (database: DatabaseSync, table: 'ids' | 'fresh_ids') =>
  Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count']);

test('a message is found by its code from when it was added, wherever that lies by then', async (context) => {
  const { database, index, open } = await opened(context);
  const coded = made(5_000, 1);
  for (const [nth, each] of coded.entries()) {
    write(database, index, [each]);
    assert.deepEqual(found(database, each[0]).at(-1), each[1], `when it came, ${nth}`);
  }
  assert.ok(rows(database, 'ids') >= coded.length - freshMax, 'all but the last are in the table');
  const expected = coded.toSorted(byCode);
  for (const reader of [database, open().database]) {
    assert.deepEqual(foundBetween(reader, -(2 ** 31), 2 ** 48 - 1), expected);
    for (const [low, high] of [
      [-50_000_000, 50_000_000],
      [2 ** 40, 2 ** 44],
      [7, 6],
    ] as const)
      assert.deepEqual(
        foundBetween(reader, low, high),
        expected.filter(([code]) => code >= low && code <= high),
      );
  }
});

test('several messages of one code are all found, and one that was added twice once', async (context) => {
  const { database, index } = await opened(context);
  writeAll(database, index, [
    [5, 1],
    [5, 2],
  ]);
  writeAll(database, index, made(2_000, 2));
  writeAll(database, index, [
    [5, 2],
    [5, 3],
  ]);
  assert.deepEqual(found(database, 5), [1, 2, 3]);
});

test('what is in the log ends when all of it is in the table', async (context) => {
  const { database, index } = await opened(context);
  writeAll(database, index, made(30_000, 3));
  const commits = Math.ceil(30_000 / 7);
  assert.ok(rows(database, 'fresh_ids') < commits / 2, `${rows(database, 'fresh_ids')} of ${commits} are left`);
});

test('what was rolled back is not found, and what was there before is', async (context) => {
  const { database, index } = await opened(context);
  writeAll(database, index, made(1_000, 4));
  write(database, index, [[11, 1]]);
  const before = foundBetween(database, -(2 ** 31), 2 ** 48 - 1);
  database.exec('BEGIN');
  for (const [code, message] of made(2_000, 5)) index.add(code, message);
  index.write();
  database.exec('ROLLBACK');
  index.forget();
  assert.deepEqual(foundBetween(database, -(2 ** 31), 2 ** 48 - 1), before);
});

test('who has just opened the file is told the same at the first look as at the tenth', async (context) => {
  const { database, index, open } = await opened(context);
  const coded = made(1_000, 5);
  writeAll(database, index, coded);
  const { database: later } = open();
  const newest = coded.slice(-20);
  for (const [code, message] of newest.toReversed()) assert.deepEqual(found(later, code), [message]);
  const { database: last } = open();
  const [low, high] = [-1_000_000_000, 1_000_000_000_000];
  const between = coded.filter(([code]) => code >= low && code <= high).sort(byCode);
  for (let look = 0; look < 10; look++) assert.deepEqual(foundBetween(last, low, high), between);
});

test('what is removed is nowhere in the file, and does not come back', async (context) => {
  const { database, index, open } = await opened(context);
  const coded = made(3_000, 6);
  writeAll(database, index, coded);
  const gone = coded.filter((_, nth) => nth % 5 === 0);
  const left = coded.filter((_, nth) => nth % 5 !== 0).sort(byCode);
  for (let at = 0; at < gone.length; at += 50) {
    database.exec('BEGIN');
    index.remove(gone.slice(at, at + 50));
    database.exec('COMMIT');
  }
  assert.deepEqual(foundBetween(database, -(2 ** 31), 2 ** 48 - 1), left);
  // Those that were in the log come back, if it still has them.
  const later = made(30_000, 7).map(([code, message]): Coded => [code, message + 10_000]);
  const { database: other, index: theirs } = open();
  writeAll(other, theirs, later);
  assert.deepEqual(foundBetween(other, -(2 ** 31), 2 ** 48 - 1), [...left, ...later].sort(byCode));
});

test('another process finds what was added, once it has forgotten what it knew', async (context) => {
  const { database, index, open } = await opened(context);
  const other = open();
  assert.deepEqual(found(other.database, 3), []);
  write(database, index, [[3, 9]]);
  other.index.forget();
  assert.deepEqual(found(other.database, 3), [9]);
});
