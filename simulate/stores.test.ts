import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEngineInstalled } from '../packages/ledger/test/clickhouse-engine/engine.ts';
import { compareInProcess, windowRoutesFor } from './stores.ts';

const WORKFLOWS = 2;
/** More than are fetched whole. */
const MANY = 12;
const skip = !isEngineInstalled && 'ClickHouse is not installed';

test('both stores answer every question with the same bytes', { skip }, async () => {
  const { asked, different } = await compareInProcess(7, WORKFLOWS);
  assert.deepEqual(different, []);
  assert.ok(asked > WORKFLOWS * 40, `only ${asked} were asked`);
});

test('of a time with many workflows both stores say the same bytes', { skip }, async () => {
  const { asked, different } = await compareInProcess(11, MANY, undefined, (all) => windowRoutesFor(all.slice(0, 2)));
  assert.deepEqual(different, []);
  assert.ok(asked > 40, `only ${asked} were asked`);
});
