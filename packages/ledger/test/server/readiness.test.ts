import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { runLedger } from './running-ledger.ts';

test('a ledger is ready while facts can be written, and alive also when they cannot', async (context) => {
  const store = openSqliteStore({ path: ':memory:' });
  const { get } = await runLedger(context, store);
  const ready = await get('/readyz');
  assert.deepEqual([ready.status, ready.json], [200, { status: 'ready' }]);
  assert.equal((await store.upkeep.commits()).groups, 1);
  await store.close();
  const closed = await get('/readyz');
  assert.deepEqual([closed.status, closed.json.code], [503, 'LEDGER_CLOSED']);
  assert.equal((await get('/healthz')).status, 200);
});
