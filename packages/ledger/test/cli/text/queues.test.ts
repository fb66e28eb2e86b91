import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalOf } from '../../../src/cli/terminal.ts';
import { queuesText } from '../../../src/cli/text/queues.ts';
import type { QueueRow, QueuesData } from '../../../src/questions/queues/answer.ts';
import { queuesData } from '../../answers.ts';
import { asOf } from '../../checkout-answers.ts';

const text = (changes: Partial<QueuesData>, columns = 80) =>
  queuesText({ ...queuesData(), ...changes }, asOf, terminalOf({}, { COLUMNS: String(columns) }, {}));
const queue = (changes: Partial<QueueRow> = {}): QueueRow => {
  const [row] = queuesData().queues;
  if (row === undefined) throw new Error('workflow.json has no queues');
  return { ...row, ...changes };
};
const nothing = { queues: [], unknown: [] };

test('where no queue is known, the page says what was searched', () => {
  assert.equal(text({ ...nothing, destinations: 3 }), 'No queues among 3 destinations in 29 facts since 14:00.\n');
});

test('where every queue is empty, the page says that nothing waits', () => {
  assert.equal(text({ ...nothing, queues: [queue({ depth: 0 })] }), 'Nothing waits. 1 empty.\n');
});

test('one queue without anything to remark is one row', () => {
  assert.equal(text({ ...nothing, queues: [queue()] }).split('\n').length, 3);
});

test('what nobody declared, learned or probed is unknown, and never 0', () => {
  const blank = {
    ...{ depth: null, oldest_ms: null, consumers: null, lease_ms: null, run_p99_ms: null },
    ...{ queued_p50_ms: null, queued_p99_ms: null },
  };
  const row = text({ ...nothing, queues: [queue(blank)] }).split('\n')[1];
  assert.match(row ?? '', /^reports( +unknown){6}$/);
  assert.match(text({ queues: [queue({ queued_p50_ms: null })] }), / unknown, 4\.8s /);
});

test('a depth that was worked out from facts is marked as inferred', () => {
  const printed = text({ ...nothing, queues: [queue({ depth_evidence: 'inferred' })] });
  assert.match(printed, /^reports +2\* .*\n\* \[inferred\] from sends without a start\.\n$/m);
});

test('where more wait than were looked at, what was worked out is at least so', () => {
  const printed = text({ ...nothing, queues: [queue({ depth_evidence: 'inferred' })], is_at_least: true });
  assert.match(printed, /\n\* \[inferred\] from sends without a start, at least\.\n$/);
});

test('queues beyond the rows are counted', () => {
  assert.match(text({ not_shown: 40 }), /\n… and 40 more\n! lease above 20x/);
});

test('figures that do not fit side by side get a line each, and none is cut', () => {
  const deep = queue({ depth: 123_456_789, oldest_ms: 40 * 86_400_000, destination: 'q'.repeat(40) });
  const printed = text({ ...nothing, queues: [deep] }, 62);
  assert.match(printed, /^q{40}\n {2}depth 123,456,789\n {2}oldest 40d00h00m00s\n/);
});
