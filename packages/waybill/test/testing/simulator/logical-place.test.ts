import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogicalPlace } from '../../../src/testing/simulator/logical-place.ts';
import type { TruePlace } from '../../../src/testing/simulator/truth.ts';

const AS_OF = 100_000;

interface Case {
  readonly title: string;
  readonly lives: (place: LogicalPlace) => void;
  readonly state: TruePlace['state'];
  /** Each segment as its kind and its end; the first begins at 0. */
  readonly segments: readonly (readonly [kind: string, to: number])[];
  readonly overdue?: TruePlace['overdue'];
}

const until = (at: number | null) => () => at;

const CASES: readonly Case[] = [
  {
    title: 'what runs well was queued, then ran',
    lives: (place) => {
      place.begins(0, {});
      place.starts(10, 'exe_1', 'first');
      place.settles(30, 'exe_1', 'ok');
    },
    state: 'done',
    segments: [
      ['queued', 10],
      ['run', 30],
    ],
  },
  {
    title: 'a delay lasts to its instant, and what nobody takes then is queued',
    lives: (place) => place.begins(0, { wait: { kind: 'scheduled', until: until(500) } }),
    state: 'waiting',
    segments: [
      ['scheduled', 500],
      ['queued', AS_OF],
    ],
  },
  {
    title: 'a delay that is not over lasts to as-of',
    lives: (place) => place.begins(0, { wait: { kind: 'scheduled', until: until(AS_OF * 2) } }),
    state: 'waiting',
    segments: [['scheduled', AS_OF]],
  },
  {
    title: 'a backoff lasts as long as was said, whenever the next attempt comes',
    lives: (place) => {
      place.begins(0, {});
      place.starts(10, 'exe_1', 'first');
      place.settles(20, 'exe_1', 'retry', { kind: 'backoff', until: until(1_020) });
      place.starts(1_050, 'exe_2', 'retry');
      place.settles(1_060, 'exe_2', 'ok');
    },
    state: 'done',
    segments: [
      ['queued', 10],
      ['run', 20],
      ['backoff', 1_020],
      ['queued', 1_050],
      ['run', 1_060],
    ],
  },
  {
    title: 'a crash costs the lease, and then the queue',
    lives: (place) => {
      place.begins(0, {});
      place.starts(10, 'exe_1', 'first');
      place.abandons(3_010);
      place.starts(3_040, 'exe_2', 'redelivery');
      place.settles(3_050, 'exe_2', 'ok');
    },
    state: 'done',
    segments: [
      ['queued', 10],
      ['lease_lost', 3_010],
      ['queued', 3_040],
      ['run', 3_050],
    ],
  },
  {
    title: 'a crash without a lease costs all the time to the next start',
    lives: (place) => {
      place.begins(0, {});
      place.starts(10, 'exe_1', 'first');
      place.abandons(null);
      place.starts(3_040, 'exe_2', 'redelivery');
      place.settles(3_050, 'exe_2', 'ok');
    },
    state: 'done',
    segments: [
      ['queued', 10],
      ['lease_lost', 3_040],
      ['run', 3_050],
    ],
  },
  {
    title: 'what nobody takes over from a worker that went silent is overdue',
    lives: (place) => {
      place.begins(0, {});
      place.starts(10, 'exe_1', 'first');
      place.abandons(3_010);
    },
    state: 'overdue',
    segments: [
      ['queued', 10],
      ['lease_lost', 3_010],
      ['queued', AS_OF],
    ],
    overdue: { kind: 'never_settled', dueAt: 3_010 },
  },
  {
    title: 'what nobody started in time is overdue',
    lives: (place) => place.begins(0, { dueAt: 60_000 }),
    state: 'overdue',
    segments: [['queued', AS_OF]],
    overdue: { kind: 'never_started', dueAt: 60_000 },
  },
  {
    title: 'what still has time is waiting',
    lives: (place) => place.begins(0, { dueAt: AS_OF + 1 }),
    state: 'waiting',
    segments: [['queued', AS_OF]],
  },
  {
    title: 'a dead letter is parked until somebody redrives it',
    lives: (place) => {
      place.begins(0, {});
      place.starts(10, 'exe_1', 'first');
      place.settles(20, 'exe_1', 'dead');
      place.begins(5_000, {}); // sent again: it began long ago
      place.starts(5_010, 'exe_2', 'replay');
      place.settles(5_020, 'exe_2', 'ok');
    },
    state: 'done',
    segments: [
      ['queued', 10],
      ['run', 20],
      ['parked', 5_010],
      ['run', 5_020],
    ],
  },
  {
    title: 'what stays dead ends where it died',
    lives: (place) => {
      place.begins(0, {});
      place.starts(10, 'exe_1', 'first');
      place.settles(20, 'exe_1', 'dead');
    },
    state: 'dead',
    segments: [
      ['queued', 10],
      ['run', 20],
    ],
  },
  {
    title: 'a duplicate adds nothing',
    lives: (place) => {
      place.begins(0, {});
      place.starts(10, 'exe_1', 'first');
      place.settles(20, 'exe_1', 'ok');
      place.starts(900, 'exe_2', 'duplicate');
      place.settles(905, 'exe_2', 'skipped');
    },
    state: 'done',
    segments: [
      ['queued', 10],
      ['run', 20],
    ],
  },
  {
    title: 'what is discarded while it is held back never waited for longer',
    lives: (place) => {
      place.begins(0, { wait: { kind: 'scheduled', until: until(9_000) }, dueAt: 10_000 });
      place.discards(400);
    },
    state: 'discarded',
    segments: [['scheduled', 400]],
  },
  {
    title: 'clocks that disagree make a segment that runs backwards, and no hole',
    lives: (place) => {
      place.begins(0, {});
      place.starts(-40, 'exe_1', 'first');
      place.settles(-10, 'exe_1', 'ok');
    },
    state: 'done',
    segments: [
      ['queued', -40],
      ['run', -10],
    ],
  },
  {
    title: 'what vanishes leaves nothing to tell',
    lives: (place) => {
      place.begins(0, { dueAt: 1 });
      place.vanishes();
    },
    state: 'unknown',
    segments: [],
  },
  {
    title: 'what lies in a dead-letter queue is dead, until somebody reads it there',
    lives: (place) => {
      place.begins(0, {});
      place.buries();
    },
    state: 'dead',
    segments: [],
  },
];

for (const { title, lives, state, segments, overdue = null } of CASES) {
  test(title, () => {
    const place = new LogicalPlace('orders', 'orders-worker');
    lives(place);
    const truth = place.close(AS_OF);
    assert.equal(truth.state, state);
    assert.deepEqual(
      truth.segments.map(({ kind, to }) => [kind, to]),
      segments,
    );
    for (const [index, { from }] of truth.segments.entries()) assert.equal(from, truth.segments[index - 1]?.to ?? 0);
    assert.deepEqual(truth.overdue, overdue);
  });
}

test('nobody may ask of a worker that went silent while it still has its lease', () => {
  const place = new LogicalPlace('orders', 'orders-worker');
  place.starts(10, 'exe_1', 'first');
  place.abandons(AS_OF);
  assert.equal(place.silentUntil, AS_OF);
  assert.throws(() => place.close(AS_OF), /went silent/);
});

test('an execution is open until a later one shows that it was lost', () => {
  const place = new LogicalPlace('orders', 'orders-worker');
  place.starts(10, 'exe_1', 'first');
  place.abandons(3_010);
  assert.deepEqual(place.close(AS_OF).executions, [{ executionId: 'exe_1', is: 'first', outcome: 'open' }]);
  place.starts(3_040, 'exe_2', 'redelivery');
  place.settles(3_050, 'exe_2', 'ok');
  assert.deepEqual(place.close(AS_OF).executions[0], { executionId: 'exe_1', is: 'first', outcome: 'lost' });
});
