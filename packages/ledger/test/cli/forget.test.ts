import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { workflowFacts } from '../workflow.ts';
import { ledgerFile, waybill } from './command.ts';

test('forget tells what it would delete, and deletes it when that was said', async (context) => {
  const db = await ledgerFile(context, workflowFacts());
  const words = ['forget', '--tenant', 'acme-eu', '--db', db];
  const asked = await waybill(words);
  assert.equal(asked.code, 2);
  assert.match(
    asked.stderr,
    /^error: this deletes 8 messages with all .* \(NOT_CONFIRMED\)\nfix: {3}waybill forget --tenant acme-eu --db .* --yes\n$/,
  );
  assert.equal((await waybill(['why', 'PWASC1', '--db', db])).code, 0);
  const done = await waybill([...words, '--yes']);
  assert.deepEqual([done.code, done.stderr], [0, '8 messages deleted, 29 facts\n']);
  assert.equal((await waybill(['why', 'PWASC1', '--db', db])).code, 3);
});

test('forget needs to be told whom, and of whom nothing is known has nothing', async (context) => {
  const db = await ledgerFile(context, workflowFacts());
  assert.match((await waybill(['forget', '--db', db])).stderr, /forget needs --tenant or --business-key/);
  const { code, stderr } = await waybill(['forget', '--business-key', 'order:none', '--db', db]);
  assert.deepEqual([code, stderr], [0, '0 messages deleted, 0 facts\n']);
});

test('a ledger that is open goes on with what is left', async (context) => {
  const db = await ledgerFile(context, workflowFacts());
  const store = openSqliteStore({ path: db });
  context.after(() => store.close());
  const [fact] = workflowFacts();
  assert.ok(fact);
  await store.append([fact]);
  assert.equal((await waybill(['forget', '--tenant', 'acme-eu', '--db', db, '--yes'])).code, 0);
  assert.deepEqual(await store.append([fact]), { stored: 1, repeated: 0 });
  assert.deepEqual(await store.read((reader) => reader.factsOf([fact.message_id])), [fact]);
});
