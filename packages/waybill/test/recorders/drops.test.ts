import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countDrops } from '../../src/recorders/drops.ts';
import { NOW } from '../known-waybill.ts';
import { aFact } from './a-fact.ts';

test('what was dropped is counted by reason, since the first of it', () => {
  const drops = countDrops();
  for (const number of [5, 2, 9]) drops.add(aFact(number, { version: '1' }), 'buffer full');
  drops.add(aFact(7), 'refused: HTTP 400');
  assert.equal(drops.total(), 4);
  const told = drops.take(() => 'fct_0');
  assert.deepEqual(
    told.map(({ kind, fact_id, service, instance, count, since, why }) => [
      kind,
      fact_id,
      service,
      instance,
      count,
      since,
      why,
    ]),
    [
      ['dropped', 'fct_0', 'checkout', 'checkout-1', 3, NOW + 2, 'buffer full'],
      ['dropped', 'fct_0', 'checkout', 'checkout-1', 1, NOW + 7, 'refused: HTTP 400'],
    ],
  );
  assert.deepEqual([drops.total(), drops.take(() => 'fct_1')], [0, []]);
});

test('how many were dropped since the start goes on after they were told, and no telling counts again', () => {
  const drops = countDrops();
  for (const number of [1, 2]) drops.add(aFact(number), 'buffer full');
  for (const told of drops.take(() => 'fct_0')) drops.add(told, 'refused: HTTP 400');
  drops.add(aFact(3), 'refused: HTTP 400');
  drops.add(aFact(4), 'buffer full');
  assert.deepEqual(
    [...drops.sinceStart],
    [
      ['buffer full', 3],
      ['refused: HTTP 400', 1],
    ],
  );
});

test('a fact that tells of others, dropped itself, stands for all of them and their time', () => {
  const drops = countDrops();
  for (const number of [1, 2, 3]) drops.add(aFact(number), 'buffer full');
  for (const told of drops.take(() => 'fct_0')) drops.add(told, 'refused: HTTP 400');
  drops.add(aFact(4), 'refused: HTTP 400');
  const [again] = drops.take(() => 'fct_1');
  assert.deepEqual([again?.count, again?.since], [4, NOW + 1]);
});
