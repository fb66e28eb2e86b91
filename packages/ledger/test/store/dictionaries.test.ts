import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { laidTogetherMax } from '../../src/store/lay-facts.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { alter } from './alter.ts';
import { sent } from './made-facts.ts';
import { temporaryFolder } from './suite.ts';

const factOf = (n: number) =>
  sent({
    ...{ fact_id: `f${n}`, message_id: `m${n}`, tenant_id: n % 2 === 0 ? 'even' : 'odd', at: n },
    bindings: `{"user_of_somebody":"user ${n}","plan":"secret-${n}","card":${4_000_000 + n}}`,
  });

async function filled(context: TestContext, facts: number): Promise<string> {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  for (let from = 0; from < facts; from += 100)
    await store.append(Array.from({ length: 100 }, (_, n) => factOf(from + n)));
  await store.close();
  return path;
}

test('what blocks have in common is learned early, and seldom anew, and says nothing of what facts said', async (context) => {
  const path = await filled(context, 4_000);
  const dictionaries = alter(path, 'SELECT since, text FROM dictionaries ORDER BY key');
  assert.deepEqual(
    dictionaries.map(({ since }) => since),
    [2, 6, 14, 30, 62, 126],
  );
  for (const { text } of dictionaries) {
    assert.match(String(text), /user_of_somebody/);
    assert.doesNotMatch(String(text), /user \d|secret|4000|even|odd/);
  }
});

test('facts are read with the dictionary of their block, also by who opens the file later', async (context) => {
  const path = await filled(context, 4_000);
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  for (const n of [0, 40, 400, 1_333, 3_999])
    assert.deepEqual(await store.read(({ factsOf }) => factsOf([`m${n}`])), [factOf(n)]);
  await store.append([factOf(4_000)]);
  await store.upkeep.forget({ tenant: 'even' }, () => {});
  for (const n of [0, 40, 4_000]) assert.deepEqual(await store.read(({ factsOf }) => factsOf([`m${n}`])), []);
  for (const n of [1, 41, 3_999]) assert.deepEqual(await store.read(({ factsOf }) => factsOf([`m${n}`])), [factOf(n)]);
});

test('a dictionary that is gone, or not what was written, is damage, and no other answer', async (context) => {
  const path = await filled(context, 4_000);
  const asked = async () => {
    const store = openSqliteStore({ path });
    try {
      return await store.read(({ factsOf }) => factsOf(['m3000']));
    } finally {
      await store.close();
    }
  };
  alter(path, `UPDATE dictionaries SET text = replace(text, 'somebody', 'everybody')`);
  await assert.rejects(asked(), { code: 'LEDGER_DAMAGED' });
  alter(path, 'DELETE FROM dictionaries');
  await assert.rejects(asked(), { code: 'LEDGER_DAMAGED' });
});

test('where a block is damaged more is taken all the same, and all else is read', async (context) => {
  const path = await filled(context, 200);
  alter(path, 'UPDATE blocks SET lines = zeroblob(200) WHERE block = 7');
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  await store.append(Array.from({ length: 400 }, (_, n) => factOf(1_000 + n)));
  assert.ok(alter(path, 'SELECT key FROM dictionaries').length > 3);
  await assert.rejects(
    store.read(({ factsOf }) => factsOf(['m115'])),
    { code: 'LEDGER_DAMAGED' },
  );
  assert.deepEqual(await store.read(({ factsOf }) => factsOf(['m3', 'm1399'])), [factOf(3), factOf(1_399)]);
});

test('what was rolled back has left no dictionary behind', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  // More than are laid down together: the first of them are packed already when the last is refused.
  const many = Array.from({ length: laidTogetherMax + 1 }, (_, n) => factOf(n));
  const bad = { ...factOf(many.length), at: Number.NaN };
  await assert.rejects(store.append([...many, bad]));
  assert.deepEqual(alter(path, 'SELECT key FROM dictionaries'), []);
  await store.append(many);
  await store.close();
  const opened = openSqliteStore({ path });
  context.after(() => opened.close());
  assert.deepEqual(await opened.read(({ factsOf }) => factsOf(['m150'])), [factOf(150)]);
});
