import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import type { MapData, MapEdge } from '../../../src/questions/map/answer.ts';
import { ask } from '../../../src/questions/map/ask.ts';
import type { DestinationValue } from '../../../src/store/store.ts';
import { mapData } from '../../answers.ts';
import { capturedAt, factEnding } from '../../workflow.ts';
import { asked } from '../asked.ts';
import { gap, handled, replayed, sent, settled, started } from '../fact-makers.ts';
import { checkoutReader, readerOf, said } from '../reader-of.ts';

const mapOf = async (facts: readonly MessageFact[], values: readonly DestinationValue[] = [], more: object = {}) =>
  ask(await readerOf(facts, values), asked(more));

const hour = { since: capturedAt - 3_600_000, until: capturedAt + 1, tenantId: null };
const checkout = async () => ask(await checkoutReader(), asked({ window: hour, asOf: capturedAt }));

/** An edge in few words: `worker@orders -> email: email.send 3`, and what it is beside that. */
function drawn({ edges }: MapData): string[] {
  return edges.map(({ from, from_destination, to, event_type, messages, is_gap, is_replay, evidence }) => {
    const origin = from_destination === null ? from : `${from}@${from_destination}`;
    return [`${origin} -> ${to}: ${event_type} ${messages}`, is_gap && 'gap', is_replay && 'replay', evidence]
      .filter((word) => word !== false)
      .join(' ');
  });
}

function counted({ subscriptions }: MapData): unknown[] {
  return subscriptions.map(({ destination, subscription, received, done, waiting, evidence }) =>
    [destination, subscription, received, done, waiting, evidence].join(' '),
  );
}

/** Sent by the first execution of another message. */
const causedBy = (id: string) => ({ causation_id: id, by_execution_id: `exe_${id}_1` });

test('of one checkout each edge is one of the picture, and as sure', async () => {
  const map = await checkout();
  const wordsOf = ({ messages: _, because_facts: __, ...words }: MapEdge) => words;
  const pictured = mapData().edges.map(wordsOf);
  assert.equal(map.edges.length, 7);
  for (const edge of map.edges) {
    assert.equal(edge.messages, 1);
    assert.ok(
      pictured.some(
        (other) =>
          JSON.stringify(Object.entries(other).sort()) === JSON.stringify(Object.entries(wordsOf(edge)).sort()),
      ),
      JSON.stringify(edge),
    );
  }
  const [ingress] = map.edges.filter(({ from }) => from === 'checkout-api');
  assert.deepEqual(ingress?.because_facts, [factEnding('JZCXSQ3').fact_id]);
});

test('of one checkout it is told who took what, of whom nobody records, and what died and was replayed', async () => {
  const map = await checkout();
  assert.deepEqual(counted(map), [
    'email email-sender 0 0 1 inferred',
    'inventory inventory-service 1 1 0 observed',
    'orders.events order-workflow 1 1 0 observed',
    'payments payment-worker 1 1 0 observed',
    'shipping shipping-planner 2 1 0 observed',
    'stock.events warehouse-bridge    unknown',
  ]);
  assert.deepEqual(map.dead_letters, [{ from: 'shipping', to: 'shipping.dlq', messages: 1, replayed: 1 }]);
  assert.deepEqual([map.not_shown, map.is_at_least], [0, false]);
});

test('an edge leaves the ingress or the subscription whose execution sent, else the service', async () => {
  const request = { message_id: 'req_1', correlation_id: 'req_1', system: 'http', destination: 'shop' };
  const { subscription: _, ...taken } = started('req_1', 1, 900, { ...request, event_type: 'POST /orders' });
  const map = await mapOf([
    taken,
    ...handled('msg_a', 1_000, { ...causedBy('req_1'), correlation_id: 'req_1' }),
    ...handled('msg_b', 2_000, { correlation_id: 'run_b', service: 'cleaner' }),
    sent('msg_c', 3_000, { ...causedBy('msg_a'), destination: 'email', event_type: 'email.send' }),
    sent('msg_d', 3_000, { ...causedBy('msg_b'), destination: 'email', event_type: 'email.send' }),
  ]);
  assert.deepEqual(drawn(map), [
    'worker@orders -> email: email.send 2 observed',
    'cleaner -> orders: order.created 1 observed',
    'shop -> orders: order.created 1 observed',
  ]);
});

test('of two groups that took the same message, an edge leaves the one that sent', async () => {
  const billing = { subscription: 'billing', execution_id: 'exe_billing' };
  const map = await mapOf([
    ...handled('msg_a', 1_000),
    started('msg_a', 1, 1_200, billing),
    settled('msg_a', 1, 1_300, 'ok', billing),
    sent('msg_b', 1_250, { causation_id: 'msg_a', by_execution_id: 'exe_billing', destination: 'payments' }),
    sent('msg_c', 1_600, { ...causedBy('msg_a'), destination: 'stock' }),
  ]);
  assert.deepEqual(
    drawn(map).filter((edge) => edge.includes('@')),
    ['billing@orders -> payments: order.created 1 observed', 'worker@orders -> stock: order.created 1 observed'],
  );
  assert.deepEqual(counted(map).slice(0, 2), ['orders billing 1 1 0 observed', 'orders worker 1 1 0 observed']);
});

test('what came without context is a gap: from whoever lost it, and from nowhere where nobody knows', async () => {
  const lost = (id: string, to: string, key: string) => {
    const place = { destination: to, business_key: key, correlation_id: id, event_type: 'shipment.requested' };
    return [
      gap(id, 60_000, { ...place, gap: { reason: 'no_context', missing: ['waybill'], edge: { from: null, to } } }),
      started(id, 1, 60_000, { ...place, trace_mode: { mode: 'root', reason: 'no_context' } }),
    ];
  };
  const map = await mapOf(
    [
      sent('msg_a', 59_000, { destination: 'stock', business_key: 'order:1', correlation_id: 'msg_a' }),
      ...lost('msg_b', 'shipping', 'order:1'),
      ...lost('msg_c', 'returns', 'return:1'),
    ],
    said('stock', 'declared', 0, {
      kind: 'topic',
      subscriptions: ['bridge'],
      uninstrumented_subscriptions: ['bridge'],
    }),
  );
  assert.deepEqual(
    drawn(map).filter((edge) => edge.includes('gap')),
    [
      'bridge@stock -> shipping: shipment.requested 1 gap inferred',
      'null -> returns: shipment.requested 1 gap unknown',
    ],
  );
});

test('a sender that says itself that it had no context is where the gap begins, and nothing is drawn twice', async () => {
  const edge = { from: 'cleaner', to: 'orders' };
  const map = await mapOf([
    sent('msg_a', 1_000, { service: 'cleaner', correlation_id: 'msg_a' }),
    gap('msg_a', 1_000, { correlation_id: 'msg_a', gap: { reason: 'no_context', missing: [], edge } }),
  ]);
  assert.deepEqual(drawn(map), ['cleaner -> orders: order.created 1 gap observed']);
});

test('what was lost where it arrived came from whoever sent it there', async () => {
  const seen = { reason: 'no_context', missing: ['waybill'], edge: { from: null, to: 'email' } } as const;
  const arrived = { destination: 'email', correlation_id: 'msg_c', broker_id: 'job-7' };
  const { edges } = await mapOf([
    ...handled('msg_a', 1_000),
    sent('msg_b', 1_700, { ...causedBy('msg_a'), destination: 'email', broker_id: 'job-7' }),
    gap('msg_c', 1_800, { ...arrived, gap: seen }),
    started('msg_c', 1, 1_800, { ...arrived, trace_mode: { mode: 'root', reason: 'no_context' } }),
  ]);
  const lost = edges
    .filter(({ is_gap }) => is_gap)
    .map(({ from, from_destination, to }) => [from, from_destination, to]);
  assert.deepEqual(lost, [['worker', 'orders', 'email']]);
});

test('a replay leaves the dead-letter queue: of the same message, and of one that was edited', async () => {
  const died = (id: string, at: number) => [
    sent(id, at, { correlation_id: 'run_1' }),
    started(id, 1, at + 1),
    settled(id, 1, at + 2, 'dead'),
    sent(id, at + 3, { destination: 'orders.dlq', dead_lettered: true, correlation_id: 'run_1' }),
  ];
  const map = await mapOf([
    ...died('msg_a', 1_000),
    ...died('msg_b', 2_000),
    ...died('msg_c', 3_000),
    replayed('msg_a', 5_000),
    sent('msg_a', 5_001, { plan_id: 'plan_1' }),
    started('msg_a', 1, 5_002, { plan_id: 'plan_1', execution_id: 'exe_again' }),
    settled('msg_a', 1, 5_003, 'ok', { execution_id: 'exe_again' }),
    replayed('msg_b', 6_000, { new_message_id: 'msg_e' }),
    sent('msg_e', 6_001, { replay_of: 'msg_b', plan_id: 'plan_1' }),
  ]);
  assert.deepEqual(drawn(map), [
    'orders -> orders: order.created 3 observed',
    'orders.dlq -> orders: order.created 2 replay observed',
  ]);
  assert.deepEqual(map.dead_letters, [{ from: 'orders', to: 'orders.dlq', messages: 3, replayed: 2 }]);
  assert.deepEqual(counted(map), ['orders worker 3 1 1 observed']);
});

test('what a transport put aside by itself was sent there by nobody, and what its consumer sends leaves from there', async () => {
  const aside = { destination: 'orders.dlq', subscription: 'inspector', execution_id: 'exe_dlq' };
  const map = await mapOf([
    ...[sent('msg_a', 1_000), started('msg_a', 1, 1_001), settled('msg_a', 1, 1_002, 'dead')],
    started('msg_a', 1, 2_000, { ...aside, dead_lettered: true }),
    sent('msg_b', 2_001, { causation_id: 'msg_a', by_execution_id: 'exe_dlq', destination: 'alerts' }),
    settled('msg_a', 1, 2_002, 'ok', aside),
  ]);
  assert.deepEqual(drawn(map), [
    'inspector@orders.dlq -> alerts: order.created 1 observed',
    'orders -> orders: order.created 1 observed',
  ]);
  assert.deepEqual(map.dead_letters, [{ from: 'orders', to: 'orders.dlq', messages: 1, replayed: 0 }]);
});

test('of a batch the edge leaves the subscription that took it, once for each message that it sent', async () => {
  const batch = (id: string, index: number) => ({
    ...{ execution_id: 'exe_batch', batch: { id: 'bat_1', index, count: 2 }, message_id: id },
  });
  const map = await mapOf([
    ...['msg_a', 'msg_b'].map((id) => sent(id, 1_000)),
    ...['msg_a', 'msg_b'].map((id, index) => started(id, 1, 1_100, batch(id, index))),
    sent('msg_c', 1_200, { causation_id: 'bat_1', by_execution_id: 'exe_batch', destination: 'email' }),
  ]);
  assert.deepEqual(drawn(map), [
    'orders -> orders: order.created 2 observed',
    'worker@orders -> email: order.created 1 observed',
  ]);
});

test('a replay is drawn in the time in which it was sent again, and in no other', async () => {
  const facts = [
    ...[sent('msg_a', 1_000), started('msg_a', 1, 1_001), settled('msg_a', 1, 1_002, 'dead')],
    ...[replayed('msg_a', 2_000_000), sent('msg_a', 2_000_001, { plan_id: 'plan_1' })],
  ];
  const between = async (since: number, until: number) =>
    drawn(await mapOf(facts, [], { window: { since, until, tenantId: null } }));
  assert.deepEqual(await between(1_800_000, 3_600_001), ['orders -> orders: order.created 1 replay observed']);
  assert.deepEqual(await between(0, 1_800_000), ['orders -> orders: order.created 1 observed']);
});

test('what died of what was sent before is told, and what was sent then is not', async () => {
  const facts = [sent('msg_a', 1_000), started('msg_a', 1, 2_000_000), settled('msg_a', 1, 2_000_001, 'dead')];
  const window = { since: 1_800_000, until: 3_600_001, tenantId: null };
  const { edges, subscriptions, dead_letters } = await mapOf(facts, [], { window });
  assert.deepEqual([edges, subscriptions], [[], []]);
  assert.deepEqual(dead_letters, [{ from: 'orders', to: null, messages: 1, replayed: 0 }]);
});

test('of a subscription that records nothing it is not known what it took, beside one that does', async () => {
  const map = await mapOf(
    handled('msg_a', 1_000),
    said('orders', 'declared', 0, { kind: 'topic', uninstrumented_subscriptions: ['legacy'] }),
  );
  assert.deepEqual(counted(map), ['orders legacy    unknown', 'orders worker 1 1 0 observed']);
});

test('what waits is that of the one that takes messages there, and of nobody where none is known', async () => {
  const waiting = [sent('msg_b', 2_000), sent('msg_c', 2_000, { destination: 'email' })];
  const map = await mapOf([...handled('msg_a', 1_000), ...waiting], [], { asOf: 3_000 });
  assert.deepEqual(counted(map), ['email  0 0 1 inferred', 'orders worker 1 1 1 observed']);
});

test('a tenant that is named is told of itself alone', async () => {
  const facts = [
    ...handled('msg_a', 1_000),
    ...handled('msg_b', 2_000, { tenant_id: 'borealis', destination: 'email' }),
  ];
  const map = await mapOf(facts, [], { window: { since: 0, until: 3_600_001, tenantId: 'borealis' } });
  assert.deepEqual(drawn(map), ['orders -> email: order.created 1 observed']);
  assert.deepEqual(counted(map), ['email worker 1 1 0 observed']);
});

test('facts after as-of are not looked at', async () => {
  const map = await mapOf(handled('msg_a', 1_000), [], { asOf: 1_200 });
  assert.deepEqual(counted(map), ['orders  0 0 1 inferred']);
});

test('of more than is looked at, counts are at least so, and all of the time is told of', async () => {
  const many = Array.from({ length: 1_300 }, (_, index) => sent(`msg_${index}`, index * 2_000));
  const late = sent('msg_late', 3_599_000, { event_type: 'order.cancelled' });
  const { edges, is_at_least } = await mapOf([...many, late]);
  assert.equal(is_at_least, true);
  assert.deepEqual(
    edges.map(({ event_type }) => event_type),
    ['order.created', 'order.cancelled'],
  );
  const [{ messages, because_facts } = assert.fail()] = edges;
  assert.ok(messages > 500 && messages < 1_300, String(messages));
  assert.equal(because_facts.length, 8);
  assert.equal((await mapOf(many.slice(0, 1_000))).is_at_least, false);
});

test('of each of many destinations its beginning is told, and what came later', async () => {
  const facts = Array.from({ length: 3_200 }, (_, index) =>
    sent(`msg_${index}`, index * 1_000, {
      ...{ destination: `queue-${index % 160}`, event_type: index < 1_600 ? 'order.created' : 'order.cancelled' },
    }),
  );
  const { edges, is_at_least } = await mapOf(facts, [], { limit: 400 });
  assert.deepEqual([edges.length, is_at_least], [320, true]);
});

test('more destinations than fit on a map are not told, which is said', async () => {
  const facts = Array.from({ length: 201 }, (_, index) =>
    sent(`msg_${index}`, 1_000, { destination: `queue-${index}` }),
  );
  const { edges, not_shown, is_at_least } = await mapOf(facts);
  assert.deepEqual([edges.length, not_shown, is_at_least], [20, 180, true]);
});

test('where nothing was sent the map is empty', async () => {
  const { edges, subscriptions, dead_letters, is_at_least } = await mapOf([]);
  assert.deepEqual([edges, subscriptions, dead_letters, is_at_least], [[], [], [], false]);
});
