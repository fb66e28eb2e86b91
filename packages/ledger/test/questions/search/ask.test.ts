import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fact } from 'waybill';
import type { SearchData } from '../../../src/questions/search/answer.ts';
import { ask } from '../../../src/questions/search/ask.ts';
import { cursorOf } from '../../../src/questions/search/cursor.ts';
import { termsOf } from '../../../src/questions/search/terms.ts';
import type { FactReader } from '../../../src/store/store.ts';
import { searchData } from '../../checkout-answers.ts';
import { capturedAt, workflowFacts } from '../../workflow.ts';
import { handled, sent, settled, started, timeout } from '../fact-makers.ts';
import { readerOf } from '../reader-of.ts';

const hour = 3_600_000;

interface Given {
  readonly asOf?: number;
  readonly limit?: number;
  readonly after?: string | null;
  readonly since?: number;
}

function searchIn(reader: FactReader, text: string, { asOf = hour, limit = 20, after = null, since = 0 }: Given = {}) {
  const terms = termsOf(text);
  const window = { since, until: asOf + 1, tenantId: terms.tenant };
  return ask(reader, { text, terms, window, asOf, limit, after: after === null ? null : cursorOf(after) });
}

const search = async (facts: readonly Fact[], text: string, given: Given = {}): Promise<SearchData> =>
  searchIn(await readerOf(facts), text, given);
const found = ({ workflows }: SearchData) => workflows.map(({ correlation_id }) => correlation_id);

/** A workflow of one message, that is named after it. */
const alone = (id: string, at: number, more: object = {}) => handled(id, at, { correlation_id: id, ...more });
const dead = (id: string, at: number, more: object = {}) => [
  sent(id, at - 2_000, { correlation_id: id, ...more }),
  started(id, 1, at - 1_000, { correlation_id: id, ...more }),
  settled(id, 1, at, 'dead', { error: timeout, correlation_id: id, ...more }),
];

test('of the checkout its order number finds one workflow, with what was joined to it across a gap', async () => {
  const { workflows, ...answer } = await search(workflowFacts(), 'ORD-48213', { asOf: capturedAt });
  const expected = searchData();
  const [row] = workflows;
  const counts = (list: SearchData['found_by']) =>
    list.map(({ by, key, messages, evidence }) => ({ by, key, messages, evidence }));
  assert.deepEqual(counts(answer.found_by), counts(expected.found_by));
  assert.deepEqual([answer.total_facts, answer.not_shown, answer.is_at_least, answer.cursor], [29, 0, false, null]);
  const [wanted] = expected.workflows;
  // Nobody has told this ledger when the email is due.
  const states = { done: 5, waiting: 1, dead: 1, unknown: 1 };
  assert.deepEqual({ ...row, because_facts: [] }, { ...wanted, states });
});

test('a workflow is found by each of its ids, by an ending, and by how its key begins', async () => {
  const facts = workflowFacts();
  for (const text of ['PWASC1', 'VE95Y9', 'sqs-2b90e4d1', '6146776277720eb83dedaedf129dbcc7', 'ORD-4', 'order:ORD-48'])
    assert.equal((await search(facts, text, { asOf: capturedAt })).workflows.length, 1, text);
  assert.equal((await search(facts, 'OR', { asOf: capturedAt })).workflows.length, 0);
});

test('ids are found whenever they were, and all else in the window', async () => {
  const facts = [...alone('msg_old', 1_000, { business_key: 'order:1' }), ...alone('msg_new', 2 * hour)];
  const late = { asOf: 3 * hour, since: 2 * hour };
  assert.deepEqual(found(await search(facts, 'order:1', late)), ['msg_old']);
  assert.deepEqual(found(await search(facts, 'tenant:acme', late)), ['msg_new']);
});

test('names, states and errors each narrow the search, and all of them have to be of one message', async () => {
  const facts = [
    ...alone('msg_a', 1_000),
    ...alone('msg_b', 2_000, { tenant_id: 'borealis', operation: 'renewal', event_type: 'invoice.due' }),
    ...dead('msg_c', 5_000, { tenant_id: 'borealis' }),
    sent('msg_d', 4_000, { correlation_id: 'msg_d', event_type: 'email.send' }),
  ];
  const reader = await readerOf(facts);
  const ids = (text: string) => found(searchIn(reader, text));
  assert.deepEqual(ids('tenant:borealis'), ['msg_c', 'msg_b']);
  assert.deepEqual(ids('operation:renewal'), ['msg_b']);
  assert.deepEqual(ids('event:email.send'), ['msg_d']);
  assert.deepEqual(ids('state:dead'), ['msg_c']);
  assert.deepEqual(ids('state:done'), ['msg_b', 'msg_a']);
  assert.deepEqual(ids('state:waiting'), ['msg_d']);
  assert.deepEqual(ids('error:f_504'), ['msg_c']);
  assert.deepEqual(ids('error:"ANSWERED 504"'), ['msg_c']);
  assert.deepEqual(ids('tenant:borealis state:done'), ['msg_b']);
  assert.deepEqual(ids('tenant:acme state:dead'), []);
  assert.deepEqual(ids('event:invoice.due tenant:acme'), []);
});

test('a word that is no id may be a tenant, an operation, a type, or a part of an error', async () => {
  const facts = [
    ...alone('msg_a', 1_000, { tenant_id: 'borealis', operation: 'renewal', event_type: 'invoice.due' }),
    ...dead('msg_b', 5_000),
  ];
  const reader = await readerOf(facts);
  for (const text of ['borealis', 'renewal', 'invoice.due', 'invoice.due renewal'])
    assert.deepEqual(found(searchIn(reader, text)), ['msg_a'], text);
  for (const text of ['ProviderTimeout', '"answered 504"', 'acme 504'])
    assert.deepEqual(found(searchIn(reader, text)), ['msg_b'], text);
  assert.deepEqual(found(searchIn(reader, 'nothing')), []);
});

test('an id narrows what else is asked for to its workflow', async () => {
  const facts = [
    ...alone('msg_a', 1_000, { business_key: 'order:1' }),
    ...dead('msg_b', 5_000, { correlation_id: 'msg_a', causation_id: 'msg_a' }),
    ...alone('msg_c', 2_000, { business_key: 'order:1' }),
  ];
  const reader = await readerOf(facts);
  assert.deepEqual(found(searchIn(reader, 'order:1 state:dead')), ['msg_a']);
  assert.deepEqual(found(searchIn(reader, 'order:1 msg_c')), ['msg_c']);
  assert.deepEqual(found(searchIn(reader, 'order:1 state:discarded')), []);
});

test('pages follow each other, each workflow once, where it was found first', async () => {
  const facts = Array.from({ length: 7 }, (_, index) => [
    ...alone(`msg_${index}`, 1_000 * index),
    // Each has a later message, so that the older one alone would be found again.
    sent(`msg_${index}_late`, 100_000 + 1_000 * index, {
      correlation_id: `msg_${index}`,
      causation_id: `msg_${index}`,
    }),
  ]).flat();
  const reader = await readerOf(facts);
  for (const text of ['tenant:acme', 'acme', 'state:waiting']) {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: SearchData = searchIn(reader, text, { limit: 3, after });
      seen.push(...found(page));
      assert.equal(page.not_shown, 7 - seen.length);
      after = page.cursor;
    } while (after !== null);
    const expected = Array.from({ length: 7 }, (_, index) => `msg_${index}`);
    assert.deepEqual(seen, text === 'state:waiting' ? expected : expected.reverse(), text);
  }
});

test('where more match than are looked through, the next page goes on behind them', async () => {
  const facts = Array.from({ length: 450 }, (_, index) =>
    sent(`msg_${index}`, 1_000 + index, { correlation_id: `msg_${index}` }),
  );
  const reader = await readerOf(facts);
  const seen = new Set<string>();
  let [after, pages]: [string | null, number] = [null, 0];
  do {
    const page: SearchData = searchIn(reader, 'tenant:acme', { limit: 50, after });
    for (const id of found(page)) seen.add(id);
    if (pages === 0) assert.deepEqual([page.is_at_least, page.not_shown], [true, 150]);
    after = page.cursor;
    pages++;
  } while (after !== null && pages < 20);
  assert.deepEqual([seen.size, pages], [450, 9]);
});

test('many at one instant end, and none of the pages stands still', async () => {
  const facts = Array.from({ length: 250 }, (_, index) =>
    sent(`msg_${index}`, 1_000, { correlation_id: `msg_${index}` }),
  );
  const reader = await readerOf([...facts, ...alone('msg_first', 500)]);
  let [after, pages]: [string | null, number] = [null, 0];
  const seen = new Set<string>();
  do {
    const page: SearchData = searchIn(reader, 'tenant:acme', { limit: 50, after });
    for (const id of found(page)) seen.add(id);
    after = page.cursor;
    pages++;
  } while (after !== null && pages < 20);
  assert.ok(pages < 20);
  assert.ok(seen.has('msg_first'));
});

test('of a workflow that is larger than what is read there is at least as much', async () => {
  const facts = Array.from({ length: 300 }, (_, index) =>
    sent(`msg_${index}`, 1_000 + index, { correlation_id: 'msg_0' }),
  );
  const { workflows, is_at_least } = await search(facts, 'msg_0');
  assert.deepEqual([workflows[0]?.messages, is_at_least], [200, true]);
});

test('what is over says how long it took', async () => {
  const { workflows } = await search(alone('msg_a', 1_000), 'msg_a');
  assert.deepEqual(
    [workflows[0]?.elapsed_ms, workflows[0]?.longest, workflows[0]?.evidence],
    [1_000, { kind: 'queued', ms: 500 }, 'observed'],
  );
});

test('where nothing is found, what is spelled nearly so is told', async () => {
  const { workflows, nearest } = await search(workflowFacts(), 'PWASC2', { asOf: capturedAt });
  assert.deepEqual([workflows, nearest.map(({ event_type }) => event_type)], [[], ['payment.charge']]);
  const empty = await search([], 'nonsense');
  assert.deepEqual([empty.workflows, empty.nearest, empty.searched.facts], [[], [], 0]);
});

test('what came later than as-of is not found', async () => {
  assert.deepEqual(found(await search(alone('msg_a', 5_000), 'msg_a', { asOf: 4_000 })), []);
  assert.deepEqual(found(await search(alone('msg_a', 5_000), 'tenant:acme', { asOf: 4_000 })), []);
});
