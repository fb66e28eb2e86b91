import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import { textWidth } from '../../../src/cli/text/width.ts';

test('a text is as wide as a terminal shows it, whatever is in it', () => {
  const texts = [
    'payment.charge',
    '└ ├ │ ─ … §¿é×ÿ',
    'ǆĀ\u02ff',
    '注文 🚚',
    '\u001b[31mred\u001b[39m',
    'e\u0301',
    '\u00ad\u200b\t',
    '',
  ];
  for (const text of texts) assert.equal(textWidth(text), stringWidth(text), JSON.stringify(text));
  for (let code = 0x20; code < 0x3000; code++) {
    const text = `a${String.fromCodePoint(code)}`;
    assert.equal(textWidth(text), stringWidth(text), code.toString(16));
  }
});
