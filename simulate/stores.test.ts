import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEngineInstalled } from '../packages/ledger/test/clickhouse-engine/engine.ts';
import { compareInProcess } from './stores.ts';

const WORKFLOWS = 2;
const skip = !isEngineInstalled && 'ClickHouse is not installed';

test('both stores answer every question with the same bytes', { skip }, async () => {
  const { asked, different } = await compareInProcess(7, WORKFLOWS);
  assert.deepEqual(different, []);
  assert.ok(asked > WORKFLOWS * 40, `only ${asked} were asked`);
});
