import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { openRetention } from '../../src/server/retention.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactStore } from '../../src/store/store.ts';
import { sent, settled } from '../store/made-facts.ts';

const hour = 3_600_000;
const day = 24 * hour;
const fail = (error: unknown) => assert.fail(String(error));

const ended = (id: string, at: number, bindings?: string) =>
  settled({ message_id: id, correlation_id: id, at, ...(bindings && { bindings }) });
const waiting = (id: string, at: number) => sent({ message_id: id, correlation_id: id, at });
const left = (store: FactStore, ...ids: string[]) =>
  store.read((reader) => ids.filter((id) => reader.find(id, 1).length === 1));

test('a workflow goes when it was quiet for as long as is kept, one that still waits after twice that', async () => {
  const store = openSqliteStore({ path: ':memory:' });
  await store.append([ended('ended', 0), waiting('waiting', 0), ended('later', day)]);
  const at = async (now: number) => {
    await openRetention(store, fail, { keepMs: 30 * day, now: () => now }).run();
    return left(store, 'ended', 'waiting', 'later');
  };
  assert.deepEqual(await at(30 * day), ['ended', 'waiting', 'later']);
  assert.deepEqual(await at(30 * day + 1), ['waiting', 'later']);
  assert.deepEqual(await at(60 * day), ['waiting']);
  assert.deepEqual(await at(60 * day + 1), []);
});

test('where more is in use than may be, the oldest go until there is room', async () => {
  const store = openSqliteStore({ path: ':memory:' });
  // Of what is all the same a store makes little.
  const bindings = () => JSON.stringify({ much: randomBytes(6_000).toString('base64') });
  await store.append(Array.from({ length: 1_000 }, (_, n) => ended(`m${n}`, n, bindings())));
  const full = (await store.upkeep.sizes()).usedBytes;
  await openRetention(store, fail, { bytesMax: full / 2, now: () => day }).run();
  const { usedBytes } = await store.upkeep.sizes();
  assert.ok(usedBytes < full / 2 && usedBytes > full / 4, `${usedBytes} of ${full}`);
  assert.deepEqual(await left(store, 'm0', 'm300', 'm999'), ['m999']);
});

test('what is of the last hour, or waits since less than a day, stays also where there is no room, and that is told once', async () => {
  const store = openSqliteStore({ path: ':memory:' });
  const now = 2 * day;
  await store.append([ended('old', 0), waiting('waits', day + hour), waiting('waited', 0), ended('new', now - hour)]);
  const told: string[] = [];
  const retention = openRetention(store, (error) => told.push((error as { code: string }).code), {
    bytesMax: 1,
    now: () => now,
  });
  await retention.run();
  await retention.run();
  assert.deepEqual(await left(store, 'old', 'waits', 'waited', 'new'), ['waits', 'new']);
  assert.deepEqual(told, ['LEDGER_OVERFULL']);
});

test('a ledger that is only for trying out spares no more than it is told', async () => {
  const store = openSqliteStore({ path: ':memory:' });
  await store.append([ended('hour', day - hour), waiting('waits', day - hour), ended('new', day - 1)]);
  await openRetention(store, () => {}, { bytesMax: 1, sparedMs: hour / 2, now: () => day }).run();
  assert.deepEqual(await left(store, 'hour', 'waits', 'new'), ['new']);
});

test('what comes in is taken while old workflows go', async () => {
  const store = openSqliteStore({ path: ':memory:' });
  await store.append(Array.from({ length: 20_000 }, (_, n) => ended(`m${n}`, n)));
  let isDone = false;
  const running = openRetention(store, fail, { keepMs: hour, now: () => day })
    .run()
    .then(() => {
      isDone = true;
    });
  let appended = 0;
  for (; !isDone; appended++) await store.append([waiting(`new${appended}`, day)]);
  await running;
  assert.ok(appended > 10, String(appended));
  assert.equal((await store.read((reader) => reader.extent())).facts, appended);
});

test('without limits nothing ever goes', async () => {
  const store = openSqliteStore({ path: ':memory:' });
  await store.append([ended('old', 0)]);
  await openRetention(store, fail, { now: () => 10_000 * day }).run();
  assert.deepEqual(await left(store, 'old'), ['old']);
});
