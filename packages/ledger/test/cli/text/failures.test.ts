import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import { terminalOf } from '../../../src/cli/terminal.ts';
import { failuresText } from '../../../src/cli/text/failures.ts';
import type { FailureRow, FailuresData } from '../../../src/questions/failures/answer.ts';
import { failuresData } from '../../answers.ts';
import { asOf } from '../../checkout-answers.ts';

const text = (changes: Partial<FailuresData>, columns = 80) =>
  failuresText({ ...failuresData(), ...changes }, asOf, terminalOf({}, { COLUMNS: String(columns) }, {}));
const [postcode] = failuresData().groups;
const row = (changes: Partial<FailureRow>): FailureRow => {
  if (postcode === undefined) throw new Error('workflow.json has no failures');
  return { ...postcode, ...changes };
};

test('where nothing failed, the page says what was searched', () => {
  assert.equal(text({ groups: [] }), 'No failed executions in 29 facts since 14:00.\n');
  const { searched } = failuresData();
  const early = { facts: 1, window: { ...searched.window, to: '2026-03-17T14:30:00.000Z' } };
  assert.equal(text({ groups: [], searched: early }), 'No failed executions in 1 fact from 14:00 to 14:30.\n');
});

test('one failure of one message is counted in the singular', () => {
  const one = { failed_executions: 1, messages: 1, dead: 0 };
  const totals = { total_failed_executions: 1, total_messages: 1, messages_in_several: [] };
  assert.equal(
    text({ groups: [row(one)], ...totals }),
    [
      'FAILED  MESSAGES  DEAD  LAST   CAUSE',
      '     1         1     0  14:46  AddressRejected: postcode missing',
      '1 execution of 1 message.',
      '',
    ].join('\n'),
  );
});

test('causes beyond the rows are counted, and large counts can be read', () => {
  const printed = text({ not_shown: 1_012, total_failed_executions: 12_345, is_at_least: true });
  assert.match(printed, /\n… and 1,012 more\nAt least 12,345 executions of 200 messages; /);
});

test('messages that are in three rows are said to be in several', () => {
  const in_three = ['msg_a', 'msg_b'].map((message_id, index) => ({ message_id, groups: index + 2 }));
  assert.match(text({ messages_in_several: in_three }), /; 2 messages are in several rows\.\n$/);
});

test('a failure of another day says of which', () => {
  assert.match(text({ groups: [row({ last_at: '2026-03-16T23:59:59.000Z' })] }), / 2026-03-16 23:59 {2}Address/);
});

test('a cause that is not certain keeps its label, however long it is', () => {
  const title = `Error: ${'very '.repeat(60)}long`;
  const printed = text({ groups: [row({ title, evidence: 'unknown' })] });
  assert.match(printed, /Error: very.*….*long \[unknown\]\n/);
  assert.ok(printed.split('\n').every((line) => stringWidth(line) <= 80));
});

test('a lost lease is told by its worker, whatever its title says', () => {
  const lost = row({ kind: 'lost', instance: 'mailer-1', title: 'something else', evidence: 'inferred' });
  assert.match(text({ groups: [lost] }), /Lease lost: worker mailer-1 \[inferred\]\n/);
});
