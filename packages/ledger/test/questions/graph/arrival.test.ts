import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact, StartedFact } from 'waybill';
import { lossesOf } from '../../../src/questions/graph/losses.ts';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { counted, numbered, replayed, sent, settled, started } from '../fact-makers.ts';

const uncounted: Partial<StartedFact> = { attempt: null, broker_id: 'orders-3-17' };
const redelivered: Partial<StartedFact> = { attempt: null, redelivered: true };
const plan: Partial<StartedFact> = { plan_id: 'plan_1' };

/** What each execution is, in their order. */
function arrivals(facts: readonly MessageFact[]): string[] {
  const own = numbered(facts);
  const message = reconstruct(own, { asOf: 10_000_000, losses: lossesOf(own) }).message('msg_a');
  return message?.subscriptions[0].executions.map(({ arrival: { is, evidence } }) => `${is} ${evidence}`) ?? [];
}

const cases: readonly (readonly [outcome: string, facts: MessageFact[], ...expected: string[]])[] = [
  [
    'the first delivery is known by its count',
    [started('msg_a', 1, 0, counted(1)), settled('msg_a', 1, 1, 'ok')],
    'first observed',
  ],
  [
    'an attempt alone does not say that nothing came before',
    [started('msg_a', 1, 0), settled('msg_a', 1, 1, 'ok')],
    'first inferred',
  ],
  [
    'where nothing is counted, the first that is known is the first',
    [started('msg_a', 1, 0, uncounted), settled('msg_a', 1, 1, 'ok')],
    'first inferred',
  ],
  [
    'after a failure comes a retry, and after handing back a redelivery',
    [
      started('msg_a', 1, 0, counted(1)),
      settled('msg_a', 1, 1, 'retry'),
      started('msg_a', 2, 2, counted(2)),
      settled('msg_a', 2, 3, 'released'),
      started('msg_a', 2, 4, { ...counted(3), execution_id: 'exe_3' }),
    ],
    'first observed',
    'retry observed',
    'redelivery observed',
  ],
  [
    'between a failure and what comes two deliveries later, all failed',
    [started('msg_a', 1, 0, counted(1)), settled('msg_a', 1, 1, 'retry'), started('msg_a', 3, 9, counted(3))],
    'first observed',
    'retry inferred',
  ],
  [
    'between a failure and what comes two deliveries later, one failed: nobody knows which',
    [started('msg_a', 1, 0, counted(1)), settled('msg_a', 1, 1, 'retry'), started('msg_a', 2, 9, counted(3))],
    'first observed',
    'unknown unknown',
  ],
  [
    'the second delivery without a failure is a redelivery',
    [started('msg_a', 1, 0, counted(2))],
    'redelivery inferred',
  ],
  ['the second delivery after a failure is a retry', [started('msg_a', 2, 0, counted(2))], 'retry inferred'],
  ['a second attempt alone may be a crash that was counted', [started('msg_a', 2, 0)], 'unknown unknown'],
  ['that it is not the first arrival says no more', [started('msg_a', 1, 0, redelivered)], 'unknown unknown'],
  [
    'a start that nobody ended, delivered again, was lost',
    [started('msg_a', 1, 0, { ...redelivered, redelivered: false }), started('msg_a', 2, 9_000, redelivered)],
    'first observed',
    'redelivery inferred',
  ],
  [
    'a transport that says nothing tries again after a failure',
    [
      started('msg_a', 1, 0, uncounted),
      settled('msg_a', 1, 1, 'failed', { attempt: null }),
      started('msg_a', 2, 2, uncounted),
    ],
    'first inferred',
    'retry inferred',
  ],
  [
    'the same place in a log, long after it was done, is read again',
    [
      started('msg_a', 1, 0, uncounted),
      settled('msg_a', 1, 1, 'ok', { attempt: null, broker_id: 'orders-3-17' }),
      started('msg_a', 2, 3_600_000, uncounted),
    ],
    'first inferred',
    'replay inferred',
  ],
  [
    'soon after it was done, nobody knows what it is',
    [
      started('msg_a', 1, 0, uncounted),
      settled('msg_a', 1, 1, 'ok', { attempt: null, broker_id: 'orders-3-17' }),
      started('msg_a', 2, 60_000, uncounted),
    ],
    'first inferred',
    'unknown unknown',
  ],
  [
    'a declared reading of a log is a replay, and what failed in it is tried again',
    [
      started('msg_a', 1, 0, { ...uncounted, replay: 'log' }),
      settled('msg_a', 1, 1, 'failed', { attempt: null }),
      started('msg_a', 2, 2, { ...uncounted, replay: 'log' }),
    ],
    'replay inferred',
    'retry inferred',
  ],
  [
    'a redrive is a replay once, and its own failures are retries',
    [
      started('msg_a', 1, 0, counted(1)),
      settled('msg_a', 1, 1, 'dead'),
      replayed('msg_a', 500),
      started('msg_a', 1, 600, { ...counted(1), ...plan, execution_id: 'exe_r1' }),
      settled('msg_a', 1, 700, 'retry', { execution_id: 'exe_r1' }),
      started('msg_a', 2, 800, { ...counted(2), ...plan, execution_id: 'exe_r2' }),
    ],
    'first observed',
    'replay observed',
    'retry observed',
  ],
  [
    'the first run of an edited replay is a replay',
    [
      sent('msg_a', 0, { replay_of: 'msg_o', plan_id: 'plan_1' }),
      started('msg_a', 1, 1, { ...counted(1), ...plan }),
      settled('msg_a', 1, 2, 'ok'),
    ],
    'replay observed',
  ],
  [
    'what was skipped is a duplicate, whatever its clock says',
    [
      started('msg_a', 1, 500, counted(1)),
      settled('msg_a', 1, 900, 'ok'),
      started('msg_a', 1, 100, { ...counted(1), execution_id: 'exe_d' }),
      settled('msg_a', 1, 200, 'skipped', { execution_id: 'exe_d' }),
    ],
    'duplicate observed',
    'first observed',
  ],
  [
    'of two copies the one that ended without being skipped is the first',
    [
      started('msg_a', 1, 0, { ...counted(1), broker_id: 'b1' }),
      settled('msg_a', 1, 100, 'ok', { broker_id: 'b1' }),
      started('msg_a', 1, 50, { ...counted(1), broker_id: 'b2', execution_id: 'exe_d' }),
    ],
    'first observed',
    'duplicate inferred',
  ],
  [
    'an end without a start tells no count of deliveries',
    [settled('msg_a', 1, 10, 'ok', { attempt: null })],
    'unknown unknown',
  ],
];

for (const [outcome, facts, ...expected] of cases) test(outcome, () => assert.deepEqual(arrivals(facts), expected));

test('a start that nobody ended is not called lost where its end may be among the facts that are missing', () => {
  const facts = [
    started('msg_a', 1, 0, { ...counted(1), seq: 1 }),
    started('msg_a', 1, 9_000, { ...counted(2), seq: 3, execution_id: 'exe_2' }),
  ];
  const executions = reconstruct(facts, { asOf: 20_000, losses: lossesOf(facts) }).message('msg_a')?.subscriptions[0]
    .executions;
  assert.deepEqual(
    executions?.map(({ outcome, evidence }) => `${outcome} ${evidence}`),
    ['open unknown', 'open unknown'],
  );
  // No failure was counted between them, so that it came again is no retry, whatever became of the first.
  assert.deepEqual(
    executions?.map(({ is }) => is),
    ['first', 'redelivery'],
  );
});

test('what comes before its lease is over was not lost: its end is missing', () => {
  const facts = numbered([
    started('msg_a', 1, 0, { ...counted(1), attempt: null, lease_until: 60_000 }),
    started('msg_a', 1, 20_000, { ...counted(2), attempt: null, execution_id: 'exe_2' }),
  ]);
  const executions = reconstruct(facts, { asOf: 90_000, losses: lossesOf(facts) }).message('msg_a')?.subscriptions[0]
    .executions;
  assert.deepEqual(
    executions?.map(({ outcome, is }) => `${outcome} ${is}`),
    ['open first', 'open unknown'],
  );
});

test('of attempts that a skewed clock puts in the wrong order, the one that was not redelivered came first', () => {
  assert.deepEqual(
    arrivals([
      started('msg_a', 1, 5_000, { attempt: null, redelivered: false, instance: 'fast' }),
      settled('msg_a', 1, 5_100, 'retry', { attempt: null, instance: 'fast' }),
      started('msg_a', 2, 1_000, { ...redelivered, instance: 'slow' }),
      settled('msg_a', 2, 1_100, 'ok', { attempt: null, instance: 'slow' }),
    ]),
    ['first observed', 'retry inferred'],
  );
});

test('of failures that a skewed clock puts in the wrong order, the one that was not redelivered came first', () => {
  const failed = (execution_id: string, at: number, instance: string, again: boolean) => [
    started('msg_a', 1, at, { attempt: null, redelivered: again, execution_id, instance }),
    settled('msg_a', 1, at + 10, 'retry', { attempt: null, execution_id, instance }),
  ];
  assert.deepEqual(arrivals([...failed('exe_1', 5_000, 'fast', false), ...failed('exe_2', 1_000, 'slow', true)]), [
    'first observed',
    'retry inferred',
  ]);
});

test('a redrive comes after all that was sent at first, though it counts anew', () => {
  assert.deepEqual(
    arrivals([
      started('msg_a', 1, 0, counted(1)),
      settled('msg_a', 1, 1, 'retry'),
      started('msg_a', 2, 2, counted(2)),
      settled('msg_a', 2, 3, 'dead'),
      started('msg_a', 1, 9_000, { ...counted(1), ...plan, execution_id: 'exe_r' }),
      settled('msg_a', 1, 9_100, 'ok', { execution_id: 'exe_r' }),
    ]),
    ['first observed', 'retry observed', 'replay observed'],
  );
});

test('a copy that a skewed clock puts before the one that ran is still the duplicate', () => {
  assert.deepEqual(
    arrivals([
      started('msg_a', 1, 50, { ...counted(1), broker_id: 'b2', execution_id: 'exe_d', instance: 'slow' }),
      started('msg_a', 1, 1_000, { ...counted(1), broker_id: 'b1' }),
      settled('msg_a', 1, 1_100, 'ok', { broker_id: 'b1' }),
    ]),
    ['duplicate inferred', 'first observed'],
  );
});

test('what ended twice ended in the order of the clocks', () => {
  const facts = [
    started('msg_a', 1, 1_000, { attempt: null, instance: 'one' }),
    settled('msg_a', 1, 1_100, 'ok', { attempt: null, instance: 'one' }),
    started('msg_a', 2, 2_000, { attempt: null, instance: 'two' }),
    settled('msg_a', 2, 2_100, 'skipped', { attempt: null, instance: 'two' }),
  ];
  assert.deepEqual(arrivals(facts), ['first inferred', 'duplicate observed']);
});

/** The message as a pipeline tells it that loses one fact in a hundred. */
function inLossyPipeline(facts: readonly MessageFact[]) {
  const own = numbered(facts);
  const losses = { ...lossesOf(own), seen: 99, missing: 1 };
  return reconstruct(own, { asOf: 1_000_000, losses }).message('msg_a')?.subscriptions[0];
}

test('where facts are lost, a start without an end may be a copy, and a dead message may have been redriven', () => {
  const begun = [sent('msg_a', 0), started('msg_a', 1, 100, counted(1))];
  const open = inLossyPipeline(begun);
  assert.deepEqual(
    [open?.executions[0]?.arrival.evidence, open?.segments[0]?.kind, open?.segments[0]?.evidence],
    ['inferred', 'queued', 'inferred'],
  );
  const dead = inLossyPipeline([...begun, settled('msg_a', 1, 200, 'dead')]);
  assert.deepEqual([dead?.state, dead?.evidence, dead?.segments[0]?.evidence], ['dead', 'inferred', 'observed']);
});

test('a lease that was over does not outweigh a fact that is known to be missing', () => {
  const own = [
    started('msg_a', 1, 0, { ...counted(1), lease_until: 30_000, seq: 1 }),
    started('msg_a', 1, 40_000, { ...counted(2), execution_id: 'exe_2', seq: 3 }),
  ];
  const whole = own.map((fact, index) => ({ ...fact, seq: index + 1 }));
  const outcomes = [own, whole].map((facts) => {
    const losses = { ...lossesOf(facts), seen: 99, missing: 1 };
    const at = reconstruct(facts, { asOf: 41_000, losses }).message('msg_a')?.subscriptions[0];
    return at?.executions[0]?.outcome;
  });
  assert.deepEqual(outcomes, ['open', 'lost']);
});
