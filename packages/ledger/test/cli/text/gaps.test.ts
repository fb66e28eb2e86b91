import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalOf } from '../../../src/cli/terminal.ts';
import { gapsText } from '../../../src/cli/text/gaps.ts';
import type { BoundaryRow, GapsData, LinkedBy } from '../../../src/questions/gaps/answer.ts';
import { gapsData } from '../../answers.ts';
import { asOf } from '../../checkout-answers.ts';

const text = (changes: Partial<GapsData>, columns = 80) =>
  gapsText({ ...gapsData(), ...changes }, asOf, terminalOf({}, { COLUMNS: String(columns) }, {}));
const boundary = (changes: Partial<BoundaryRow> = {}): BoundaryRow => {
  const [row] = gapsData().boundaries;
  if (row === undefined) throw new Error('workflow.json has no gaps');
  return { ...row, ...changes };
};

test('where every message had context, the page says what was searched', () => {
  const { window } = gapsData().searched;
  const searched = { facts: 4, window: { ...window, from: '2026-03-17T14:50:00.000Z' } };
  assert.equal(text({ boundaries: [], searched }), 'No gaps in 4 facts since 14:50.\n');
});

test('one gap that nothing could be linked across says nothing of links', () => {
  const alone = boundary({ messages: 1, linked: 0, unlinked: 1, linked_by: [], fix: null });
  const printed = text({ boundaries: [alone], total_messages: 1, messages_checked: 1_000_000 });
  assert.match(printed, /\n\n1 of 1,000,000 received\.\n$/);
});

test('who loses context is unknown where nobody can say', () => {
  const printed = text({ boundaries: [boundary({ via: null, from: null, evidence: 'unknown', fix: null })] });
  assert.match(printed, /^unknown \[unknown\] {2}unknown -> shipping {2}/m);
});

test('boundaries beyond the rows are counted, and what is counted of dropped facts is at least so', () => {
  const printed = text({ not_shown: 3, is_at_least: true });
  assert.match(printed, /\n… and 3 more\n\nAt least 80 of 1,821 received\./);
});

test('each way of linking is named once', () => {
  const by = (how: LinkedBy['how'], key: string | null = null): LinkedBy => ({ how, key, messages: 1 });
  const ways = [by('broker_id'), by('foreign'), by('business_key'), by('destination'), by('workflow'), by('broker_id')];
  const printed = text({ boundaries: [boundary({ linked_by: ways })] }, 140);
  assert.match(
    printed,
    /LINKED: by broker id, another system's ids, business key and timing, destination and timing, workflow\.\n/,
  );
});

test('a fix that two boundaries share is given once', () => {
  assert.equal(text({ boundaries: [boundary(), boundary({ to: 'other' })] }).match(/^fix: /gm)?.length, 1);
});

test('both ends of a boundary lose their own middle, so that each is still known', () => {
  const printed = text({ boundaries: [boundary({ from: `a${'b'.repeat(60)}c`, to: `d${'e'.repeat(60)}f` })] });
  assert.match(printed, / ab+…b+c -> de+…e+f /);
});
