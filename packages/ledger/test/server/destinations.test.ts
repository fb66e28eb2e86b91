import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createWaybill, otlpRecorder } from 'waybill';
import { createApp } from '../../src/server/app.ts';
import type { Tokens } from '../../src/server/tokens.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { DestinationValue } from '../../src/store/store.ts';
import { capturedAt } from '../workflow.ts';
import { ask, runLedger } from './running-ledger.ts';

const path = '/api/v1/destinations';
const report = (more: object) => ({ schema: 'waybill.destinations/1', source: 'probed', ...more });

function ledgerOf(context: TestContext, options: { tokens?: Tokens; recordedAt?: number } = {}) {
  const store = openSqliteStore({ path: ':memory:' });
  const app = createApp({ store, ...options });
  context.after(() => app.close());
  return async (method: string, at: string, body?: unknown, token?: string) => {
    const response = await app.request(at, {
      method,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: a test asserts on what is inside, whatever that is
    return { status: response.status, json: (await response.json()) as any };
  };
}

test('what is declared and what was probed stand beside each other, each with its source and age', async (context) => {
  const request = ledgerOf(context);
  const declared = await request('PUT', `${path}/email`, { kind: 'queue', deadline_ms: 600_000, lease_ms: 30_000 });
  assert.equal(declared.status, 200);
  const at = '2026-03-17T14:58:30.000Z';
  const destinations = [
    { name: 'email', system: 'pg_boss', depth: 212 },
    { name: 'email', consumers: 0, colour: 'blue' },
    { name: 'email.dlq', depth: 0 },
  ];
  const taken = await request('POST', path, report({ at, destinations }));
  assert.deepEqual(taken.json, { schema: 'waybill.destinations_taken/1', destinations: 2, ignored: ['colour'] });
  const { json } = await request('GET', `${path}/email`);
  assert.equal(json.schema, 'waybill.destination_list/1');
  const [{ sources, ...values }] = json.data.destinations;
  assert.deepEqual(values, {
    ...{ name: 'email', kind: 'queue', system: 'pg_boss', deadline_ms: 600_000, lease_ms: 30_000 },
    ...{ depth: 212, consumers: 0 },
  });
  assert.deepEqual(sources.probed, { at, fields: ['consumers', 'depth', 'system'] });
  assert.deepEqual(sources.declared.fields, ['deadline_ms', 'kind', 'lease_ms']);
  const all = await request('GET', path);
  assert.deepEqual(
    all.json.data.destinations.map(({ name }: { name: string }) => name),
    ['email', 'email.dlq'],
  );
});

test('a declaration is whole, and a report changes only what it gives', async (context) => {
  const request = ledgerOf(context);
  await request('PUT', `${path}/email`, { deadline_ms: 1, lease_ms: 2 });
  await request('PUT', `${path}/email`, { lease_ms: 3 });
  const declared = report({ source: 'declared', destinations: [{ name: 'email', max_attempts: 4 }] });
  assert.equal((await request('POST', path, declared)).status, 200);
  const { json } = await request('GET', `${path}/email`);
  const [{ sources, ...values }] = json.data.destinations;
  assert.deepEqual([values, Object.keys(sources)], [{ name: 'email', lease_ms: 3, max_attempts: 4 }, ['declared']]);
});

test('a name may hold whatever a broker allows, percent-encoded', async (context) => {
  const request = ledgerOf(context);
  for (const name of ['amqp://host/orders.*', 'a/b', 'ü 1', '../etc', 'a%2Fb', '?x=1#y']) {
    const at = `${path}/${encodeURIComponent(name)}`;
    assert.equal((await request('PUT', at, { lease_ms: 1 })).status, 200, name);
    const { json } = await request('GET', at);
    assert.deepEqual(json.data.destinations[0].name, name);
    assert.equal((await request('DELETE', at)).json.values, 1);
    assert.deepEqual([(await request('GET', at)).status, (await request('DELETE', at)).status], [404, 404]);
  }
});

test('what is wrong is said by its field, and nothing of it is kept', async (context) => {
  const request = ledgerOf(context);
  for (const [method, at, body, message] of [
    [
      'PUT',
      `${path}/email`,
      { lease_ms: '30s' },
      'destination "email": lease_ms has to be a whole number, 1 or more, and is "30s"',
    ],
    ['PUT', `${path}/email`, '{', 'the body has to be JSON in UTF-8, and is 1 bytes of something else'],
    ['PUT', `${path}/${'x'.repeat(300)}`, {}, /^the name of a destination has to be a text of 1 to 256 characters/],
    [
      'POST',
      path,
      report({
        destinations: [
          { name: 'a', depth: 1 },
          { name: 'b', depth: -1 },
        ],
      }),
      /^destination "b": depth/,
    ],
    ['POST', path, report({ source: 'learned', destinations: [] }), /^source has to be declared or probed/],
    ['POST', path, 'null', /^a destination has to be an object/],
  ] as const) {
    const { status, json } = await request(method, at, body);
    assert.deepEqual([status, json.code], [400, 'DESTINATION_INVALID']);
    if (typeof message === 'string') assert.equal(json.message, message);
    else assert.match(json.message, message);
  }
  assert.deepEqual((await request('GET', path)).json.data.destinations, []);
});

test('whoever sends facts may report what a probe saw, and only an admin declares or removes', async (context) => {
  const tokens = { ingest: ['a-token-that-sends'], read: ['a-token-that-reads'], admin: ['a-token-of-an-admin'] };
  const request = ledgerOf(context, { tokens });
  const destinations = [{ name: 'email', lease_ms: 1 }];
  const status = async (method: string, at: string, body: unknown, token?: string) =>
    (await request(method, at, body, token)).status;
  const each = async (method: string, at: string, body?: unknown) => [
    await status(method, at, body),
    await status(method, at, body, 'a-token-that-reads'),
    await status(method, at, body, 'a-token-that-sends'),
    await status(method, at, body, 'a-token-of-an-admin'),
  ];
  assert.deepEqual(await each('POST', path, report({ destinations })), [401, 403, 200, 200]);
  assert.deepEqual(await each('POST', path, report({ source: 'declared', destinations })), [401, 403, 403, 200]);
  assert.deepEqual(await each('PUT', `${path}/email`, { lease_ms: 2 }), [401, 403, 403, 200]);
  assert.deepEqual(await each('GET', path), [401, 200, 403, 200]);
  assert.deepEqual(await each('DELETE', `${path}/email`), [401, 403, 403, 200]);
});

test('a page of somebody else cannot declare, and a recording keeps what it holds', async (context) => {
  const { url } = await runLedger(context);
  const foreign = { host: new URL(url).host, origin: 'http://evil.example' };
  assert.equal((await ask(url, 'PUT', `${path}/email`, foreign, '{}')).json.code, 'ORIGIN_REFUSED');
  const request = ledgerOf(context, { recordedAt: capturedAt });
  assert.equal((await request('PUT', `${path}/email`, { lease_ms: 1 })).json.code, 'LEDGER_READ_ONLY');
});

test('what the probes of a recorder say is what the ledger answers', async (context) => {
  const store = openSqliteStore({ path: ':memory:' });
  const told = Promise.withResolvers<void>();
  const { keep } = store.destinations;
  Object.assign(store.destinations, { keep: (values: DestinationValue[]) => keep(values).then(told.resolve) });
  const { url, get } = await runLedger(context, store);
  const waybill = createWaybill({ service: 'shop', recorder: otlpRecorder({ url, probeMs: 1 }) });
  context.after(() => waybill.close());
  waybill.watch(async () => ({
    name: 'orders/email',
    kind: 'queue',
    system: 'bullmq',
    depth: 212,
    oldest_ms: 9,
    consumers: 0,
  }));
  await told.promise;
  const { queues } = (await get('/api/v1/queues')).json.data;
  assert.deepEqual(
    queues.map(({ destination, system, depth, depth_evidence, consumers }: Record<string, unknown>) => [
      ...[destination, system, depth, depth_evidence, consumers],
    ]),
    [['orders/email', 'bullmq', 212, 'observed', 0]],
  );
  const { checks } = (await get('/api/v1/doctor')).json.data;
  assert.deepEqual(
    checks.flatMap(({ check, status, destination }: Record<string, unknown>) =>
      status === 'fail' ? [[check, destination]] : [],
    ),
    [['consumers', 'orders/email']],
  );
});
