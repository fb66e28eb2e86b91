import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FactBuffer } from '../../src/recorders/fact-buffer.ts';
import { aFact } from './a-fact.ts';

function bufferOf(countMax: number, bytesMax = 1e9) {
  const dropped: string[] = [];
  const buffer = new FactBuffer({ countMax, bytesMax }, (fact) => void dropped.push(fact.fact_id));
  return { buffer, dropped };
}

const idsOf = (facts: readonly { readonly fact_id: string }[]) => facts.map(({ fact_id }) => fact_id);

test('facts come out oldest first, as many as are asked for', () => {
  const { buffer } = bufferOf(10);
  for (const number of [1, 2, 3]) buffer.add(aFact(number));
  assert.deepEqual(idsOf(buffer.take(2)), ['fct_1', 'fct_2']);
  assert.equal(buffer.count, 1);
  assert.deepEqual(idsOf(buffer.take(9)), ['fct_3']);
  assert.deepEqual([buffer.take(1), buffer.count], [[], 0]);
});

test('what does not fit by count pushes the oldest out', () => {
  const { buffer, dropped } = bufferOf(2);
  for (const number of [1, 2, 3, 4]) buffer.add(aFact(number));
  assert.deepEqual(dropped, ['fct_1', 'fct_2']);
  assert.deepEqual(idsOf(buffer.take(9)), ['fct_3', 'fct_4']);
});

test('what does not fit by weight pushes the oldest out, and what was taken weighs nothing any more', () => {
  const { buffer, dropped } = bufferOf(100, 10_000);
  const heavy = (number: number) => aFact(number, { bindings: 'x'.repeat(3000) });
  for (const number of [1, 2, 3]) buffer.add(heavy(number));
  assert.deepEqual(dropped, ['fct_1']);
  buffer.take(2);
  for (const number of [4, 5]) buffer.add(heavy(number));
  assert.deepEqual(dropped, ['fct_1']);
  buffer.add(heavy(6));
  assert.deepEqual(dropped, ['fct_1', 'fct_4']);
});

test('one fact that is heavier than all the room is kept alone', () => {
  const { buffer, dropped } = bufferOf(100, 10);
  buffer.add(aFact(1));
  buffer.add(aFact(2));
  assert.deepEqual([dropped, buffer.count], [['fct_1'], 1]);
});

test('what goes in comes out or is dropped, whatever the order of adding and taking', () => {
  const { buffer, dropped } = bufferOf(1500);
  const taken: string[] = [];
  for (let number = 1; number <= 10_000; number++) {
    buffer.add(aFact(number));
    if (number % 7 === 0) taken.push(...idsOf(buffer.take(6)));
  }
  taken.push(...idsOf(buffer.take(Number.MAX_SAFE_INTEGER)));
  assert.equal(taken.length + dropped.length, 10_000);
  assert.equal(new Set([...taken, ...dropped]).size, 10_000);
  const numbers = taken.map((id) => Number(id.slice(4)));
  assert.deepEqual(
    numbers,
    [...numbers].sort((one, other) => one - other),
    'oldest first all the way',
  );
});
