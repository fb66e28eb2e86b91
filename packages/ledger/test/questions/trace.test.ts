import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import { ask, type TraceAnswer } from '../../src/questions/trace/trace.ts';
import { capturedAt, WORKFLOW, workflowFacts } from '../workflow.ts';
import { gap, handled, sent, settled, started, timeout } from './fact-makers.ts';
import { firstNamed, readerOf } from './reader-of.ts';

async function trace(facts: readonly MessageFact[], id: string, asOf = 100_000): Promise<TraceAnswer> {
  const reader = await readerOf(facts);
  return ask(reader, firstNamed(reader, id), asOf);
}
const tree = ({ rows }: TraceAnswer) => rows.map(({ message_id, depth }) => `${'  '.repeat(depth)}${message_id}`);
const notes = ({ rows }: TraceAnswer) =>
  rows.map(({ notes: of }) => of.map(({ kind, evidence }) => `${kind} ${evidence}`));

test('the checkout comes in causal order, by its order number', async () => {
  const answer = await trace(workflowFacts(), 'ORD-48213', capturedAt);
  assert.deepEqual(
    answer.rows.map(({ message_id }) => message_id),
    WORKFLOW.display_order,
  );
  assert.deepEqual(
    answer.rows.map(({ depth }) => depth),
    [0, 1, 2, 3, 2, 3, 4, 5],
  );
  assert.deepEqual(
    answer.rows.map(({ tries }) => tries),
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
  const { rows } = await trace(workflowFacts(), 'ORD-48213', capturedAt);
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
  const [note] = answer.rows[1]?.notes ?? [];
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

test('of a thousand messages 400 are shown, and exactly as many are said not to be', async () => {
  const facts = [
    ...handled('msg_root', 0),
    ...Array.from({ length: 999 }, (_, index) => sent(`msg_${index}`, 1_000 + index, { causation_id: 'msg_root' })),
  ];
  const answer = await trace(facts, 'msg_root');
  assert.deepEqual(
    [answer.rows.length, answer.not_shown, answer.is_at_least, answer.counts.messages],
    [400, 600, false, 1_000],
  );
});

test('a chain of 5,000 causes is laid out', async () => {
  const facts = Array.from({ length: 5_000 }, (_, index) =>
    sent(`msg_${index}`, index, { causation_id: index === 0 ? null : `msg_${index - 1}` }),
  );
  assert.equal((await trace(facts, 'msg_0')).rows[399]?.depth, 399);
});
