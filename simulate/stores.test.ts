import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from 'waybill/testing';
import { isEngineInstalled } from '../packages/ledger/test/clickhouse-engine/engine.ts';
import { compareInProcess, oneIn, windowRoutesFor } from './stores.ts';

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

test('of one in three routes about a few workflows each kind has its turn', () => {
  const all = [0, 1, 2, 3, 4, 5].map((index) =>
    simulate({ seed: 1, index }).facts.filter((fact) => fact.kind !== 'dropped'),
  );
  // A question, and by which parameters it is asked.
  const kindsOf = (parts: number) => new Set([...oneIn(parts)(all)].map((route) => route.replaceAll(/=[^&]*/g, '')));
  assert.deepEqual(kindsOf(3), kindsOf(1));
});
