import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../waybill/test/seeded.ts';
import { createRecentTexts } from '../../src/store/recent-texts.ts';

test('what is remembered of a block is its own text, whatever came since, and the newest is always there', () => {
  const chance = seeded(11);
  const texts = createRecentTexts(1_000);
  const all = Array.from({ length: 60 }, () => Buffer.alloc(1 + chance.below(400), 97 + chance.below(26)));
  let remembered = 0;
  for (let step = 0; step < 5_000; step++) {
    const block = chance.below(all.length);
    const text = all[block] as Buffer; // sound: there are as many
    const before = texts.get(block);
    if (before !== undefined) assert.deepEqual(before, text);
    texts.set(block, text);
    assert.deepEqual(texts.get(block), text);
    for (const [other, its] of all.entries()) {
      const known = texts.get(other);
      if (known === undefined) continue;
      remembered++;
      assert.deepEqual(known, its);
    }
  }
  assert.ok(remembered > 5_000);
});

test('what is larger than all that may be remembered is not, and nothing is left when all is forgotten', () => {
  const texts = createRecentTexts(10);
  texts.set(1, Buffer.from('a'.repeat(11)));
  assert.equal(texts.get(1), undefined);
  texts.set(2, Buffer.from('b'.repeat(10)));
  assert.equal(texts.get(2)?.toString(), 'b'.repeat(10));
  texts.clear();
  assert.equal(texts.get(2), undefined);
});
