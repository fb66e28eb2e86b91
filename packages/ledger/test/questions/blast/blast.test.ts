import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blast } from '../../../src/questions/blast/blast.ts';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { storeGraph } from '../../../src/questions/graph/store-graph.ts';
import { checkout, messageEnding } from '../checkout.ts';
import { handled, sent, settled, started, timeout } from '../fact-makers.ts';
import { readerOf } from '../reader-of.ts';

const asOf = 100_000;

test('the charge led to one message, which is pending', () => {
  const answer = blast(checkout(), messageEnding('PWASC1'));
  assert.deepEqual(
    answer?.caused.map(({ message_id, state, state_evidence, is_pending, evidence }) => [
      message_id.slice(-6),
      ...[state, state_evidence, is_pending, evidence],
    ]),
    [['7X9C3M', 'overdue', 'observed', true, 'observed']],
  );
  assert.deepEqual([answer?.pending, answer?.is_at_least], [1, false]);
});

test('what lies behind a lost hop was caused as well, and is an inference from there on', () => {
  const answer = blast(checkout(), messageEnding('8EMSF7'));
  assert.deepEqual(
    answer?.caused.map(({ message_id, depth, via, evidence }) => [message_id.slice(-5), depth, via, evidence]),
    [
      ['WSF21', 1, 'cause', 'observed'],
      ['1KYV7', 2, 'cause', 'inferred'],
      ['E83TZ8'.slice(-5), 3, 'replay', 'inferred'],
    ],
  );
});

test('others with the same error at the same place were hit by the same trouble, and not caused', () => {
  const failed = (id: string, more: object = {}) => [
    started(id, 1, 0, more),
    settled(id, 1, 100, 'dead', { error: timeout, ...more }),
  ];
  const facts = [
    ...failed('msg_a'),
    ...failed('msg_b'),
    ...failed('msg_c', { subscription: 'other' }),
    ...handled('msg_d', 0),
  ];
  const answer = blast(reconstruct(facts, { asOf }), 'msg_a');
  assert.deepEqual(answer?.caused, []);
  assert.deepEqual(
    answer?.same_trouble?.map(({ trouble, message_ids, evidence }) => [trouble.kind, message_ids, evidence]),
    [['error', ['msg_b'], 'inferred']],
  );
});

test('others that the same worker lost at the same time were hit by the same trouble', () => {
  const lost = (id: string, at: number, instance = 'worker-2') => [
    started(id, 1, at, { instance, lease_until: at + 5_000 }),
    started(id, 2, at + 6_000, { redelivered: true }),
    settled(id, 2, at + 6_100, 'ok'),
  ];
  const facts = [
    ...lost('msg_a', 0),
    ...lost('msg_b', 1_000),
    ...lost('msg_c', 1_000, 'worker-3'),
    ...lost('msg_d', 9_000_000),
  ];
  const answer = blast(reconstruct(facts, { asOf: 10_000_000 }), 'msg_a');
  assert.deepEqual(
    answer?.same_trouble?.map(({ trouble, message_ids }) => [trouble.instance, message_ids]),
    [['worker-2', ['msg_b']]],
  );
});

test('causes that lead back to themselves end', () => {
  const facts = [...handled('msg_a', 0, { causation_id: 'msg_b' }), ...handled('msg_b', 10, { causation_id: 'msg_a' })];
  assert.deepEqual(
    blast(reconstruct(facts, { asOf }), 'msg_a')?.caused.map(({ message_id }) => message_id),
    ['msg_b'],
  );
});

test('over a store the same effects are found, and nobody has looked for the same trouble', async () => {
  const facts = [
    ...handled('msg_a', 0),
    sent('msg_b', 500, { causation_id: 'msg_a' }),
    sent('msg_c', 600, { causation_id: 'msg_b' }),
  ];
  const answer = blast(storeGraph(await readerOf(facts), { asOf }), 'msg_a');
  assert.deepEqual(
    answer?.caused.map(({ message_id, depth }) => [message_id, depth]),
    [
      ['msg_b', 1],
      ['msg_c', 2],
    ],
  );
  assert.equal(answer?.same_trouble, null);
});
