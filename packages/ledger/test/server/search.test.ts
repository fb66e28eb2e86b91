import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../src/server/app.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { sent } from '../store/made-facts.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';

const as_of = WORKFLOW.captured_at;

async function ledgerOf(context: TestContext) {
  const store = openSqliteStore({ path: ':memory:' });
  const app = createApp({ store });
  context.after(() => app.close());
  await store.append(workflowFacts());
  return {
    store,
    async get(parameters: Record<string, string>) {
      const response = await app.request(`/api/v1/search?${new URLSearchParams(parameters)}`);
      return { status: response.status, json: JSON.parse(await response.text()) };
    },
  };
}

test('a search is answered over HTTP, for the hour before as-of where it names no id', async (context) => {
  const { get } = await ledgerOf(context);
  const { status, json } = await get({ q: 'state:dead', as_of });
  assert.deepEqual(
    [status, json.schema, json.partial, json.data.terms],
    [200, 'waybill.search/1', false, 'state:dead'],
  );
  assert.equal(json.data.searched.window.from, '2026-03-17T13:58:00.000Z');
  assert.equal(json.data.workflows.length, 1);
  const later = { q: 'state:dead', as_of: '2026-03-18T14:00:00Z' };
  assert.equal((await get(later)).json.data.workflows.length, 0);
  assert.equal((await get({ ...later, since: '2026-03-17T00:00:00Z' })).json.data.workflows.length, 1);
  const byId = (await get({ ...later, q: 'PWASC1' })).json.data;
  assert.deepEqual([byId.workflows.length, byId.searched.window.from], [1, '2026-03-17T14:02:00.000Z']);
});

test('a tenant may be a term or a parameter, and neither is told of another', async (context) => {
  const { get } = await ledgerOf(context);
  for (const parameters of [
    { q: 'tenant:borealis checkout' },
    { q: 'checkout', tenant: 'borealis' },
    { q: 'ORD-48213', tenant: 'borealis' },
  ])
    assert.deepEqual((await get({ ...parameters, as_of })).json.data.workflows, []);
  assert.equal((await get({ q: 'checkout', tenant: 'acme-eu', as_of })).json.data.workflows.length, 1);
});

test('what is not known of the past is said where a search is for what is open', async (context) => {
  const { get, store } = await ledgerOf(context);
  await store.append([sent({ at: Date.parse(as_of) + 1_000 })]);
  assert.equal((await get({ q: 'state:waiting', as_of })).json.warnings[0].code, 'ENDED_SINCE');
  assert.equal((await get({ q: 'state:dead', as_of })).json.partial, false);
});

test('a search that is none is answered with 400', async (context) => {
  const { get } = await ledgerOf(context);
  const missing = await get({});
  assert.deepEqual([missing.status, missing.json.code], [400, 'ARGUMENT_MISSING']);
  for (const parameters of [
    { q: 'state:gone' },
    { q: 'x'.repeat(1_001) },
    { q: 'a', limit: '201' },
    { q: 'a', after: 'x' },
    { q: 'a', after: '' },
    { q: 'a', since: 'noon' },
    { q: 'a', tenant: '' },
  ]) {
    const { status, json } = await get(parameters as unknown as Record<string, string>);
    assert.deepEqual([status, json.code], [400, 'ARGUMENT_INVALID'], JSON.stringify(parameters));
  }
});

test('hostile terms find nothing, and no word of the database', async (context) => {
  const { get } = await ledgerOf(context);
  for (const q of ['%', '_____', "' OR 1=1 --", '__proto__', 'constructor', '\0', '\ud800', 'tenant:%', 'error:(']) {
    const { status, json } = await get({ q, as_of });
    assert.equal(status, 200);
    assert.deepEqual(json.data.workflows, [], q);
  }
});
