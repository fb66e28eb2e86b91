import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consoleRecorder } from '../../src/recorders/console.ts';
import { memoryRecorder } from '../../src/recorders/memory.ts';
import { aFact } from './a-fact.ts';

test('what is recorded is there in order, until it is cleared', () => {
  const recorder = memoryRecorder();
  const { facts } = recorder;
  for (const number of [1, 2]) recorder.record(aFact(number));
  assert.deepEqual(
    facts.map(({ fact_id }) => fact_id),
    ['fct_1', 'fct_2'],
  );
  recorder.clear();
  recorder.record(aFact(3));
  assert.deepEqual(
    facts.map(({ fact_id }) => fact_id),
    ['fct_3'],
  );
});

test('a fact on the console is one line of JSON, with a time that people read', () => {
  const lines: string[] = [];
  consoleRecorder((line) => void lines.push(line)).record(aFact(1, { tenant_id: 'a\nb', at: 0 }));
  assert.equal(lines.length, 1);
  assert.ok(lines[0]?.endsWith('}\n') && lines[0].indexOf('\n') === lines[0].length - 1);
  assert.deepEqual(
    [JSON.parse(lines[0] ?? '').at, JSON.parse(lines[0] ?? '').tenant_id],
    ['1970-01-01T00:00:00.000Z', 'a\nb'],
  );
});
