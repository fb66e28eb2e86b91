import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import { gaps } from '../../../src/questions/gaps/gaps.ts';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { checkout } from '../checkout.ts';
import { gap, handled, sent, started } from '../fact-makers.ts';

const destinations = [
  { name: 'orders', instrumented: true },
  { name: 'stock', subscriptions: ['bridge'], instrumented: false },
];
const graphOf = (facts: readonly MessageFact[]) => reconstruct(facts, { asOf: 1_000_000, destinations });
const lost = (id: string, at: number, more: object = {}) => [
  gap(id, at, { subscription: 'worker', correlation_id: id, ...more }),
  started(id, 1, at, { correlation_id: id, ...more }),
];

test('the checkout lost its context in the warehouse bridge, between stock events and shipping', () => {
  const { edges } = gaps(checkout());
  assert.deepEqual(
    edges.map(({ lost_in, from, to, reason, likely_reason, messages, linked, linked_by, evidence }) => [
      ...[lost_in, from, to, reason, likely_reason, messages, linked],
      linked_by,
      evidence,
    ]),
    [
      [
        'warehouse-bridge',
        'stock.events',
        'shipping',
        'no_context',
        'not_instrumented',
        1,
        1,
        { business_key: 1 },
        'inferred',
      ],
    ],
  );
  const [found] = edges[0]?.lost ?? [];
  assert.deepEqual(
    [found?.evidence, found?.cause_evidence, found?.cause_message_id?.slice(-5)],
    ['observed', 'inferred', 'WSF21'],
  );
});

test('what somebody of ours sent was lost on the way', () => {
  const [edge] = gaps(
    graphOf([sent('msg_a', 0, { broker_id: 'b1' }), ...lost('msg_x', 500, { broker_id: 'b1' })]),
  ).edges;
  assert.deepEqual([edge?.lost_in, edge?.from, edge?.to, edge?.likely_reason], ['orders', 'orders', 'orders', 'lost']);
  assert.deepEqual(edge?.linked_by, { broker_id: 1 });
});

test('what nobody of ours sent came from somebody who carries no context', () => {
  const [edge] = gaps(graphOf(lost('msg_x', 500))).edges;
  assert.deepEqual(
    [edge?.lost_in, edge?.likely_reason, edge?.unlinked, edge?.evidence],
    [null, 'not_instrumented', 1, 'inferred'],
  );
});

test('what came from a sender whose tracer kept nothing of it is unsampled, and else not', () => {
  const from = (flags: string) => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-${flags}`;
    const seen = { reason: 'w3c_only', missing: ['waybill'], edge: { from: null, to: 'orders' }, traceparent } as const;
    return lost('msg_x', 500, { gap: seen });
  };
  const likely = (facts: readonly MessageFact[]) => {
    const [edge] = gaps(graphOf(facts)).edges;
    return [edge?.likely_reason, edge?.evidence];
  };
  assert.deepEqual(likely(from('00')), ['unsampled', 'inferred']);
  assert.deepEqual(likely(from('02')), ['unsampled', 'inferred']);
  assert.deepEqual(likely(from('01')), ['not_instrumented', 'inferred']);
  const span = { trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16), inferred: true } as const;
  assert.deepEqual(likely([sent('msg_a', 0, span), ...from('00')]), ['lost', 'inferred']);
});

test('where two may have been lost there, nobody knows how', () => {
  const facts = [sent('msg_a', 0), sent('msg_b', 0), ...lost('msg_x', 500)];
  const [edge] = gaps(graphOf(facts)).edges;
  assert.deepEqual([edge?.likely_reason, edge?.evidence], [null, 'unknown']);
});

test('what could not be linked is counted where the others were lost', () => {
  const through = (order: number, at: number) => {
    const key = { business_key: `order:${order}` };
    return [sent(`msg_s${order}`, at, { ...key, destination: 'stock' }), ...lost(`msg_x${order}`, at + 500, key)];
  };
  const { edges, messages_checked } = gaps(
    graphOf([...through(1, 0), ...through(2, 60_000), ...lost('msg_y', 90_000)]),
  );
  assert.deepEqual(
    edges.map(({ lost_in, from, to, messages, linked, unlinked }) => [lost_in, from, to, messages, linked, unlinked]),
    [['bridge', 'stock', 'orders', 3, 2, 1]],
  );
  assert.equal(messages_checked, 5);
});

test('a gap whose own fact is missing is known by the start that found nothing, though not always why', () => {
  const mode = (reason: string) => ({ trace_mode: { mode: 'root', reason } as const });
  const facts = [
    started('msg_x', 1, 0, { correlation_id: 'msg_x', ...mode('no_context') }),
    started('msg_y', 1, 0, { correlation_id: 'msg_y', ...mode('w3c_only') }),
  ];
  const found = gaps(graphOf(facts)).edges.flatMap(({ lost: messages }) => messages);
  assert.deepEqual(
    found.map(({ message_id, reason, evidence, reason_evidence }) => [message_id, reason, evidence, reason_evidence]),
    [
      ['msg_x', 'no_context', 'observed', 'unknown'],
      ['msg_y', 'w3c_only', 'observed', 'observed'],
    ],
  );
});

test('who sends outside every scope says so itself', () => {
  const missing = { reason: 'no_context', missing: ['context'], edge: { from: 'nightly', to: 'orders' } } as const;
  const [edge] = gaps(
    graphOf([sent('msg_x', 0, { correlation_id: 'msg_x' }), gap('msg_x', 0, { gap: missing })]),
  ).edges;
  assert.deepEqual(
    [edge?.lost_in, edge?.to, edge?.likely_reason, edge?.evidence],
    ['nightly', 'orders', 'not_instrumented', 'observed'],
  );
});

test('only what began in the window is counted', () => {
  const facts = [...handled('msg_a', 0), ...lost('msg_x', 500), ...lost('msg_y', 90_000)];
  const { messages_checked, edges } = gaps(graphOf(facts), { from: 80_000, to: 100_000 });
  assert.deepEqual(
    [messages_checked, edges.flatMap((edge) => edge.lost.map(({ message_id }) => message_id))],
    [1, ['msg_y']],
  );
});
