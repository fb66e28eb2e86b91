import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../waybill/test/seeded.ts';
import { Texts } from '../../src/ingest/texts.ts';

test('texts are what their bytes say, however alike they are and however often they come', () => {
  const chance = seeded(3);
  // Few different characters and lengths, so that thousands of them meet in the same slots.
  const known = Array.from(
    { length: 3_000 },
    () => chance.pick(['', 'é', '☕', '🚂']) + chance.text(50).toWellFormed().replace(/[ -~]/g, 'a'),
  );
  known.push('\ufffd', '\ufeffmark', 'a'.repeat(48), 'a'.repeat(49), `${'a'.repeat(47)}b`);
  const written = Array.from({ length: 20_000 }, () => chance.pick(known));
  // These three meet for certain, and the first lies where a slot begins that nobody has filled.
  written.unshift('aacd', 'bbcd', 'aacd');
  const bytes = Buffer.from(written.join(''));
  const texts = new Texts(bytes);
  let start = 0;
  for (const text of written) {
    const end = start + Buffer.byteLength(text);
    assert.equal(texts.at(start, end), text);
    start = end;
  }
});

test('a text that is not UTF-8 is none, also when it comes again', () => {
  for (const hex of ['ff', '61c3', 'eda080', 'c080', 'f4908080', 'efbfbdff']) {
    const bytes = Buffer.from(`${hex}${hex}`, 'hex');
    const texts = new Texts(bytes);
    const length = bytes.length / 2;
    assert.deepEqual([texts.at(0, length), texts.at(length, 2 * length)], [null, null]);
  }
});
