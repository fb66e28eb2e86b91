import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fact } from 'waybill';
import type { ReplayData } from '../../../src/questions/replay/answer.ts';
import { ask } from '../../../src/questions/replay/ask.ts';
import { capturedAt, WORKFLOW, workflowFacts } from '../../workflow.ts';
import { messageEnding } from '../checkout.ts';
import { handled, replayed, sent, settled, started, timeout } from '../fact-makers.ts';
import { firstNamed, readerOf } from '../reader-of.ts';

async function replay(facts: readonly Fact[], id: string, at = 100_000): Promise<ReplayData> {
  const reader = await readerOf(facts);
  return ask(reader, firstNamed(reader, id), at);
}

const repeated = ({ twice }: ReplayData) =>
  twice.map((row) => [row.kind, row.message_id.slice(-6), row.destination, row.state, row.evidence]);

test('a charge that is done would run and send its mail twice, and whether its lost attempt charged is unknown', async () => {
  const answer = await replay(workflowFacts(), messageEnding('PWASC1'), capturedAt);
  assert.deepEqual(answer.redelivers, {
    ...{ system: 'aws_sqs', destination: 'payments', subscription: 'payment-worker', broker_id: 'sqs-7c1f02aa' },
  });
  assert.deepEqual(repeated(answer), [
    ['run', 'PWASC1', 'payments', 'done', 'observed'],
    ['effect', '7X9C3M', 'email', 'waiting', 'observed'],
  ]);
  const { caused, pending, unknowns, replays } = answer;
  assert.deepEqual([caused.length, pending, replays], [1, 1, []]);
  assert.deepEqual([unknowns[0]?.question, unknowns[0]?.ask_for], ['did attempt 2 take effect?', 'charge:ORD-48213']);
});

test('a dead message that was replayed with another payload has had its work done already', async () => {
  const answer = await replay(workflowFacts(), messageEnding('21KYV7'), capturedAt);
  assert.deepEqual([answer.state, answer.attempts, answer.max_attempts], ['dead', 3, 3]);
  assert.deepEqual(repeated(answer), [['replay', 'E83TZ8', 'shipping', 'done', 'observed']]);
  const [{ actor, new_message_id } = {}] = answer.replays;
  assert.deepEqual([actor, new_message_id?.slice(-6)], ['mira.okafor', 'E83TZ8']);
});

test('a message that died before it did anything would repeat nothing', async () => {
  const facts = [sent('msg_a', 0), started('msg_a', 1, 100), settled('msg_a', 1, 200, 'dead', { error: timeout })];
  const answer = await replay(facts, 'msg_a');
  assert.deepEqual([answer.state, answer.twice, answer.caused], ['dead', [], []]);
});

test('a message that waits would be handled twice, and so would a subscription where another has failed', async () => {
  assert.deepEqual(repeated(await replay([sent('msg_a', 0)], 'msg_a')), [
    ['wait', 'msg_a', 'orders', 'waiting', 'inferred'],
  ]);
  const at = (subscription: string) => ({ subscription, execution_id: `exe_${subscription}` });
  const answer = await replay(
    [
      ...[sent('msg_a', 0), started('msg_a', 1, 100, at('mail')), started('msg_a', 1, 100, at('billing'))],
      settled('msg_a', 1, 200, 'dead', { error: timeout, ...at('mail') }),
      settled('msg_a', 1, 200, 'ok', at('billing')),
    ],
    'msg_a',
  );
  assert.deepEqual([answer.redelivers.subscription, answer.state], ['mail', 'dead']);
  assert.deepEqual(
    answer.twice.map(({ kind, subscription }) => [kind, subscription]),
    [['run', 'billing']],
  );
});

test('one plan is told once, whoever recorded it', async () => {
  const facts = [
    ...handled('msg_a', 0),
    replayed('msg_a', 5_000, { service: 'waybill' }),
    replayed('msg_a', 5_001, { service: 'shop', new_message_id: 'msg_b' }),
    replayed('msg_a', 9_000, { plan_id: 'plan_2' }),
  ];
  const { replays } = await replay(facts, 'msg_a');
  assert.deepEqual(
    replays.map(({ plan_id, service, new_message_id }) => [plan_id, service, new_message_id]),
    [
      ['plan_1', 'shop', 'msg_b'],
      ['plan_2', 'orders', null],
    ],
  );
});

test('the facts of the message come along as they are exported, and none that are later than was asked', async () => {
  const { facts } = await replay(workflowFacts(), messageEnding('PWASC1'), capturedAt);
  const written = WORKFLOW.facts.filter(({ message_id }) => message_id === messageEnding('PWASC1'));
  const times = (fact: Readonly<Record<string, unknown>>) =>
    Object.entries(fact).filter(([name]) => /at$|until$/.test(name) && typeof fact[name] === 'string');
  assert.deepEqual(facts.map(times), written.map(times));
  const before = await replay(workflowFacts(), messageEnding('PWASC1'), Date.parse('2026-03-17T14:02:14Z'));
  assert.ok(before.facts.length > 0 && before.facts.length < facts.length);
  await assert.rejects(replay(workflowFacts(), messageEnding('PWASC1'), 0), { code: 'ID_UNKNOWN' });
});
