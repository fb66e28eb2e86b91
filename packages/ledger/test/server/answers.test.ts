import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../src/server/app.ts';
import type { Question } from '../../src/server/questions.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { sent } from '../store/made-facts.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';

const charge = WORKFLOW.selected_message_id;

/** The app in process, as `--db` asks it. */
async function ledgerOf(context: TestContext, facts = workflowFacts(), questions?: Record<string, Question>) {
  const store = openSqliteStore({ path: ':memory:' });
  const unexpected: unknown[] = [];
  const app = createApp({ store, ...(questions && { questions }), onUnexpected: (error) => unexpected.push(error) });
  context.after(() => app.close());
  await store.append(facts);
  const get = async (question: string, parameters: Record<string, string>) => {
    const response = await app.request(`/api/v1/${question}?${new URLSearchParams(parameters)}`);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: JSON.parse(text) };
  };
  return { store, get, unexpected };
}

test('questions are answered in process, as of the time that was asked for', async (context) => {
  const { get } = await ledgerOf(context);
  for (const question of ['why', 'trace', 'blast']) {
    const { status, json, headers } = await get(question, { id: 'PWASC1', as_of: WORKFLOW.captured_at });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(json), ['schema', 'as_of', 'partial', 'data', 'warnings']);
    assert.deepEqual(
      [json.schema, json.as_of, json.partial, json.warnings],
      [`waybill.${question}/1`, WORKFLOW.captured_at, false, []],
    );
    assert.equal(headers.get('cache-control'), 'private, no-cache');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  }
  const { json } = await get('why', { id: charge });
  assert.equal(json.data.message_id, charge);
});

test('an answer is partial when recorders dropped facts since its root began', async (context) => {
  const { store, get } = await ledgerOf(context);
  const dropped = { kind: 'dropped', service: 's', instance: 'i', count: 3, why: 'full' } as const;
  const [began, ended] = ['2026-03-17T14:02:11.300Z', '2026-03-17T14:02:11.400Z'].map((time) => Date.parse(time)) as [
    number,
    number,
  ];
  await store.append([
    { ...dropped, fact_id: 'before', since: began - 9_000, at: began - 8_000 },
    {
      ...dropped,
      fact_id: 'after',
      since: Date.parse(WORKFLOW.captured_at) + 1,
      at: Date.parse(WORKFLOW.captured_at) + 2,
    },
  ]);
  const asked = { id: charge, as_of: WORKFLOW.captured_at };
  assert.equal((await get('why', asked)).json.partial, false);
  // Before the charge was sent, and after the request that led to it began.
  await store.append([{ ...dropped, fact_id: 'within', since: began, at: ended }]);
  const { json } = await get('why', asked);
  assert.equal(json.partial, true);
  const message = 'recorders dropped 3 facts in this time: what is counted here is at least so';
  assert.deepEqual(json.warnings, [{ code: 'FACTS_DROPPED', message }]);
});

test('a mistyped ending is answered with what may have been meant', async (context) => {
  const { get } = await ledgerOf(context);
  const { status, json } = await get('why', { id: 'PWASC2' });
  assert.equal(status, 404);
  assert.deepEqual(json, {
    schema: 'waybill.error/1',
    code: 'ID_UNKNOWN',
    message: 'no id or key "PWASC2" in 29 facts since 14:02',
    fix: 'waybill why PWASC1',
    did_you_mean: [
      {
        kind: 'message',
        id: charge,
        message_id: charge,
        event_type: 'payment.charge',
        tenant_id: 'acme-eu',
        business_key: 'order:ORD-48213',
        at: '2026-03-17T14:02:12.640Z',
        ending: 'PWASC1',
      },
    ],
  });
});

test('an unknown id says how much was searched', async (context) => {
  const { get, store } = await ledgerOf(context, []);
  const message = async () => (await get('trace', { id: 'nonsense' })).json.message;
  assert.equal(await message(), 'no id or key "nonsense": the ledger is empty');
  await store.append([sent({ at: Date.parse('2026-03-17T14:02:00Z') })]);
  assert.equal(await message(), 'no id or key "nonsense" in 1 fact since 14:02');
  await store.append([sent({ at: Date.parse('2026-03-18T00:00:00Z') })]);
  assert.equal(await message(), 'no id or key "nonsense" in 2 facts since 2026-03-17 14:02');
  const { json } = await get('why', { id: 'nonsense' });
  assert.deepEqual([json.fix, 'did_you_mean' in json], ['waybill tail --limit 5', false]);
});

test('an ending that fits several messages lists up to five of them', async (context) => {
  const ids = [...'123456'].map((digit) => `msg_01KKY1NB8XFWSAEFM6G${digit}PWASC1`);
  const { get } = await ledgerOf(context, ids.map((id) => sent({ message_id: id, correlation_id: id })) as never);
  const { status, json } = await get('why', { id: 'PWASC1' });
  assert.deepEqual([status, json.code, json.message], [409, 'ID_AMBIGUOUS', '"PWASC1" fits 6 messages']);
  assert.deepEqual(
    json.matches.map(({ id }: { id: string }) => id),
    ids.slice(0, 5),
  );
  const [{ event_type, tenant_id, at }] = json.matches;
  assert.deepEqual([event_type, tenant_id, at], ['order.created', 'acme', '1970-01-01T00:00:01.000Z']);
});

test('a business key names a whole for trace, and for why each of its messages', async (context) => {
  const { get, store } = await ledgerOf(context);
  assert.equal((await get('trace', { id: 'ORD-48213' })).status, 200);
  assert.equal((await get('why', { id: 'ORD-48213' })).json.code, 'ID_AMBIGUOUS');
  await store.append([sent({ message_id: 'theirs', tenant_id: 'borealis', business_key: 'order:ORD-48213' })]);
  assert.equal((await get('trace', { id: 'ORD-48213' })).json.code, 'ID_AMBIGUOUS');
});

test('a question without an id, or with a time that is none, is answered with 400', async (context) => {
  const { get } = await ledgerOf(context);
  for (const [parameters, code] of [
    [{}, 'ARGUMENT_MISSING'],
    [{ id: '' }, 'ARGUMENT_MISSING'],
    [{ id: charge, as_of: 'yesterday' }, 'ARGUMENT_INVALID'],
    [{ id: charge, as_of: '2026-13-45T00:00:00Z' }, 'ARGUMENT_INVALID'],
    [{ id: charge, as_of: '' }, 'ARGUMENT_INVALID'],
    [{ id: charge, as_of: '3/17/2026' }, 'ARGUMENT_INVALID'],
  ] as const) {
    const { status, json } = await get('why', parameters as Record<string, string>);
    assert.deepEqual([status, json.schema, json.code], [400, 'waybill.error/1', code]);
  }
});

test('hostile searches are answered with 404 and no word of the database', async (context) => {
  const { get } = await ledgerOf(context);
  const hostile = [
    '%',
    '_',
    "' OR 1=1 --",
    '"; DROP TABLE facts; --',
    '__proto__',
    'constructor',
    '\0',
    '<script>',
    'x'.repeat(100_000),
  ];
  for (const id of hostile) {
    const { status, text } = await get('why', { id });
    assert.equal(status, 404);
    assert.doesNotMatch(text, /sql|select|table "|syntax|stack|\.ts/i);
    assert.ok(text.length < 1_000);
  }
});

test('a question that fails is answered without its stack, and reported', async (context) => {
  const failure = new Error('secret inside /srv/ledger');
  const ask = () => {
    throw failure;
  };
  const { get, unexpected } = await ledgerOf(context, workflowFacts(), { why: { ask, keyNames: 'messages' } });
  const { status, text, json } = await get('why', { id: charge });
  assert.deepEqual([status, json.code], [500, 'UNEXPECTED']);
  assert.doesNotMatch(text, /secret|\.ts|at /);
  assert.deepEqual(unexpected, [failure]);
});

test('a route that does not exist is answered in JSON', async (context) => {
  const { get } = await ledgerOf(context);
  const { status, json } = await get('guess', { id: charge });
  assert.deepEqual([status, json.code, json.message], [404, 'ROUTE_UNKNOWN', 'there is no GET /api/v1/guess']);
});
