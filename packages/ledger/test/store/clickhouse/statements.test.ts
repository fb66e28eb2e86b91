import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const folder = join(import.meta.dirname, '../../../src/store/clickhouse');

interface Statement {
  readonly file: string;
  readonly text: string;
}

/** Every statement, with the parts that it is made of put in. */
function statements(): Statement[] {
  return globSync('*.ts', { cwd: folder }).flatMap((file) => {
    const source = readFileSync(join(folder, file), 'utf8');
    const parts = new Map(
      [...source.matchAll(/^const ([A-Z_]+) =\s*[`']([^`']*)[`'];/gm)].map(([, name = '', text = '']) => [name, text]),
    );
    const whole = (text: string): string =>
      text.replaceAll(/\$\{([A-Z_]+)\}/g, (_, name) => whole(parts.get(name) ?? ''));
    return [...source.matchAll(/`(-- [^`]*)`/g)].map(([, text = '']) => ({ file, text: whole(text) }));
  });
}

/** Read as a whole, and said to be so. */
const ALL = /Reads all of them|of all that came last|How much is there|is on the disk/;
const OF_A_WORKFLOW = /correlation_id (=|IN|GLOBAL IN) /;
const OF_A_TIME = /\b(at|arrival) (>=?|<) \{/;

test('every statement says what it asks', () => {
  assert.ok(statements().length >= 25, String(statements().length));
  for (const { file, text } of statements()) assert.match(text, /^-- [A-Z][^\n]*[?.]\n/, `${file}: ${text}`);
});

test('facts are read by their workflow or by their time: no statement reads all of them unless it says so', () => {
  const reading = statements().filter(({ text }) => /\bFROM facts\b/.test(text));
  assert.ok(reading.length >= 15, String(reading.length));
  for (const { file, text } of reading)
    for (const part of text.split(/\bFROM facts\b/).slice(1))
      assert.ok(ALL.test(text) || OF_A_WORKFLOW.test(part) || OF_A_TIME.test(part), `${file}: ${text}`);
});

test('what is asked of a known workflow is asked of its shard alone: its id is in the condition', () => {
  for (const { file, text } of statements().filter((each) => /\{workflows?:/.test(each.text)))
    assert.match(text, /correlation_id (=|IN) \{workflows?:/, `${file}: ${text}`);
});

test('no text of a sender is ever in a statement: what is put in by the program are names, numbers and endings', () => {
  const put = globSync('*.ts', { cwd: folder }).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/`-- [^`]*`/g)].flatMap(([text]) =>
      [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, name = '']) => name),
    ),
  );
  const known = new Set([
    'endingCondition(ranges)',
    'workflowsOf(ranges)',
    'workflowsAtOnce',
    'valuesMax',
    'keysOfMinute',
    'keyEndingMask',
    'arrivalsPerSecond',
  ]);
  for (const name of put) assert.ok(known.has(name) || /^[A-Z_]+$/.test(name), name);
});
