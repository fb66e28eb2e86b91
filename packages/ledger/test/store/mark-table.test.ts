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

// Takes 0.1 s, and was not over after 40 where all of them stood in a row.
test('more marks of one millisecond than it has numbers for do not stand in each other’s way', {
  timeout: 20_000,
}, () => {
  const table = openMarkTable();
  const bitsOf = (n: number) => (5 << 19) | (n & 0x7ffff);
  for (let n = 1; n <= 600_000; n++) table.add(bitsOf(n), n);
  assert.deepEqual(table.placesOf(bitsOf(7)), [7, 7 + 2 ** 19]);
  assert.deepEqual(table.placesOf(bitsOf(500_000)), [500_000]);
});
