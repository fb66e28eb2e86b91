import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openClickhouseStore, openSqliteStore } from '@waybill/ledger';
import { isEngineInstalled } from '../packages/ledger/test/clickhouse-engine/engine.ts';
import { sharedEngine } from '../packages/ledger/test/clickhouse-engine/shared-engine.ts';
import { compareStores } from './stores.ts';

const WORKFLOWS = 2;
const skip = !isEngineInstalled && 'ClickHouse is not installed';

test('both stores answer every question with the same bytes', { skip }, async (context) => {
  const sqlite = openSqliteStore({ path: ':memory:' });
  const { database } = await sharedEngine();
  const clickhouse = await openClickhouseStore({ url: await database('compared'), everyMs: 0 });
  context.after(() => Promise.all([sqlite.close(), clickhouse.close()]));
  const { asked, different } = await compareStores([sqlite, clickhouse], 7, WORKFLOWS);
  assert.deepEqual(different, []);
  assert.ok(asked > WORKFLOWS * 40, `only ${asked} were asked`);
});
