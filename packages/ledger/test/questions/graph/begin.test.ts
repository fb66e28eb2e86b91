import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CreatedFact, MessageFact } from 'waybill';
import { lossesOf } from '../../../src/questions/graph/losses.ts';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { counted, sent, settled, started } from '../fact-makers.ts';

function created(at: number): CreatedFact {
  const { status: _, ...made } = sent('msg_a', at, { created_at: at });
  return { ...made, kind: 'created' };
}
const start = (at: number, more: Parameters<typeof started>[3] = {}) =>
  started('msg_a', 1, at, { ...counted(1), ...more });
const end = (at: number) => settled('msg_a', 1, at, 'ok');
const ours = { causation_id: 'msg_root' };

/** Where the time at `orders` begins, and its first part. */
function begin(facts: readonly MessageFact[]): string {
  const places = reconstruct(facts, { asOf: 100_000, losses: lossesOf(facts) }).message('msg_a')?.subscriptions ?? [];
  const at = places.find(({ destination }) => destination === 'orders');
  const [first] = at?.segments ?? [];
  return `${at?.beginsAt} ${at?.begin.from} ${at?.begin.evidence}: ${first?.kind} ${first?.ms} ${first?.evidence}`;
}

const cases: readonly (readonly [outcome: string, facts: MessageFact[], expected: string])[] = [
  [
    'the sender says when it was sent',
    [sent('msg_a', 1_000), start(3_000), end(4_000)],
    '1000 sent.at observed: queued 2000 observed',
  ],
  [
    'an outbox counts from the transaction that made it',
    [created(1_000), sent('msg_a', 2_000, { created_at: 1_000, instance: 'relay' }), start(3_000), end(4_000)],
    '1000 created.at observed: queued 2000 observed',
  ],
  [
    'without the fact of the transaction, the relay still says when it was made',
    [sent('msg_a', 2_000, { created_at: 1_000, instance: 'relay' }), start(3_000), end(4_000)],
    '1000 sent.created_at inferred: queued 2000 inferred',
  ],
  [
    'what was forwarded lies at its next place from its next send on',
    [sent('msg_a', 500, { destination: 'raw' }), sent('msg_a', 2_000, { created_at: 500 }), start(3_000), end(4_000)],
    '2000 sent.at observed: queued 1000 observed',
  ],
  [
    'without its send, the broker knows since when it lay there, by another clock',
    [start(3_000, { ...ours, enqueued_at: 1_000 }), end(4_000)],
    '1000 started.enqueued_at unknown: queued 2000 unknown',
  ],
  [
    'of what nobody of ours sent, the broker alone knows',
    [start(3_000, { enqueued_at: 1_000, correlation_id: 'msg_a' }), end(4_000)],
    '1000 started.enqueued_at observed: queued 2000 observed',
  ],
  [
    'without either, nothing is known before its start',
    [start(3_000, ours), end(4_000)],
    '3000 started.at observed: run 1000 observed',
  ],
  [
    'a publish that the transport knew already was not the first',
    [sent('msg_a', 1_000, { status: 'duplicate' }), start(3_000), end(4_000)],
    '1000 sent.at unknown: queued 2000 unknown',
  ],
  [
    'a copy that no send tells of was sent by one that is missing',
    [
      sent('msg_a', 1_000, { broker_id: 'b2' }),
      start(3_000, { broker_id: 'b1' }),
      settled('msg_a', 1, 4_000, 'ok', { broker_id: 'b1' }),
      start(5_000, { broker_id: 'b2', execution_id: 'exe_d' }),
      settled('msg_a', 1, 5_100, 'skipped', { broker_id: 'b2', execution_id: 'exe_d' }),
    ],
    '1000 sent.at unknown: queued 2000 unknown',
  ],
  [
    'what came is another copy than the one whose send is known',
    [
      sent('msg_a', 1_000, { broker_id: 'b2' }),
      start(3_000, { broker_id: 'b1' }),
      settled('msg_a', 1, 4_000, 'ok', { broker_id: 'b1' }),
    ],
    '1000 sent.at unknown: queued 2000 unknown',
  ],
  [
    'before a second attempt of which the first is missing, the time is unaccounted',
    [sent('msg_a', 1_000), started('msg_a', 2, 3_000, counted(2)), settled('msg_a', 2, 4_000, 'ok')],
    '1000 sent.at observed: unaccounted 2000 unknown',
  ],
  [
    'a tick that a second scheduler fired begins with the run that was none of its duplicates',
    [
      start(1_000, { execution_id: 'exe_d', correlation_id: 'msg_a' }),
      settled('msg_a', 1, 1_010, 'skipped', { execution_id: 'exe_d' }),
      start(3_000, { correlation_id: 'msg_a' }),
      end(4_000),
    ],
    '3000 started.at observed: run 1000 observed',
  ],
];

for (const [outcome, facts, expected] of cases) test(outcome, () => assert.equal(begin(facts), expected));

test('a place that its consumer knows by another name begins with what was sent, as a conclusion', () => {
  const facts = [sent('msg_a', 1_000, { destination: 'exchange', hop: 1 }), start(3_000, { hop: 1 }), end(4_000)];
  assert.equal(begin(facts), '1000 sent.at inferred: queued 2000 inferred');
  const forwarded = [
    sent('msg_a', 1_000, { destination: 'exchange', hop: 1 }),
    start(3_000, { ...ours, hop: 2 }),
    end(4_000),
  ];
  assert.equal(begin(forwarded), '3000 started.at observed: run 1000 observed');
});

test('a dead letter was not sent to its queue by whoever sent it elsewhere', () => {
  const facts = [sent('msg_a', 1_000, { destination: 'exchange' }), start(3_000, { dead_lettered: true }), end(4_000)];
  assert.equal(begin(facts), '3000 started.at inferred: run 1000 observed');
});

test('a transport that moves its dead letters itself knows since when they lie there', () => {
  const first = sent('msg_a', 0, { ...ours, destination: 'work' });
  const moved = [first, start(3_000, { ...ours, dead_lettered: true, enqueued_at: 1_000 }), end(4_000)];
  assert.equal(begin(moved), '1000 started.enqueued_at inferred: queued 2000 inferred');
  // A consumer that buries them records it, and its fact may be among those that are missing.
  const lossy = moved.map((fact, index) => ({ ...fact, seq: index * 5 + 1 }));
  assert.equal(begin(lossy), '1000 started.enqueued_at unknown: queued 2000 unknown');
});
