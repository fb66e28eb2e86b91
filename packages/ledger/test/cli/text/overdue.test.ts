import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalOf } from '../../../src/cli/terminal.ts';
import { overdueText } from '../../../src/cli/text/overdue.ts';
import type { OverdueData, OverdueRow } from '../../../src/questions/overdue/answer.ts';
import { overdueData } from '../../answers.ts';
import { asOf } from '../../checkout-answers.ts';

const text = (changes: Partial<OverdueData>) =>
  overdueText({ ...overdueData(), ...changes }, asOf, terminalOf({}, {}, {}));
const group = (changes: Partial<OverdueRow> = {}): OverdueRow => {
  const [row] = overdueData().groups;
  if (row === undefined) throw new Error('workflow.json has nothing overdue');
  return { ...row, ...changes };
};
const claim = { evidence: 'unknown', because_facts: [] } as const;

test('where nothing is overdue, the page says what was searched, and where nothing can be', () => {
  assert.equal(text({ groups: [] }), 'Nothing overdue in 29 facts since 14:00.\n');
  assert.equal(
    text({ groups: [], without_deadline: ['audit', 'mail'] }),
    'Nothing overdue in 29 facts since 14:00. 2 destinations have no deadline:\n  audit, mail.\n',
  );
});

test('what may be overdue is told apart, with or without anything that is', () => {
  const unknown = [
    { destination: 'stock.events', subscription: 'warehouse-bridge', messages: 312, because: 'no_facts', ...claim },
    { destination: 'audit', subscription: null, messages: null, because: 'facts_missing', ...claim },
  ] as const;
  const told = 'stock.events/warehouse-bridge: 312 messages unknown, no facts. audit: unknown, facts are missing.';
  for (const groups of [[], [group()]]) assert.ok(text({ groups, unknown }).replace(/\s+/g, ' ').includes(told));
});

test('every reason has its words, and one that is not certain says what it rests on', () => {
  const at = '2026-03-17T14:50:00.000Z';
  const cases: readonly (readonly [OverdueRow['why'], OverdueRow['evidence'], word: string, ground: string])[] = [
    [{ kind: 'no_consumers', consumers: 0, since: at }, 'observed', '0 consumers\n', ''],
    [
      { kind: 'no_consumers', consumers: 0, since: null },
      'inferred',
      '0 consumers*\n',
      'from 212 sends and no consumer of email-sender',
    ],
    [{ kind: 'none_started', sent: 1 }, 'inferred', 'none started*\n', 'from 1 send and no start by email-sender'],
    [{ kind: 'not_started' }, 'inferred', 'not started*\n', 'from 212 messages and no later start by email-sender'],
    [{ kind: 'released', at }, 'observed', 'released\n', ''],
    [{ kind: 'retry_not_started', retry_at: at }, 'observed', 'retry not started\n', ''],
    [
      { kind: 'not_settled', lease_until: at },
      'inferred',
      'not settled*\n',
      'from starts without an end, and their leases',
    ],
    [{ kind: 'not_started' }, 'unknown', 'not started?\n', 'facts that would tell are missing'],
  ];
  for (const [why, evidence, word, ground] of cases) {
    const printed = text({ groups: [group({ why, evidence })] });
    assert.ok(printed.includes(` ${word}`), printed);
    const mark = evidence === 'inferred' ? '*' : '?';
    const said = printed.replace(/\s+/g, ' ').split('overdue.')[1] ?? '';
    assert.equal(said.trim(), ground === '' ? '' : `${mark} [${evidence}] ${ground}.`);
  }
});

test('what two groups rest on alike is said once', () => {
  const alike = group({ why: { kind: 'none_started', sent: 31 }, evidence: 'inferred' });
  assert.equal(text({ groups: [alike, alike] }).match(/from 31 sends/g)?.length, 1);
});

test('groups beyond the rows are counted, and what is counted of dropped facts is at least so', () => {
  assert.match(text({ not_shown: 2, is_at_least: true }), /\n… and 2 more\nAt least 196 overdue\. /);
});

test('a subscription is named only where its destination has others', () => {
  assert.doesNotMatch(text({ groups: [group()] }), /email-sender/);
  assert.match(text({ groups: [group({ has_other_subscriptions: true })] }), / email\/email-sender /);
});

test('where each message has its own due time, none is given for all', () => {
  assert.match(text({ groups: [group({ deadline_ms: null, event_type: null })] }), / message .* - {2}0 consumers\n/);
});
