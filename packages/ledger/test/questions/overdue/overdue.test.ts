import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import { lossesOf } from '../../../src/questions/graph/losses.ts';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { overdue } from '../../../src/questions/overdue/overdue.ts';
import { checkout } from '../checkout.ts';
import { counted, discarded, sent, settled, started } from '../fact-makers.ts';

const destinations = [{ name: 'orders', instrumented: true, deadline_ms: 60_000 }];
const ask = (facts: readonly MessageFact[], asOf = 500_000) =>
  overdue(reconstruct(facts, { asOf, destinations, losses: lossesOf(facts) }));
const lines = (answer: ReturnType<typeof ask>) =>
  answer.overdue.map(({ message_id, kind, due_from, overdue_ms, evidence }) =>
    [message_id, kind, due_from, overdue_ms, evidence].join(' '),
  );

test('of the checkout the email is overdue, and a probe saw that nobody was there', () => {
  const answer = overdue(checkout());
  assert.deepEqual(
    answer.overdue.map(({ message_id, kind, due_at, overdue_ms, evidence }) => [
      message_id.slice(-6),
      kind,
      due_at,
      overdue_ms,
      evidence,
    ]),
    [['7X9C3M', 'never_started', '2026-03-17T14:54:25.640Z', 244_360, 'observed']],
  );
  assert.deepEqual(
    answer.groups.map(({ destination, subscription, overdue: count, waiting }) => [
      destination,
      subscription,
      count,
      waiting,
    ]),
    [['email', 'email-sender', 1, 1]],
  );
  assert.deepEqual(answer.unknown, []);
});

test('what was sent and never started is overdue past its own time, else past the declared one', () => {
  assert.deepEqual(
    lines(ask([sent('msg_a', 0), sent('msg_b', 0, { due_at: 100_000 }), sent('msg_c', 0, { due_at: 900_000 })])),
    ['msg_a never_started deadline_ms 440000 inferred', 'msg_b never_started due_at 400000 inferred'],
  );
});

test('what was started, and has not settled when its lease is over, is overdue', () => {
  const leased = (until: number) => [
    sent('msg_a', 0),
    started('msg_a', 1, 1_000, { ...counted(1), lease_until: until }),
  ];
  assert.deepEqual(lines(ask(leased(31_000))), ['msg_a never_settled lease_until 469000 inferred']);
  assert.deepEqual(lines(ask(leased(600_000))), []);
  const again = [...leased(31_000), started('msg_a', 1, 32_000, { ...counted(2), execution_id: 'exe_2' })];
  assert.deepEqual(lines(ask(again)), []);
});

test('what is over, called off, refused or in an open transaction is never overdue', () => {
  const { status: _, ...made } = sent('msg_c', 0);
  const facts: MessageFact[] = [
    ...[sent('msg_a', 0), started('msg_a', 1, 100), settled('msg_a', 1, 200, 'ok')],
    ...[sent('msg_b', 0), discarded('msg_b', 100)],
    { ...made, kind: 'created' },
    sent('msg_d', 0, { status: 'refused' }),
    sent('msg_e', 0, { not_before: 450_000 }),
  ];
  const answer = ask(facts);
  assert.deepEqual(lines(answer), []);
  assert.deepEqual(answer.groups, []);
});

test('what may be overdue, for all that is known, is listed apart', () => {
  const facts = [
    started('msg_a', 1, 1_000, { ...counted(1), lease_until: 31_000, seq: 1 }),
    sent('msg_b', 100_000, { seq: 3 }),
  ];
  const answer = ask(facts);
  assert.deepEqual(
    answer.unknown.map(({ message_id, kind }) => `${message_id} ${kind}`),
    ['msg_a never_settled'],
  );
  assert.deepEqual(lines(answer), ['msg_b never_started deadline_ms 340000 inferred']);
});
