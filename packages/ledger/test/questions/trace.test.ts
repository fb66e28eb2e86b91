import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import type { FoldedRow } from '../../src/questions/trace/folded-rows.ts';
import { ask, type TraceAnswer, type TraceRow } from '../../src/questions/trace/trace.ts';
import { capturedAt, WORKFLOW, workflowFacts } from '../workflow.ts';
import { gap, handled, sent, settled, started, timeout } from './fact-makers.ts';
import { firstNamed, readerOf } from './reader-of.ts';

async function trace(facts: readonly MessageFact[], id: string, asOf = 100_000): Promise<TraceAnswer> {
  const reader = await readerOf(facts);
  return ask(reader, firstNamed(reader, id), asOf);
}
const told = ({ rows }: TraceAnswer) => rows.flatMap((row): TraceRow[] => ('folded' in row ? [] : [row]));
const folded = ({ rows }: TraceAnswer) => rows.flatMap((row): FoldedRow[] => ('folded' in row ? [row] : []));
const tree = ({ rows }: TraceAnswer) =>
  rows.map(
    (row) =>
      `${'  '.repeat(row.depth)}${'folded' in row ? `${row.folded.messages} ${row.folded.event_type}` : row.message_id}`,
  );
const notes = (answer: TraceAnswer) =>
  told(answer).map(({ notes: of }) => of.map(({ kind, evidence }) => `${kind} ${evidence}`));

test('the checkout comes in causal order, by its order number', async () => {
  const answer = await trace(workflowFacts(), 'ORD-48213', capturedAt);
  assert.deepEqual(
    told(answer).map(({ message_id }) => message_id),
    WORKFLOW.display_order,
  );
  assert.deepEqual(
    answer.rows.map(({ depth }) => depth),
    [0, 1, 2, 3, 2, 3, 4, 5],
  );
  assert.deepEqual(
    told(answer).map(({ tries }) => tries),
    [1, 1, 3, 0, 1, 0, 3, 1],
  );
  assert.deepEqual(answer.counts, { messages: 8, executions: 11, gaps: 1 });
  assert.deepEqual(
    [answer.operation, answer.tenant_id, answer.business_key],
    ['checkout', 'acme-eu', 'order:ORD-48213'],
  );
  assert.deepEqual(notes(answer), [
    [],
    [],
    ['lease_lost inferred'],
    [],
    ['duplicate observed'],
    ['unseen inferred'],
    ['gap observed', 'error observed'],
    ['replay observed'],
  ]);
});

test('a workflow is the same from each of its messages, on both sides of a gap', async () => {
  for (const id of ['4SB10F', 'PWASC1', '21KYV7', 'E83TZ8'])
    assert.deepEqual(
      (await trace(workflowFacts(), id, capturedAt)).rows,
      (await trace(workflowFacts(), 'ORD-48213', capturedAt)).rows,
    );
});

test('only the cause across the gap is an inference', async () => {
  const rows = told(await trace(workflowFacts(), 'ORD-48213', capturedAt));
  assert.deepEqual(
    rows.filter(({ evidence }) => evidence === 'inferred').map(({ event_type, via }) => [event_type, via]),
    [['shipment.requested', 'cause']],
  );
});

test('earlier on, the workflow is smaller', async () => {
  assert.deepEqual((await trace(workflowFacts(), '4SB10F', Date.parse('2026-03-17T14:02:12.000Z'))).counts, {
    messages: 2,
    executions: 1,
    gaps: 0,
  });
});

test('a message whose cause has no facts is a root that says so', async () => {
  const answer = await trace(handled('msg_a', 0, { causation_id: 'msg_missing' }), 'msg_a');
  assert.deepEqual(tree(answer), ['msg_a']);
  assert.deepEqual(notes(answer), [['cause_missing observed']]);
});

test('a loop of forged causes begins at its earliest message, and ends', async () => {
  const facts = [...handled('msg_b', 10, { causation_id: 'msg_a' }), ...handled('msg_a', 0, { causation_id: 'msg_b' })];
  assert.deepEqual(tree(await trace(facts, 'msg_a')), ['msg_a', '  msg_b']);
});

test('a gap that nothing explains stays apart, and its cause is unknown', async () => {
  const facts = [
    ...handled('msg_a', 0, { business_key: 'order:1' }),
    gap('msg_b', 50, { business_key: 'order:1', correlation_id: 'msg_b' }),
  ];
  const answer = await trace(facts, 'order:1');
  assert.deepEqual(tree(answer), ['msg_a', 'msg_b']);
  const [note] = told(answer)[1]?.notes ?? [];
  assert.ok(note?.kind === 'gap');
  assert.equal(note.cause_evidence, 'unknown');
});

test('a gap joins nothing of another tenant, even in its own workflow', async () => {
  const key = { business_key: 'order:1' };
  const facts = [
    sent('msg_theirs', 0, { ...key, tenant_id: 'borealis', destination: 'stock' }),
    gap('msg_lost', 100, key),
  ];
  assert.deepEqual(tree(await trace(facts, 'msg_lost')), ['msg_theirs', 'msg_lost']);
});

test('of the same cause, the longest comes first', async () => {
  const under = { causation_id: 'msg_root' };
  const facts = [
    ...handled('msg_root', 0),
    ...handled('msg_quick', 2_000, under),
    sent('msg_slow', 3_000, under),
    started('msg_slow', 1, 4_000, under),
    settled('msg_slow', 1, 9_000, 'ok', under),
  ];
  assert.deepEqual(tree(await trace(facts, 'msg_root')), ['msg_root', '  msg_slow', '  msg_quick']);
});

test('an error is told of what is dead or tried again, and not of what came out well', async () => {
  const facts = [started('msg_root', 1, 0), settled('msg_root', 1, 100, 'retry', { error: timeout, retry_at: 5_000 })];
  assert.deepEqual(notes(await trace(facts, 'msg_root')), [['error observed']]);
  const well = [...facts, started('msg_root', 2, 5_100), settled('msg_root', 2, 5_200, 'ok')];
  assert.deepEqual(notes(await trace(well, 'msg_root')), [[]]);
});

const import_ = { event_type: 'import', destination: 'imports' };
const row = { event_type: 'row', destination: 'rows', causation_id: 'msg_root' };
const error = { error: timeout, retry_at: undefined };

/** An import of so many rows, each of which sends a mail, but for those that a case makes otherwise. */
function importOf(rows: number, otherwise: (index: number) => MessageFact[] | null = () => null): MessageFact[] {
  const mail = (index: number) =>
    handled(`msg_mail_${index}`, 2_500 + index, {
      event_type: 'mail',
      destination: 'mails',
      causation_id: `msg_${index}`,
    });
  return [
    ...handled('msg_root', 0, import_),
    ...Array.from({ length: rows }, (_, index) => [
      ...(otherwise(index) ?? [...handled(`msg_${index}`, 1_000 + index, row), ...mail(index)]),
    ]).flat(),
  ];
}

const dead = (id: string, at: number) => [
  sent(id, at, row),
  started(id, 1, at + 1, row),
  settled(id, 1, at + 2, 'dead', { ...row, ...error }),
];
const sums = ({ counts: { messages, executions }, not_shown, is_at_least }: TraceAnswer) => [
  ...[messages, executions],
  ...[not_shown, is_at_least],
];

for (const [size, rows] of [
  ['read', 500],
  ['counted', 1_500],
] as const) {
  test(`of more messages than are shown, ${size}, some are told and all others counted, under what led to them`, async () => {
    const answer = await trace(importOf(rows), 'msg_root');
    assert.deepEqual(sums(answer), [2 * rows + 1, 2 * rows + 1, 2 * rows + 1 - told(answer).length, false]);
    const some = size === 'read' ? 5 : 1;
    assert.deepEqual(
      folded(answer).map(({ folded: { event_type, messages, executions, states }, depth, evidence }) => [
        ...[event_type, messages, executions, states],
        ...[depth, evidence],
      ]),
      [
        ['row', rows - some, rows - some, { done: rows - some }, 1, 'observed'],
        ['mail', rows - some, rows - some, { done: rows - some }, 2, 'observed'],
      ],
    );
    assert.equal(answer.rows[0] && 'message_id' in answer.rows[0] && answer.rows[0].message_id, 'msg_root');
  });

  test(`what was asked for, what led to it, what is overdue and the first 20 that died are never folded, ${size}`, async () => {
    const otherwise = (index: number) => {
      if (index % 20 === 1) return dead(`msg_${index}`, 1_000 + index);
      return index === rows - 9 ? [sent(`msg_${index}`, 1_000 + index, { ...row, due_at: 5_000 })] : null;
    };
    const answer = await trace(importOf(rows, otherwise), `msg_mail_${rows - 3}`);
    const ids = new Set(told(answer).map(({ message_id }) => message_id));
    for (const id of ['msg_root', `msg_${rows - 3}`, `msg_mail_${rows - 3}`, `msg_${rows - 9}`])
      assert.ok(ids.has(id), id);
    for (let index = 1; index < 400; index += 20) assert.ok(ids.has(`msg_${index}`), `msg_${index}`);
    assert.ok(answer.rows.length <= 400);
    assert.ok(told(answer).every(({ notes: of }) => of.every(({ kind }) => kind !== 'cause_missing')));
    const all = [
      ...told(answer).map(({ state }) => ({ [state]: 1 })),
      ...folded(answer).map(({ folded: { states } }) => states),
    ];
    const total: Record<string, number> = {};
    for (const states of all)
      for (const [state, count] of Object.entries(states)) total[state] = (total[state] ?? 0) + Number(count);
    const deaths = Math.ceil((rows - 1) / 20);
    assert.deepEqual(total, { done: 1 + 2 * (rows - deaths - 1), dead: deaths, overdue: 1 });
  });
}
test('a chain of 5,000 causes is told as far as there is room, and the rest of it is counted', async () => {
  const facts = Array.from({ length: 5_000 }, (_, index) =>
    sent(`msg_${index}`, index, { causation_id: index === 0 ? null : `msg_${index - 1}` }),
  );
  const answer = await trace(facts, 'msg_4999');
  const rows = told(answer);
  assert.deepEqual([answer.counts.messages, answer.not_shown], [5_000, 5_000 - rows.length]);
  for (let index = 4_999; index > 4_700; index--)
    assert.ok(rows.some(({ message_id }) => message_id === `msg_${index}`));
  assert.ok(rows.every(({ notes: of }) => of.every(({ kind }) => kind !== 'cause_missing')));
  assert.equal(
    folded(answer).reduce((sum, { folded: { messages } }) => sum + messages, 0),
    answer.not_shown,
  );
});

test('kinds beyond the rows are counted together', async () => {
  const facts = Array.from({ length: 3_000 }, (_, index) =>
    sent(`msg_${index}`, index, {
      event_type: `kind.${index % 900}`,
      causation_id: index < 900 ? null : `msg_${index - 900}`,
    }),
  );
  const answer = await trace(facts, 'msg_0');
  assert.deepEqual([answer.rows.length, answer.counts.messages], [400, 3_000]);
  const last = folded(answer).at(-1);
  assert.equal(last?.folded.event_type, null);
  assert.ok((last?.folded.groups ?? 0) > 500);
  assert.equal(
    folded(answer).reduce((sum, { folded: { messages } }) => sum + messages, 0),
    answer.not_shown,
  );
});

test('of a large workflow as it was nobody can tell how those stood that are counted', async () => {
  const facts = [...importOf(1_500), sent('msg_later', 900_000)];
  const answer = await trace(facts, 'msg_root', 100_000);
  assert.equal(answer.counts.messages, 3_001);
  assert.ok(folded(answer).every(({ folded: { states } }) => Object.keys(states).length === 0));
});

test('of more that are not over than are looked at, the others are counted as open', async () => {
  const answer = await trace(
    importOf(2_500, (index) => (index < 1_200 ? [sent(`msg_${index}`, 1_000 + index, row)] : null)),
    'msg_root',
  );
  const [rows] = folded(answer).filter(({ folded: { event_type } }) => event_type === 'row');
  assert.deepEqual(rows?.folded.states, { waiting: 999, open: 200, done: 1_299 });
});
