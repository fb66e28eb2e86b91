import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../src/server/app.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { sent } from '../store/made-facts.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';

const questions = ['gaps', 'overdue', 'failures', 'map'];
const as_of = WORKFLOW.captured_at;

async function ledgerOf(context: TestContext, facts = workflowFacts()) {
  const store = openSqliteStore({ path: ':memory:' });
  const app = createApp({ store });
  context.after(() => app.close());
  await store.append(facts);
  return {
    store,
    async get(question: string, parameters: Record<string, string>) {
      const response = await app.request(`/api/v1/${question}?${new URLSearchParams(parameters)}`);
      return { status: response.status, json: JSON.parse(await response.text()) };
    },
  };
}

test('a question about a stretch of time is answered for the hour before as-of', async (context) => {
  const { get } = await ledgerOf(context);
  for (const question of questions) {
    const { status, json } = await get(question, { as_of });
    assert.equal(status, 200);
    assert.deepEqual(
      [json.schema, json.as_of, json.partial, json.warnings],
      [`waybill.${question}/1`, as_of, false, []],
    );
    assert.deepEqual(json.data.searched, {
      window: { from: '2026-03-17T13:58:00.000Z', to: as_of, bucket_ms: 60_000, buckets: 61 },
      facts: 29,
    });
  }
});

test('of the checkout gaps says what its facts prove', async (context) => {
  const { json } = await (await ledgerOf(context)).get('gaps', { as_of });
  const { boundaries, messages_checked, total_messages } = json.data;
  assert.deepEqual([messages_checked, total_messages, boundaries.length], [8, 1, 1]);
  const [{ from, via, to, likely_reason, linked, evidence, examples, linked_by }] = boundaries;
  // That the bridge lost it is known by who is declared to take from stock.events, and no fact says that.
  assert.deepEqual(
    [from, via, to, likely_reason, linked, evidence],
    ['stock.events', null, 'shipping', 'not_instrumented', 1, 'inferred'],
  );
  assert.deepEqual(linked_by, [{ how: 'business_key', key: 'order', messages: 1 }]);
  assert.deepEqual([examples[0].message_id.slice(-6), examples[0].cause_message_id.slice(-6)], ['21KYV7', '5WSF21']);
});

test('of the checkout failures says what its facts prove', async (context) => {
  const { json } = await (await ledgerOf(context)).get('failures', { as_of });
  const { groups, total_failed_executions, messages_in_several } = json.data;
  assert.deepEqual(
    groups.map((group: Record<string, unknown>) => [
      group['title'],
      group['failed_executions'],
      group['dead'],
      group['replayed'],
      group['evidence'],
    ]),
    [
      ['AddressRejected: postcode missing', 3, 1, 1, 'observed'],
      ['ProviderTimeout: card provider answered 504', 1, 0, 0, 'observed'],
      ['Lease lost: worker payments-7f9c-2', 1, 0, 0, 'inferred'],
    ],
  );
  assert.equal(total_failed_executions, 5);
  assert.deepEqual(messages_in_several, [{ message_id: WORKFLOW.selected_message_id, groups: 2 }]);
});

test('of the checkout the map says what its facts prove', async (context) => {
  const { json } = await (await ledgerOf(context)).get('map', { as_of });
  const { edges, subscriptions, dead_letters, is_at_least } = json.data;
  assert.deepEqual(
    edges.map(({ from, to, messages }: Record<string, unknown>) => [from, to, messages]),
    [
      ['checkout-api', 'orders.events', 1],
      ['inventory-service', 'stock.events', 1],
      ['order-workflow', 'inventory', 1],
      ['order-workflow', 'payments', 1],
      ['payment-worker', 'email', 1],
      // What is declared of shipping and of stock.events is none of the facts.
      ['shipping', 'shipping', 1],
      ['stock.events', 'shipping', 1],
    ],
  );
  assert.deepEqual(dead_letters, [{ from: 'shipping', to: null, messages: 1, replayed: 1 }]);
  assert.deepEqual([subscriptions.length, is_at_least], [6, false]);
});

test('of the checkout nothing is overdue by its facts alone: nobody has said when the email is due', async (context) => {
  const { json } = await (await ledgerOf(context)).get('overdue', { as_of });
  const { total_overdue, groups, unknown, without_deadline } = json.data;
  assert.deepEqual([total_overdue, groups, unknown, without_deadline], [0, [], [], ['email']]);
});

test('a window begins with a whole minute, and nothing outside it is told', async (context) => {
  const { get } = await ledgerOf(context);
  const { json } = await get('failures', { as_of, since: '2026-03-17T14:50:59Z', until: '2026-03-17T14:56:00Z' });
  assert.deepEqual(json.data.searched.window, {
    ...{ from: '2026-03-17T14:50:00.000Z', to: '2026-03-17T14:56:00.000Z', bucket_ms: 60_000, buckets: 6 },
  });
  assert.deepEqual(json.data.groups.length, 0);
  const instant = await get('failures', { as_of: '2026-03-17T14:02:15.940Z', since: '2026-03-17T14:02:15.940Z' });
  assert.equal(instant.json.data.groups.length, 2);
  const later = await get('failures', { as_of, since: '2026-03-17T14:00:00Z', until: '2026-03-18T00:00:00Z' });
  assert.equal(later.json.data.searched.window.to, as_of);
  assert.equal(later.json.data.groups.length, 3);
});

test('buckets of a long window are longer, and never more than an hour has minutes', async (context) => {
  const { get } = await ledgerOf(context);
  const { json } = await get('failures', { as_of, since: '2026-03-10T14:58:00Z' });
  const { bucket_ms, buckets } = json.data.searched.window;
  assert.deepEqual([bucket_ms, buckets], [166 * 60_000, 61]);
  assert.equal(json.data.groups[0].per_bucket.length, 61);
});

test('a tenant that is named is told of itself alone', async (context) => {
  const { get } = await ledgerOf(context);
  for (const question of questions) {
    const { json } = await get(question, { as_of, tenant: 'borealis' });
    assert.deepEqual(
      [json.data.searched.facts, (json.data.groups ?? json.data.boundaries ?? json.data.edges).length],
      [0, 0],
    );
  }
  assert.equal((await get('failures', { as_of, tenant: 'acme-eu' })).json.data.groups.length, 3);
});

test('limit says how many rows are told', async (context) => {
  const { json } = await (await ledgerOf(context)).get('failures', { as_of, limit: '2' });
  assert.deepEqual([json.data.groups.length, json.data.not_shown, json.data.total_failed_executions], [2, 1, 5]);
  const { edges, not_shown } = (await (await ledgerOf(context)).get('map', { as_of, limit: '2' })).json.data;
  assert.deepEqual([edges.length, not_shown], [2, 5]);
});

test('what is not known of the past is said: a message that is over by now is not among the open ones', async (context) => {
  const { get, store } = await ledgerOf(context);
  await store.append([sent({ at: Date.parse(as_of) + 1_000 })]);
  const { json } = await get('overdue', { as_of });
  assert.equal(json.partial, true);
  assert.deepEqual(json.warnings, [
    {
      code: 'ENDED_SINCE',
      message: 'there are later facts than this: a message that is over by now is not among these',
    },
  ]);
  for (const question of ['gaps', 'failures', 'map'])
    assert.equal((await get(question, { as_of })).json.partial, false);
});

test('facts that recorders dropped in the window make an answer partial', async (context) => {
  const { get, store } = await ledgerOf(context);
  const at = Date.parse(as_of) - 60_000;
  const dropped = { kind: 'dropped', fact_id: 'fct_d', service: 's', instance: 'i', count: 3, why: 'full' } as const;
  await store.append([{ ...dropped, at, since: at }]);
  for (const question of questions)
    assert.equal((await get(question, { as_of })).json.warnings[0].code, 'FACTS_DROPPED');
  const later = { as_of: new Date(at + 30_000_000).toISOString() };
  assert.equal((await get('gaps', later)).json.partial, false);
});

test('a stretch of time, a tenant or a limit that is none is answered with 400', async (context) => {
  const { get } = await ledgerOf(context);
  for (const parameters of [
    { since: 'yesterday' },
    { until: '14:02' },
    { as_of: '' },
    { as_of, since: '2026-03-17T15:00:00Z' },
    { as_of, since: '2026-03-17T14:30:00Z', until: '2026-03-17T14:00:00Z' },
    { as_of, since: '2026-03-17T14:30:00Z', until: '2026-03-17T14:30:00Z' },
    { limit: '0' },
    { limit: '201' },
    { limit: 'many' },
    { after: 'the last' },
    { tenant: '' },
  ] as const)
    for (const question of questions) {
      const { status, json } = await get(question, parameters as Record<string, string>);
      assert.deepEqual([status, json.code], [400, 'ARGUMENT_INVALID'], JSON.stringify(parameters));
    }
});
