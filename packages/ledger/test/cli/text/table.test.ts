import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalOf } from '../../../src/cli/terminal.ts';
import { shortName } from '../../../src/cli/text/ids.ts';
import { type Column, table } from '../../../src/cli/text/table.ts';

interface Row {
  readonly count: number;
  readonly name: string;
  readonly note: string;
}

const rows: readonly Row[] = [
  { count: 7, name: 'payments', note: 'late' },
  { count: 12_000, name: 'n'.repeat(100), note: '' },
];
const columns: readonly Column<Row>[] = [
  { head: 'COUNT', of: ({ count }) => String(count), isRight: true },
  { head: 'NAME', of: ({ name }, width) => shortName(name, width), least: 10 },
  { head: 'NOTE', of: ({ note }) => note, isUnder: 'narrow' },
];
const at = (width: number, all = columns) => table(rows, all, terminalOf({}, { COLUMNS: String(width) }, {}));

test('only names give way, so that a row fills its line and no more', () => {
  const [head, short, long] = at(80);
  assert.equal(head?.indexOf('NOTE'), 76);
  assert.equal(short, `    7  payments${' '.repeat(61)}late`);
  assert.match(long ?? '', /^12000 {2}n{33}…n{33}$/);
});

test('from 60 to 79 columns notes stand under the name they are about', () => {
  assert.deepEqual(at(79).slice(0, 3), ['COUNT  NAME', '    7  payments', '       late']);
});

test('below 60 each field has its own line, after the name', () => {
  assert.deepEqual(at(59).slice(0, 3), ['payments', '  count 7', '  note late']);
});

test('a page that is too narrow for its figures lists them, whatever its width', () => {
  const wide: Column<Row> = { head: 'ID', of: ({ name }) => name };
  assert.equal(at(80, [...columns, wide])[1], '  count 7');
});

test('the widest name gives way first', () => {
  const both: readonly Column<Row>[] = [
    { head: 'A', of: (_, width) => shortName('a'.repeat(20), width), least: 5 },
    { head: 'B', of: (_, width) => shortName('b'.repeat(90), width), least: 5 },
  ];
  assert.match(at(80, both)[1] ?? '', /^a{20} {2}b+…b+$/);
});
