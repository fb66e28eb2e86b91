import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalOf } from '../../../src/cli/terminal.ts';
import { searchText } from '../../../src/cli/text/search.ts';
import type { SearchData } from '../../../src/questions/search/answer.ts';
import { asOf, searchData } from '../../checkout-answers.ts';

const text = (changes: Partial<SearchData>) =>
  searchText({ ...searchData(), ...changes }, asOf, terminalOf({}, {}, {}));

test('where nothing matches, the page says what was searched, and what is spelled nearly so', () => {
  assert.equal(text({ workflows: [], terms: 'ORD-9' }), 'No workflow matches "ORD-9" in 29 facts since 14:00.\n');
  const message_id = 'msg_01KKY1NB8XFWSAEFM6GEPWASC1';
  const near = { message_id, event_type: 'payment.charge', business_key: 'order:ORD-48213' };
  assert.match(
    text({ workflows: [], nearest: [near, { ...near, event_type: null, business_key: null }] }),
    /\ndid you mean PWASC1 \(payment\.charge, order:ORD-48213\)\?\ndid you mean PWASC1\?\n$/,
  );
});

test('workflows beyond the rows are counted, in the total as well', () => {
  assert.match(text({ not_shown: 49, is_at_least: true }), /\n… and 49 more\n\nAt least 50 workflows, 29 facts: /);
});

test('a workflow without operation and tenant keeps its row', () => {
  const [workflow] = searchData().workflows;
  assert.ok(workflow);
  const bare = { ...workflow, operation: null, tenant_id: null, messages: 1, states: { running: 1 } } as const;
  assert.match(text({ workflows: [bare] }), /^4SB10F {4}- {10}- {7}14:02:11 {2}1: 1 running$/m);
});

test('messages that were found by a key without a kind are found by a business key', () => {
  const found = { by: 'business_key', key: null, messages: 1, evidence: 'inferred', because_facts: [] } as const;
  assert.match(text({ found_by: [found] }), /29 facts: 1 message by business key \[inferred\]\.\n$/);
});

test('of workflows that are not shown no facts are counted, and the next page is offered on a terminal', () => {
  assert.match(text({ not_shown: 49 }), /\n50 workflows; of those shown 29 facts: 6 messages by context, /);
  const page = (color: boolean) =>
    searchText({ ...searchData(), cursor: '1000.msg_a' }, asOf, terminalOf({ isTTY: color, columns: 80 }, {}, {}));
  assert.match(page(true), /\n\nNEXT {6}waybill search ORD-48213 --after 1000\.msg_a\n$/);
  assert.doesNotMatch(page(false), /NEXT/);
});

test('messages that something else led to are found by their cause', () => {
  const found = { by: 'cause', key: null, messages: 3, evidence: 'inferred', because_facts: [] } as const;
  assert.match(text({ found_by: [found] }), /29 facts: 3 messages by cause \[inferred\]\.\n$/);
});
