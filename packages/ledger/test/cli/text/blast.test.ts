import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalOf } from '../../../src/cli/terminal.ts';
import { blastListText, blastText } from '../../../src/cli/text/blast.ts';
import type { BlastData, CausedRow, SameTroubleRow } from '../../../src/questions/blast/answer.ts';
import { blastData } from '../../answers.ts';
import { asOf } from '../../checkout-answers.ts';

const page = terminalOf({ isTTY: true, columns: 80 }, { NO_COLOR: '1' }, {});
const plain = terminalOf({}, {}, {});
const text = (changes: Partial<BlastData>) => blastText({ ...blastData(), ...changes }, asOf, plain);
const caused = (changes: Partial<CausedRow> = {}): CausedRow => {
  const [row] = blastData().caused;
  if (row === undefined) throw new Error('workflow.json has nothing that PWASC1 caused');
  return { ...row, ...changes };
};
const trouble = (changes: Partial<SameTroubleRow> = {}): SameTroubleRow => {
  const [row] = blastData().same_trouble ?? [];
  if (row === undefined) throw new Error('workflow.json has no trouble that PWASC1 shares');
  return { ...row, ...changes };
};

test('where nothing was caused or hit, the page says what was searched', () => {
  assert.equal(
    text({ caused: [], same_trouble: [] }),
    'Nothing caused by PWASC1, and nothing else hit by its trouble, in 29 facts\n  since 14:00.\n',
  );
  assert.equal(
    text({ caused: [], same_trouble: null }),
    'Nothing caused by PWASC1 in 29 facts since 14:00.\nSAME TROUBLE [unknown]  nobody looked\n',
  );
});

test('that nobody looked for the same trouble is not silence', () => {
  assert.match(text({ same_trouble: null }), /acme-eu\/checkout\n\nSAME TROUBLE \[unknown\] {2}nobody looked\n$/);
});

test('what shares a trouble is shown where nothing was caused', () => {
  assert.match(text({ caused: [], pending: 0 }), /^CAUSED {2}nothing that is known\n\nSAME TROUBLE \[inferred\]/);
});

test('of many effects the nearest are shown, and the rest is counted', () => {
  const many = Array.from({ length: 30 }, () => caused());
  const printed = text({ caused: many, caused_not_shown: 1_000, pending: 1_030, is_at_least: true });
  assert.match(printed, /^CAUSED \[observed\] {2}at least 1,030 messages, 1,030 pending\n/);
  assert.match(printed, /\n {2}… and 1,022 more\n/);
  assert.equal(printed.match(/7X9C3M/g)?.length, 8);
  const list = blastListText({ ...blastData(), caused: many, caused_not_shown: 1_000 }, asOf, plain);
  assert.equal(list.match(/7X9C3M/g)?.length, 30);
  assert.match(list, /\n {2}… and 1,000 more\n/);
});

test('effects that are not equally certain bear a label each', () => {
  const rows = [caused(), caused({ evidence: 'inferred' }), caused({ evidence: 'unknown' })];
  const printed = text({ caused: rows, pending: 3 });
  assert.match(
    printed,
    /^CAUSED {2}3 messages, 3 pending\n.*checkout\n.*checkout {2}\[inferred\]\n.* {2}\[unknown\]\n/,
  );
});

test('a label that all effects share stands in the head alone', () => {
  const printed = text({ caused: [caused({ evidence: 'inferred' })], same_trouble: [] });
  assert.match(printed, /^CAUSED \[inferred\] {2}1 message, 1 pending\n.*checkout\n$/);
});

test('what lies downstream bears a label where that is not observed', () => {
  const [row] = trouble().downstream;
  assert.ok(row);
  const printed = text({ same_trouble: [trouble({ downstream: [{ ...row, because: null, evidence: 'inferred' }] })] });
  assert.match(printed, /downstream {7}16 email\.send overdue \[inferred\]\n/);
});

test('an error that others share is told by its title, and none of them is late', () => {
  const shared = trouble({ kind: 'error', instance: null, title: 'Timeout: no answer', evidence: 'unknown' });
  const printed = text({ same_trouble: [shared] });
  assert.match(printed, /\nSAME TROUBLE \[unknown\] {2}Timeout: no answer, 14:02\n {2}17 others {8}16 done, 1 dead\n/);
});

test('of many tenants those with most messages are named, and one without a name is told', () => {
  const tenants = Array.from({ length: 12 }, (_, index) => ({
    tenant_id: index === 0 ? null : `t${index}`,
    messages: 12 - index,
  }));
  assert.match(
    text({ same_trouble: [trouble({ tenants })] }),
    /tenants {10}no tenant 12, t1 11, t2 10, .* t7 5,\n +… and 4 more\n/,
  );
});

test('a trouble that more may share than were looked through says so', () => {
  const printed = text({ same_trouble: [trouble({ is_at_least: true })] });
  assert.match(printed, /^ {2}worker payments-7f9c-2 went silent, 14:02, at least these$/m);
});

test('each of two troubles has a section', () => {
  const printed = text({ same_trouble: [trouble(), trouble({ instance: 'other-1' })] });
  assert.equal(printed.match(/^SAME TROUBLE /gm)?.length, 2);
});

test('the list names every message that the trouble hit, with what it led to', () => {
  const list = blastListText(blastData(), asOf, page);
  assert.equal(list.match(/^ {2}payment\.charge /gm)?.length, 17);
  assert.match(list, /^ {2}payment\.charge {3}EW5MZ6 {2}dead {7}borealis\/renewal$/m);
  assert.doesNotMatch(list, /NEXT/);
  const more = { ...blastData(), same_trouble: [trouble({ others_not_shown: 5_000 })] };
  assert.match(blastListText(more, asOf, page), /\n {2}… and 5,000 more\n$/);
});

test('the list is offered where there is more to see, on a terminal', () => {
  assert.match(blastText(blastData(), asOf, page), /\nNEXT {6}waybill blast PWASC1 --list\n$/);
  assert.doesNotMatch(blastText({ ...blastData(), same_trouble: [] }, asOf, page), /NEXT/);
  assert.doesNotMatch(text({}), /NEXT/);
});
