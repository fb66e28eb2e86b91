import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { gap, replayed, sent, settled, started } from '../fact-makers.ts';

const asOf = 100_000;
const root = { correlation_id: 'req_a' };
const mode = (reason: string) => ({ trace_mode: { mode: 'root', reason } as const });

/** What led to a message, as one line. */
function cause(facts: readonly MessageFact[], id: string): string {
  const made = reconstruct(facts, { asOf }).message(id)?.cause;
  const { via, messageIds = [], evidence, missing = 0 } = made ?? {};
  return [via, ...messageIds, missing > 0 ? `and ${missing} more` : '', evidence].filter(Boolean).join(' ');
}

const cases: readonly (readonly [outcome: string, id: string, facts: MessageFact[], expected: string])[] = [
  [
    'a request says itself that nothing led to it',
    'req_a',
    [started('req_a', 1, 0, { ...root, ...mode('untrusted edge') })],
    'root observed',
  ],
  [
    'a cause in Wolverine’s words may be that of a message before',
    'msg_b',
    [started('msg_b', 1, 9, { causation_id: 'msg_a', foreign: { correlation_id: 'c-1', issuer: 'wolverine' } })],
    'cause msg_a inferred',
  ],
  [
    'a cause in NServiceBus’ words is the message that was being handled',
    'msg_b',
    [started('msg_b', 1, 9, { causation_id: 'msg_a', foreign: { correlation_id: 'c-1', issuer: 'nservicebus' } })],
    'cause msg_a observed',
  ],
  [
    'a request whose start is missing is a root by its id alone',
    'req_a',
    [settled('req_a', 1, 9, 'ok', root)],
    'root inferred',
  ],
  [
    'behind a trusted edge what looks like a root may have lost its context',
    'req_a',
    [started('req_a', 1, 0, { ...root, ...mode('trusted edge') })],
    'root inferred',
  ],
  [
    'a call that came without the context of its caller is no root',
    'req_a',
    [started('req_a', 1, 0, { ...root, ...mode('no_context') })],
    'unknown unknown',
  ],
  [
    'a tick is a root',
    'tick_a',
    [started('tick_a', 1, 0, { correlation_id: 'tick_a', ...mode('schedule') })],
    'root observed',
  ],
  ['a new workflow begins where it says so', 'msg_a', [sent('msg_a', 0, { correlation_id: 'run_a' })], 'root observed'],
  [
    'a new workflow whose send is missing is told by its start',
    'msg_a',
    [started('msg_a', 1, 0, { correlation_id: 'run_a', ...mode('new workflow') })],
    'root observed',
  ],
  [
    'a workflow that baggage alone named was not begun there',
    'msg_a',
    [started('msg_a', 1, 0, { correlation_id: 'run_a', ...mode('partial') })],
    'unknown unknown',
  ],
  [
    'what was sent outside every scope has an unknown cause',
    'msg_a',
    [sent('msg_a', 0, { correlation_id: 'msg_a' })],
    'unknown unknown',
  ],
  [
    'a cause that any fact names is observed',
    'msg_a',
    [started('msg_a', 1, 0, { causation_id: 'msg_p' })],
    'cause msg_p observed',
  ],
  [
    'of an end alone nobody knows whether it is a replay',
    'msg_a',
    [settled('msg_a', 1, 0, 'ok', { causation_id: 'msg_p' })],
    'cause msg_p inferred',
  ],
  [
    'an edited replay was led to by what it replays',
    'msg_a',
    [sent('msg_a', 0, { causation_id: 'msg_p', replay_of: 'msg_o' })],
    'replay msg_o observed',
  ],
  [
    'an operator who replayed a message says as which',
    'msg_a',
    [
      replayed('msg_o', 0, { new_message_id: 'msg_a' }),
      started('msg_a', 1, 9, { causation_id: 'msg_p', plan_id: 'plan_1' }),
    ],
    'replay msg_o observed',
  ],
  [
    'a replay of which nobody knows what it replays has no cause of its own',
    'msg_a',
    [started('msg_a', 1, 9, { causation_id: 'msg_p', plan_id: 'plan_1' })],
    'unknown unknown',
  ],
];

for (const [outcome, id, facts, expected] of cases) test(outcome, () => assert.equal(cause(facts, id), expected));

const item = (id: string, index: number, count = 3) =>
  started(id, 1, 0, { execution_id: 'exe_b', batch: { id: 'bat_1', index, count } });
const effect = sent('msg_e', 50, { causation_id: 'bat_1', by_execution_id: 'exe_b' });

test('what a batch sent was led to by all of its messages, in their order', () => {
  assert.equal(
    cause([effect, item('msg_3', 2), item('msg_1', 0), item('msg_2', 1)], 'msg_e'),
    'cause msg_1 msg_2 msg_3 observed',
  );
});

test('messages of a batch without facts are counted', () => {
  assert.equal(cause([effect, item('msg_1', 0)], 'msg_e'), 'cause msg_1 and 2 more observed');
});

test('a message of a batch whose start is missing is known by the execution that it ended in', () => {
  const end = settled('msg_2', 1, 90, 'ok', { execution_id: 'exe_b' });
  assert.equal(cause([effect, item('msg_1', 0, 2), end], 'msg_e'), 'cause msg_1 msg_2 observed');
  assert.equal(cause([effect, end], 'msg_e'), 'cause msg_2 observed');
});

test('a batch of which nothing is known leaves the cause unknown, and the batch named', () => {
  const made = reconstruct([effect], { asOf }).message('msg_e')?.cause;
  assert.deepEqual([made?.batchId, made?.messageIds, made?.missing, made?.evidence], ['bat_1', [], 1, 'unknown']);
});

test('a gap of a batch as a whole is no message', () => {
  const graph = reconstruct([item('msg_1', 0), gap('bat_1', 1)], { asOf });
  assert.deepEqual(
    [...graph.messages()].map(({ messageId }) => messageId),
    ['msg_1'],
  );
  assert.deepEqual(graph.batch('bat_1')?.items, ['msg_1']);
});

test('effects of a batch are those of each of its messages, and a replay is no effect of what it copied its causes from', () => {
  const replay = sent('msg_r', 80, { causation_id: 'msg_1', replay_of: 'msg_e' });
  const graph = reconstruct([effect, item('msg_1', 0), item('msg_2', 1), replay], { asOf });
  const effects = (id: string) => graph.effectsOf(id).map(({ messageId, via, batchId }) => [messageId, via, batchId]);
  assert.deepEqual(effects('msg_1'), [['msg_e', 'cause', 'bat_1']]);
  assert.deepEqual(effects('msg_2'), [['msg_e', 'cause', 'bat_1']]);
  assert.deepEqual(effects('msg_e'), [['msg_r', 'replay', null]]);
});
