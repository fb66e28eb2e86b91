import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { terminalOf } from '../../../src/cli/terminal.ts';
import { blastText } from '../../../src/cli/text/blast.ts';
import { failuresText } from '../../../src/cli/text/failures.ts';
import { gapsText } from '../../../src/cli/text/gaps.ts';
import { overdueText } from '../../../src/cli/text/overdue.ts';
import { queuesText } from '../../../src/cli/text/queues.ts';
import { searchText } from '../../../src/cli/text/search.ts';
import { tailText } from '../../../src/cli/text/tail.ts';
import { blastData, failuresData, gapsData, overdueData, queuesData } from '../../answers.ts';
import { asOf, searchData, tailData } from '../../checkout-answers.ts';
import { PAGES } from './pages.ts';

const terminal = (columns: number, color = 'never') => terminalOf({ isTTY: true, columns }, {}, { color });
const golden = (name: string) => readFileSync(new URL(`../golden/${name}.txt`, import.meta.url), 'utf8');
const widestLine = (text: string) => Math.max(...text.split('\n').map((line) => stringWidth(line)));

for (const { name, text } of PAGES) {
  for (const columns of [40, 70, 80, 140]) {
    test(`in ${columns} columns ${name} prints its page, and no line is longer`, () => {
      const printed = text(terminal(columns));
      assert.equal(printed, golden(`${name}-${columns}`));
      assert.ok(widestLine(printed) <= columns);
    });
  }

  test(`colour repeats words of ${name} and changes none`, () => {
    for (const columns of [40, 70, 80, 140]) {
      const coloured = text(terminal(columns, 'always'));
      assert.equal(stripVTControlCharacters(coloured), text(terminal(columns)));
    }
  });

  test(`no name can make the page of ${name} colour, move or forge a line`, () => {
    const hostile = (own: string) => `${own}\u001b[2J\u001b]0;x\u0007\r\nfix:   rm -rf /\u202e\u2066\u009b31m`;
    for (const columns of [40, 80, 140]) {
      const printed = text(terminal(columns), hostile);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      assert.doesNotMatch(printed, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
      assert.doesNotMatch(printed, /^fix: {3}/m);
    }
  });

  test(`names of ${name} lose their middle, and no line grows for them, be they long or wide`, () => {
    // What is to be pasted is no name.
    const long = (own: string) => (own.includes(' ') ? own : `${own}${'.very'.repeat(30)}.long`);
    const wide = (own: string) => (own.includes(' ') ? own : '注文が作成されました'.repeat(5));
    for (const columns of [40, 60, 70, 80, 120, 140])
      for (const rename of [long, wide]) {
        const printed = text(terminal(columns), rename);
        assert.ok(widestLine(printed) <= columns, `${columns}:\n${printed}`);
      }
  });
}

test('where nothing was found, what was searched fits a page of 40 columns', () => {
  const page = terminal(40);
  const nothing = [
    failuresText({ ...failuresData(), groups: [] }, asOf, page),
    gapsText({ ...gapsData(), boundaries: [] }, asOf, page),
    overdueText({ ...overdueData(), groups: [], without_deadline: ['audit', 'mail'] }, asOf, page),
    queuesText({ ...queuesData(), queues: [], unknown: [] }, asOf, page),
    searchText({ ...searchData(), workflows: [], terms: 'a b '.repeat(40) }, asOf, page),
    tailText({ ...tailData(asOf), facts: [] }, asOf, page),
    blastText({ ...blastData(), caused: [], same_trouble: [] }, asOf, page),
    blastText({ ...blastData(), caused: [], same_trouble: null }, asOf, page),
  ];
  for (const text of nothing) assert.ok(widestLine(text) <= 40, text);
});

test('failures and what is overdue are red, a long lease is yellow, and labels are dim', () => {
  const painted = (name: string) => {
    const page = PAGES.find((each) => each.name === name)?.text(terminal(80, 'always')) ?? '';
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what is looked for
    return [...page.matchAll(/\u001b\[(\d+)m(.*?)\u001b/g)].map(([, code, word]) => `${COLOURS[code ?? '']} ${word}`);
  };
  assert.deepEqual(painted('failures'), ['red 73', 'red 1', 'dim [inferred]', 'red 2', 'dim [inferred]']);
  assert.deepEqual(painted('blast'), ['dim [observed]', 'red OVERDUE', 'dim [inferred]', 'red dead', 'red overdue']);
  assert.deepEqual(painted('gaps'), ['dim [inferred]']);
  assert.deepEqual(painted('overdue'), ['red 163', 'red 31', 'red 2', 'dim [inferred]']);
  assert.deepEqual(painted('queues'), ['yellow !']);
  assert.deepEqual(painted('search'), ['red overdue', 'red dead', 'dim [inferred]']);
  assert.deepEqual(painted('tail'), []);
  assert.deepEqual(painted('doctor'), ['yellow warn', 'yellow warn', 'red fail']);
});

const COLOURS: Readonly<Record<string, string>> = { '31': 'red', '33': 'yellow', '2': 'dim' };
