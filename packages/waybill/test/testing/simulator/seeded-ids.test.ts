import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintId } from '../../../src/core/ids.ts';
import { isTraceId } from '../../../src/core/w3c.ts';
import { createRandom } from '../../../src/testing/simulator/random.ts';
import { createSeededIds } from '../../../src/testing/simulator/seeded-ids.ts';

const AT = 1_773_727_200_123;

test('ids have the form of real ones: the time first, and the version and variant of a UUIDv7', () => {
  const ids = createSeededIds(createRandom(1, 0, 2));
  const id = ids.mintId('msg', AT);
  assert.match(id, /^msg_[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.equal(id.slice(0, 14), mintId('msg', AT).slice(0, 14));
  assert.match(id.slice(14), /^[EF].[0-9A-Z][89ABRSTV]/); // 0111 stands in the first digit of these, 10 in the fourth
});

test('ids are the same for the same seed, and never repeat', () => {
  const [one, other] = [createSeededIds(createRandom(1, 0, 2)), createSeededIds(createRandom(1, 0, 2))];
  const minted = Array.from({ length: 1_000 }, () => one.mintId('exe', AT));
  assert.deepEqual(
    minted,
    minted.map(() => other.mintId('exe', AT)),
  );
  assert.equal(new Set(minted).size, 1_000);
});

test('trace ids are ones that W3C allows', () => {
  const ids = createSeededIds(createRandom(1, 0, 2));
  for (let count = 0; count < 100; count++) assert.ok(isTraceId(ids.mintTraceId()));
});
