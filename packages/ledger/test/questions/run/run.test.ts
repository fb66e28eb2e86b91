import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { run } from '../../../src/questions/run/run.ts';
import { workflowFacts } from '../../workflow.ts';
import { checkout } from '../checkout.ts';
import { settled, started } from '../fact-makers.ts';

function executionEnding(ending: string): string {
  const fact = workflowFacts().find((each) => each.kind === 'started' && each.execution_id.endsWith(ending));
  return fact?.kind === 'started' ? fact.execution_id : '';
}

test('the third attempt of the charge is a redelivery, because the second never ended', () => {
  const [item] = run(checkout(), executionEnding('1JD7VK9'))?.items ?? [];
  assert.deepEqual(
    [item?.is, item?.evidence, item?.follows, item?.because.at(-1), item?.outcome, item?.outcome_evidence],
    ['redelivery', 'inferred', executionEnding('5PHFXT3'), 'which never ended', 'ok', 'observed'],
  );
});

test('the second attempt was lost, which is a conclusion from two starts', () => {
  const [item] = run(checkout(), executionEnding('5PHFXT3'))?.items ?? [];
  assert.deepEqual(
    [item?.is, item?.evidence, item?.outcome, item?.outcome_evidence],
    ['retry', 'observed', 'lost', 'inferred'],
  );
});

test('a batch is one execution, and something to each of its messages', () => {
  const batch = (index: number) => ({ execution_id: 'exe_b', batch: { id: 'bat_1', index, count: 2 } });
  const facts = [
    started('msg_1', 1, 0, batch(0)),
    started('msg_2', 2, 0, { ...batch(1), delivery_count: 2 }),
    settled('msg_1', 1, 90, 'ok', { execution_id: 'exe_b' }),
    settled('msg_2', 2, 90, 'retry', { execution_id: 'exe_b' }),
  ];
  const answer = run(reconstruct(facts, { asOf: 1_000 }), 'exe_b');
  assert.equal(answer?.batch_id, 'bat_1');
  assert.deepEqual(
    answer?.items.map(({ message_id, is, outcome }) => `${message_id} ${is} ${outcome}`),
    ['msg_1 first ok', 'msg_2 retry retry'],
  );
});

test('executions that ran at the same time name each other', () => {
  const facts = [
    started('msg_a', 1, 0),
    started('msg_a', 2, 500, { redelivered: true }),
    settled('msg_a', 2, 600, 'ok'),
    settled('msg_a', 1, 900, 'ok'),
  ];
  const overlaps = (told: readonly MessageFact[], id: string) =>
    run(reconstruct(told, { asOf: 1_000 }), id)?.items[0]?.overlaps;
  assert.deepEqual(overlaps(facts, 'exe_msg_a_1'), ['exe_msg_a_2']);
  assert.deepEqual(overlaps(facts, 'exe_msg_a_2'), ['exe_msg_a_1']);
  const ofTwo = facts.map((fact) => ({ ...fact, instance: fact.attempt === 1 ? 'one' : 'two' }));
  assert.deepEqual(overlaps(ofTwo, 'exe_msg_a_2'), ['exe_msg_a_1']);
});

test('a retry that seems to start before its failure is a quarrel of two clocks, and no overlap', () => {
  const facts = [
    started('msg_a', 1, 0, { instance: 'one' }),
    settled('msg_a', 1, 900, 'retry', { instance: 'one' }),
    started('msg_a', 2, 500, { instance: 'two' }),
  ];
  assert.deepEqual(run(reconstruct(facts, { asOf: 1_000 }), 'exe_msg_a_2')?.items[0]?.overlaps, []);
});

test('an execution that nobody knows is not answered', () => {
  assert.equal(run(checkout(), 'exe_nobody'), null);
});
