import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMarkTable } from '../../src/store/mark-table.ts';

test('each place is found by its bits, also of many whose last bits are the same', () => {
  const table = openMarkTable();
  const bitsOf = (n: number) => (n << 20) | (n % 3);
  for (let n = 1; n <= 2_000; n++) table.add(bitsOf(n), n);
  assert.equal(table.capacity(), 4_096);
  for (let n = 1; n <= 2_000; n++) assert.deepEqual(table.placesOf(bitsOf(n)), [n]);
  assert.deepEqual(table.placesOf(bitsOf(2_001)), []);
});

test('places of the same bits are all found, below zero and beyond 32 bits as well, and each is there once', () => {
  const table = openMarkTable();
  for (const place of [7, -3, 2 ** 40, 7]) table.add(-1, place);
  assert.deepEqual(table.placesOf(-1), [7, -3, 2 ** 40]);
  assert.equal(table.capacity(), 64);
});
