import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact, SentFact, StartedFact } from 'waybill';
import type { Destination } from '../../../src/questions/graph/destinations.ts';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { storeGraph } from '../../../src/questions/graph/store-graph.ts';
import { gap, sent, started } from '../fact-makers.ts';
import { readerOf } from '../reader-of.ts';

const destinations: readonly Destination[] = [
  { name: 'orders', instrumented: true },
  { name: 'stock', instrumented: false },
  { name: 'mail', instrumented: true },
];
const key = { business_key: 'order:1' };

/** A message that arrived at `orders` without context. */
function lost(at: number, more: Partial<StartedFact> = {}): MessageFact[] {
  const own = { correlation_id: 'msg_x', broker_id: 'b9', ...more };
  // Sound: `more` of these tests names fields that every fact has.
  const found = gap('msg_x', at, { subscription: 'worker', ...(own as object) });
  return [found, started('msg_x', 1, at, own)];
}
const send = (id: string, at: number, more: Partial<SentFact> = {}) =>
  sent(id, at, { correlation_id: 'req_a', causation_id: 'req_a', ...more });

/** A message that brought W3C headers alone, which name a span. */
function foreign(at: number, flags = '01'): MessageFact[] {
  const missing = { reason: 'w3c_only', missing: ['waybill'], edge: { from: null, to: 'orders' } } as const;
  const traceparent = `00-${SPAN.trace_id}-${SPAN.span_id}-${flags}`;
  const own = { correlation_id: 'msg_x', broker_id: 'b9' };
  return [gap('msg_x', at, { ...own, gap: { ...missing, traceparent } }), started('msg_x', 1, at, own)];
}
const SPAN = { trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) };
const derived = { ...SPAN, inferred: true } as const;

function linked(facts: readonly MessageFact[]): string {
  const {
    messageIds = [],
    how,
    evidence,
  } = reconstruct(facts, { asOf: 2_000_000, destinations }).message('msg_x')?.cause ?? {};
  return [how, ...messageIds, evidence].filter(Boolean).join(' ');
}

const cases: readonly (readonly [outcome: string, facts: MessageFact[], expected: string])[] = [
  [
    'what lies at the same place of the transport is the same message under another id',
    [send('msg_a', 0, { broker_id: 'b9' }), send('msg_b', 0, { broker_id: 'b8' }), ...lost(5_000)],
    'broker_id msg_a inferred',
  ],
  [
    'what was derived of the span that its headers name is what came, before any broker’s id, wherever it went',
    [
      send('msg_a', 0, { broker_id: 'b9' }),
      send('msg_s', 0, { ...derived, destination: 'exchange' }),
      ...foreign(5_000),
    ],
    'span msg_s inferred',
  ],
  [
    'a message that was being handled in the span that its headers name led to it',
    [started('msg_s', 1, 0, { ...derived, correlation_id: 'req_a' }), ...foreign(5_000)],
    'span msg_s inferred',
  ],
  [
    'of what a service recorded in that span it is the one that went there, and of two neither',
    [send('msg_s', 0, SPAN), send('msg_t', 0, { ...SPAN, destination: 'mail' }), ...foreign(5_000)],
    'span msg_s inferred',
  ],
  [
    'two that were recorded in that span are a guess',
    [send('msg_s', 0, SPAN), send('msg_t', 0, SPAN), ...foreign(5_000)],
    'unknown',
  ],
  [
    'the same span of another trace is another span',
    [send('msg_s', 0, { ...derived, trace_id: 'c'.repeat(32), destination: 'exchange' }), ...foreign(5_000)],
    'unknown',
  ],
  [
    'the id of a broker says nothing at another place',
    [send('msg_a', 0, { broker_id: 'b9', destination: 'mail' }), ...lost(5_000)],
    'unknown',
  ],
  [
    'the only one sent there that nobody took is the one that came',
    [send('msg_a', 0), ...lost(5_000)],
    'destination msg_a inferred',
  ],
  ['of two that were sent there, neither is', [send('msg_a', 0), send('msg_b', 10), ...lost(5_000)], 'unknown'],
  [
    'of two that were sent there, the one with the same key is',
    [send('msg_a', 0, key), send('msg_b', 10), ...lost(5_000, key)],
    'business_key msg_a inferred',
  ],
  ['another key is another story', [send('msg_a', 0, { business_key: 'order:2' }), ...lost(5_000, key)], 'unknown'],
  ['another tenant is another story', [send('msg_a', 0, { tenant_id: 'borealis' }), ...lost(5_000)], 'unknown'],
  ['another event is another message', [send('msg_a', 0, { event_type: 'order.paid' }), ...lost(5_000)], 'unknown'],
  [
    'one that was started under its own id is not it',
    [send('msg_a', 0), started('msg_a', 1, 100), ...lost(5_000)],
    'unknown',
  ],
  [
    'one of which the transport told another id is not it',
    [send('msg_a', 0, { broker_id: 'b1' }), ...lost(5_000)],
    'unknown',
  ],
  [
    'through somebody who records nothing, the same key leads on',
    [send('msg_a', 0, { ...key, destination: 'stock' }), ...lost(5_000, key)],
    'business_key msg_a inferred',
  ],
  [
    'two that went to somebody who records nothing are a guess, and none',
    [
      send('msg_a', 0, { ...key, destination: 'stock' }),
      send('msg_b', 10, { ...key, destination: 'stock' }),
      ...lost(5_000, key),
    ],
    'unknown',
  ],
  [
    'where starts are recorded, one without a start waits, and led to nothing',
    [send('msg_a', 0, { ...key, destination: 'mail' }), ...lost(5_000, key)],
    'unknown',
  ],
  [
    'a sender whose clock is ten seconds fast still sent before',
    [send('msg_a', 10_000), ...lost(5_000)],
    'destination msg_a inferred',
  ],
  ['a sender minutes later did not', [send('msg_a', 200_000), ...lost(5_000)], 'unknown'],
  ['hours before is another story', [send('msg_a', 0, key), ...lost(1_900_000, key)], 'unknown'],
  ['without a common key, minutes before is another story', [send('msg_a', 0), ...lost(120_000)], 'unknown'],
  [
    'one whose time had not come was not delivered',
    [send('msg_a', 0, { not_before: 60_000 }), ...lost(5_000)],
    'unknown',
  ],
  [
    'a foreign system says under which of its ids it was led to',
    [
      send('msg_a', 0, { destination: 'mail', foreign: { correlation_id: 'c1', issuer: 'masstransit' } }),
      ...lost(5_000, { foreign: { correlation_id: 'c2', initiator_id: 'c1', issuer: 'masstransit' } }),
    ],
    'foreign msg_a inferred',
  ],
  [
    'the same id of another issuer is another id',
    [
      send('msg_a', 0, { destination: 'mail', foreign: { correlation_id: 'c1', issuer: 'other' } }),
      ...lost(5_000, { foreign: { correlation_id: 'c2', initiator_id: 'c1', issuer: 'masstransit' } }),
    ],
    'unknown',
  ],
];

for (const [outcome, facts, expected] of cases) test(outcome, () => assert.equal(linked(facts), expected));

test('one that another arrival turned out to be is not taken a second time', () => {
  const other = started('msg_y', 1, 4_000, { correlation_id: 'msg_y', broker_id: 'b1' });
  const facts = [
    send('msg_a', 0, { broker_id: 'b1' }),
    send('msg_b', 10),
    other,
    ...lost(5_000, { broker_id: undefined }),
  ];
  assert.equal(linked(facts), 'destination msg_b inferred');
});

test('where baggage named the workflow, the only one of it that nobody took leads on', () => {
  const partial = { reason: 'partial', missing: ['waybill'], edge: { from: null, to: 'orders' } } as const;
  const found = gap('msg_x', 5_000, { gap: partial, subscription: 'worker', correlation_id: 'req_a' });
  const facts = [
    send('msg_a', 0, { destination: 'stock' }),
    send('msg_z', 0, { destination: 'stock', correlation_id: 'req_z' }),
    found,
  ];
  assert.equal(linked(facts), 'workflow msg_a inferred');
  assert.equal(linked([...facts, send('msg_b', 0, { destination: 'stock' })]), 'unknown');
});

test('a message that lies there under another id is neither waiting nor overdue', () => {
  const facts = [send('msg_a', 0, { broker_id: 'b9', due_at: 1 }), ...lost(5_000)];
  const graph = reconstruct(facts, { asOf: 2_000_000, destinations });
  const at = graph.message('msg_a')?.subscriptions[0];
  assert.deepEqual([at?.state, at?.evidence, at?.segments], ['unknown', 'inferred', []]);
  assert.deepEqual(
    graph.effectsOf('msg_a').map(({ messageId, evidence }) => `${messageId} ${evidence}`),
    ['msg_x inferred'],
  );
});

test('of two copies of a topic, only the one that lost its context is taken under another id', () => {
  const topic: readonly Destination[] = [{ name: 'orders', kind: 'topic', subscriptions: ['worker', 'audit'] }];
  const facts = [
    send('msg_a', 0, { broker_id: 'b9' }),
    started('msg_a', 1, 500, { subscription: 'audit', correlation_id: 'req_a', broker_id: 'b9' }),
    ...lost(5_000),
  ];
  const places = reconstruct(facts, { asOf: 20_000, destinations: topic }).message('msg_a')?.subscriptions ?? [];
  assert.deepEqual(
    places.map(({ subscription, state }) => `${subscription} ${state}`),
    ['worker unknown', 'audit running'],
  );
});

test('a store finds what a foreign sender led to, and from there its way back', async () => {
  const facts = [
    send('msg_s', 0, { ...derived, destination: 'exchange' }),
    started('msg_s', 1, 10, { ...derived, span_id: 'c'.repeat(16), destination: 'other', correlation_id: 'req_a' }),
    ...foreign(5_000),
  ];
  const reader = await readerOf(facts);
  const graph = storeGraph(reader, { asOf: 20_000 });
  assert.deepEqual(graph.message('msg_x')?.cause.messageIds, ['msg_s']);
  assert.deepEqual(
    graph.effectsOf('msg_s').map(({ messageId, evidence }) => `${messageId} ${evidence}`),
    ['msg_x inferred'],
  );
});

test('a derived send without a cause is not said to be outside every scope', () => {
  const because = (more: Partial<SentFact>) =>
    reconstruct([sent('msg_a', 0, { correlation_id: 'msg_a', ...more })], { asOf: 10 }).message('msg_a')?.cause.because;
  assert.deepEqual([because({}), because(derived)], [['it was sent outside every scope'], ['no fact of it says']]);
});
