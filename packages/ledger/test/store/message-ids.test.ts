import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { sent, settled } from './made-facts.ts';

test('a message that got the key of a deleted one is not taken for that', async (context) => {
  const store = openSqliteStore({ path: ':memory:' });
  context.after(() => store.close());
  const of = (name: string) => sent({ message_id: name, correlation_id: name, business_key: `order:${name}` });
  const factsOf = (ids: string[]) => store.read((reader) => reader.factsOf(ids));
  const [first, second] = [of('first'), of('second')];
  await store.append([first]);
  assert.deepEqual(await factsOf(['first']), [first]);
  await store.upkeep.forget({ businessKey: 'order:first' }, () => {});
  await store.append([second]);
  assert.deepEqual(await factsOf(['first']), []);
  assert.deepEqual(await factsOf(['second', 'first']), [second]);
});

test('of a message that is asked for again what came meanwhile is told', async (context) => {
  const store = openSqliteStore({ path: ':memory:' });
  context.after(() => store.close());
  const [send, end] = [sent({ at: 1_000 }), settled({ at: 2_000 })];
  await store.append([send]);
  // Kept beyond the question: of a store in this process the look-ups work at any time.
  const reader = await store.read((kept) => kept);
  assert.deepEqual(reader.factsOf(['m']), [send]);
  await store.append([end]);
  assert.deepEqual(reader.factsOf(['m']), [send, end]);
});
