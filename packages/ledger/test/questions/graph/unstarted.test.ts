import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact, SentFact } from 'waybill';
import type { Destination } from '../../../src/questions/graph/destinations.ts';
import { lossesOf } from '../../../src/questions/graph/losses.ts';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { discarded, gap, handled, sent, settled, started } from '../fact-makers.ts';

const asOf = 900_000;
const orders: Destination = { name: 'orders', instrumented: true, deadline_ms: 60_000 };
const probed = (fields: Partial<Destination>): Destination => ({
  ...orders,
  ...fields,
  sources: { probed: { at: new Date(asOf).toISOString(), fields: ['consumers', 'depth'] } },
});

interface Told {
  readonly facts: readonly MessageFact[];
  readonly destinations?: readonly Destination[];
}

/** How msg_a stands, where it needs looking at most. */
function standing({ facts, destinations = [orders] }: Told): string {
  const at = reconstruct(facts, { asOf, destinations, losses: lossesOf(facts) }).message('msg_a')?.subscriptions[0];
  return `${at?.state} ${at?.evidence}`;
}
const waits = (more: Partial<SentFact> = {}) => sent('msg_a', 1_000, more);
/** The worker of another message, of whose facts so many are missing. */
const workerThatLost = (count: number): MessageFact[] => [
  started('msg_b', 1, 2_000, { instance: 'worker-1', seq: 1 }),
  settled('msg_b', 1, 2_100, 'ok', { instance: 'worker-1', seq: 2 + count }),
  ...Array.from({ length: 500 }, (_, index) =>
    sent(`msg_${index}`, 500, { instance: 'other', seq: index + 1, destination: 'mail' }),
  ),
];

const cases: readonly (readonly [outcome: string, told: Told, expected: string])[] = [
  [
    'that nobody has started it yet is a conclusion',
    { facts: [waits()], destinations: [{ name: 'orders' }] },
    'waiting inferred',
  ],
  ['past the declared deadline it is overdue', { facts: [waits()] }, 'overdue inferred'],
  ['its own time comes before the declared one', { facts: [waits({ due_at: 2_000_000 })] }, 'waiting inferred'],
  ['what is delayed is late from its time on', { facts: [waits({ not_before: 850_000 })] }, 'waiting inferred'],
  [
    'where a probe counted no consumers since before it was sent, nobody has started it',
    { facts: [waits()], destinations: [probed({ consumers: 0, last_consumer_seen_at: new Date(500).toISOString() })] },
    'overdue observed',
  ],
  [
    'a consumer that was there for a moment may have taken it',
    {
      facts: [waits()],
      destinations: [probed({ consumers: 0, last_consumer_seen_at: new Date(5_000).toISOString() })],
    },
    'overdue inferred',
  ],
  [
    'a probe of ten minutes ago says nothing of who is there now',
    {
      facts: [waits()],
      destinations: [
        {
          ...probed({ consumers: 0, last_consumer_seen_at: new Date(500).toISOString() }),
          sources: { probed: { at: new Date(asOf - 600_000).toISOString(), fields: ['consumers'] } },
        },
      ],
    },
    'overdue inferred',
  ],
  [
    'what is no more in its queue was taken',
    { facts: [waits()], destinations: [probed({ depth: 0 })] },
    'unknown inferred',
  ],
  [
    'what was found empty before it was sent may hold it now',
    {
      facts: [waits()],
      destinations: [
        {
          ...probed({ depth: 0 }),
          sources: {
            probed: {
              at: new Date(asOf).toISOString(),
              fields: ['depth'],
              older: { depth: new Date(900).toISOString() },
            },
          },
        },
      ],
    },
    'overdue inferred',
  ],
  [
    'nobody knows what becomes of it where nobody records',
    { facts: [waits()], destinations: [{ name: 'orders', instrumented: false }] },
    'unknown unknown',
  ],
  [
    'nobody knows what becomes of it at a place that nobody ever told of',
    { facts: [waits()], destinations: [] },
    'unknown unknown',
  ],
  [
    'where messages arrive without context, it may be one of them',
    {
      facts: [waits(), sent('msg_c', 1_500), gap('msg_x', 3_000, { subscription: 'worker', correlation_id: 'msg_x' })],
    },
    'unknown unknown',
  ],
  [
    'where two facts of its worker are missing, they may be its own',
    { facts: [waits(), ...workerThatLost(2)] },
    'unknown unknown',
  ],
  ['one fact that is missing is no execution', { facts: [waits(), ...workerThatLost(1)] }, 'overdue inferred'],
  ['what was refused never runs', { facts: [waits({ status: 'refused' })] }, 'discarded inferred'],
  [
    'in whose place another one stands never runs',
    { facts: [waits({ status: 'duplicate', dedup_key: 'k' })] },
    'discarded inferred',
  ],
  ['what a transport knows already was sent before', { facts: [waits({ status: 'duplicate' })] }, 'unknown unknown'],
  ['a publish that threw may have been taken', { facts: [waits({ status: 'unknown' })] }, 'unknown unknown'],
  ['what was called off never runs', { facts: [waits(), discarded('msg_a', 2_000)] }, 'discarded observed'],
  ['in a dead-letter queue it is dead', { facts: [waits({ dead_lettered: true })] }, 'dead inferred'],
  [
    'what it led to shows that somebody took it',
    { facts: [waits(), sent('msg_e', 5_000, { causation_id: 'msg_a' })] },
    'unknown inferred',
  ],
];

for (const [outcome, told, expected] of cases) test(outcome, () => assert.equal(standing(told), expected));

test('what lies in an open transaction is never overdue, and what was rolled back never runs', () => {
  const { status: _, ...made } = waits();
  const created: MessageFact = { ...made, kind: 'created', due_at: 2_000 };
  assert.equal(standing({ facts: [created] }), 'unknown unknown');
  assert.equal(standing({ facts: [created, discarded('msg_a', 1_500, { how: 'rolled_back' })] }), 'discarded observed');
});

test('far beyond what twenty others waited, a message is overdue where nobody declared a deadline', () => {
  const others = Array.from({ length: 20 }, (_, index) => handled(`msg_${index}`, 1_000 + index)).flat();
  assert.equal(standing({ facts: [waits(), ...others], destinations: [] }), 'overdue inferred');
  assert.equal(standing({ facts: [waits(), ...others.slice(3)], destinations: [] }), 'waiting inferred');
  assert.equal(standing({ facts: [sent('msg_a', 850_000), ...others], destinations: [] }), 'waiting inferred');
  assert.equal(standing({ facts: [waits(), ...others], destinations: [{ name: 'orders' }] }), 'waiting inferred');
});

test('a destination that was only probed has the deadline that is usual there, unless it is for what was put aside', () => {
  const others = Array.from({ length: 20 }, (_, index) => handled(`msg_${index}`, 1_000 + index)).flat();
  const facts = [waits(), ...others];
  const { deadline_ms: _, ...seen } = probed({ depth: 3 });
  assert.equal(standing({ facts, destinations: [seen] }), 'overdue inferred');
  assert.equal(standing({ facts, destinations: [{ ...seen, kind: 'dead-letter' }] }), 'waiting inferred');
});

test('a delayed message of a lossy pipeline may have been called off', () => {
  const facts = [sent('msg_a', 1_000, { not_before: 2_000, seq: 1 }), sent('msg_b', 1_000, { seq: 3 })];
  assert.equal(standing({ facts }), 'unknown unknown');
});

test('in an excerpt of a ledger, that nobody else is in it says nothing', () => {
  const message = reconstruct([waits()], { asOf, isExcerpt: true }).message('msg_a');
  assert.deepEqual([message?.subscriptions[0].state, message?.subscriptions[0].evidence], ['waiting', 'inferred']);
});

test('what lost its context long before a message was sent is not that message', () => {
  const lost = (at: number) => gap('msg_x', at, { subscription: 'worker', correlation_id: 'msg_x' });
  const sends = [sent('msg_a', 100_000), sent('msg_c', 100_000)];
  assert.equal(standing({ facts: [...sends, lost(1_000)] }), 'overdue inferred');
  assert.equal(standing({ facts: [...sends, lost(95_000)] }), 'unknown unknown');
});

test('facts that others say were recorded tell as well that a pipeline is lossy', () => {
  const delayed = sent('msg_a', 1_000, { not_before: 2_000, seq: 1 });
  const arrived = (causation_id: string | null) =>
    started('msg_b', 1, 1_500, { causation_id, seq: 2, destination: 'mail' });
  assert.equal(standing({ facts: [delayed, arrived(null)] }), 'overdue inferred');
  assert.equal(standing({ facts: [delayed, arrived('msg_root')] }), 'unknown unknown');
});
