import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createApp, type LedgerApp } from '../../src/server/app.ts';
import type { ParameterName } from '../../src/server/parameters.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { keepCheckout } from '../questions/reader-of.ts';
import { gap, sent, settled, started } from '../store/made-facts.ts';
import { capturedAt, WORKFLOW } from '../workflow.ts';

interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: object };
}

interface Operation {
  readonly parameters?: readonly { readonly name: ParameterName; readonly required: boolean }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

/** What each parameter is tried with: something that fits, and something that is answered with an error. */
const TRIED: Readonly<Record<ParameterName, readonly string[]>> = {
  id: [WORKFLOW.selected_message_id, 'ORD-48213', 'PWASC1', 'PWASC2', 'abcd', ''],
  as_of: [WORKFLOW.captured_at, '2026-03-17T14:30:00Z', '2026-03-01T00:00:00Z', 'noon'],
  since: ['2026-03-17T14:00:00Z', '2026-03-10T00:00:00Z', '2026-03-20T00:00:00Z'],
  until: ['2026-03-17T14:30:00Z', '2026-03-01T00:00:00Z'],
  tenant: ['acme-eu', 'nobody', ''],
  limit: ['1', '200', '0'],
  after: ['1', '20', '1773756000000.msg_a', 'x'],
  sort: ['oldest', 'depth', 'name', 'consumers', 'age'],
  name: ['email', 'nobody'],
  q: ['ORD-48213', 'tenant:acme-eu state:dead', 'PWASC2', 'state:gone', ''],
};

const fail = (error: unknown) => assert.fail(String(error));
const app = createApp({ store: openSqliteStore({ path: ':memory:' }), onUnexpected: fail });
const description: Description = JSON.parse(await (await app.request('/api/v1/openapi.json')).text());
const { paths } = description;
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
// Where the schemas of an OpenAPI document refer to.
ajv.addKeyword('components');

test.after(() => app.close());

test('the description of the API is a document of OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate({ ...description });
  assert.ok(valid, JSON.stringify(errors));
  assert.match(description.openapi, /^3\.1\./);
});

test('every route is described, and nothing else', () => {
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const routes = app.routes.filter(({ method }) => method !== 'ALL');
  assert.deepEqual(
    described.sort(),
    [...new Set(routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`))].sort(),
  );
});

/** A validator of what a status of an operation is answered with, which lets no field through that is not described. */
function validatorOf({ responses }: Operation, status: number, mediaType: string) {
  const schema = (responses[status] ?? responses['default'])?.content?.[mediaType]?.schema;
  assert.ok(schema, `${status} with ${mediaType} is not described`);
  return ajv.compile({ ...schema, ...closed({ components: { schemas: description.components.schemas } }) });
}

function closed(value: object): object {
  const text = JSON.stringify(value, (_, part) => {
    const isOpen = part?.type === 'object' && part.properties !== undefined && part.additionalProperties === undefined;
    return isOpen ? { ...part, additionalProperties: false } : part;
  });
  return JSON.parse(text);
}

/** A ledger in which everything has happened that the questions tell of. */
async function busyLedger(): Promise<LedgerApp> {
  const store = openSqliteStore({ path: ':memory:' });
  const at = capturedAt - 600_000;
  const of = (id: string) => ({ at, message_id: id, correlation_id: id, execution_id: `exe of ${id}` });
  const error = { type: 'Error', message: 'no', fingerprint: 'f' };
  const { status: _, ...late } = sent({ ...of('late'), fact_id: 'fct_discarded' });
  await keepCheckout(store);
  await store.append([
    gap({ ...of('foreign'), fact_id: 'fct_gap' }),
    started({ ...of('foreign'), received_at: at }),
    sent({ ...of('late'), due_at: at + 1 }),
    started(of('failing')),
    settled({ ...of('failing'), at: at + 5, outcome: 'dead', error }),
    { ...late, kind: 'discarded', how: 'cancelled' },
    {
      kind: 'dropped',
      fact_id: 'fct_dropped',
      service: 's',
      instance: 'i',
      count: 3,
      why: 'full',
      since: at,
      at: at + 1,
    },
  ]);
  return createApp({ store, onUnexpected: fail });
}

/** Each parameter with each of its values, the others with their first or, where they may be, left out. */
function queriesOf({ parameters = [] }: Operation): URLSearchParams[] {
  const first = parameters.filter(({ name }) => ['as_of', 'id', 'name', 'q'].includes(name));
  const base = Object.fromEntries(first.map(({ name }) => [name, TRIED[name][0] ?? '']));
  const varied = parameters.flatMap(({ name }) => TRIED[name].map((value) => ({ ...base, [name]: value })));
  return [{}, base, ...varied].map((query) => new URLSearchParams(query));
}

/** What stands for a part of the path is no part of the query. */
function pathOf(path: string, query: URLSearchParams): string {
  const name = query.get('name') ?? 'nobody';
  if (path.includes('{name}')) query.delete('name');
  return path.replace('{name}', encodeURIComponent(name));
}

for (const [path, { get: operation }] of Object.entries(paths)) {
  if (operation === undefined) continue;
  test(`what ${path} answers is what its schema says, in good and in bad cases`, async (context) => {
    const empty = createApp({ store: openSqliteStore({ path: ':memory:' }), onUnexpected: fail });
    const busy = await busyLedger();
    const statuses = new Set<number>();
    for (const ledger of [empty, busy]) {
      context.after(() => ledger.close());
      for (const query of queriesOf(operation)) {
        const response = await ledger.request(`${pathOf(path, query)}?${query}`);
        const [mediaType = ''] = (response.headers.get('content-type') ?? '').split(';');
        const validate = validatorOf(operation, response.status, mediaType);
        // It has no end.
        if (mediaType === 'text/event-stream') {
          statuses.add(response.status);
          await response.body?.cancel();
          continue;
        }
        const answer = mediaType === 'application/json' ? await response.json() : await response.text();
        assert.ok(validate(answer), `${path}?${query}: ${JSON.stringify(validate.errors)}`);
        statuses.add(response.status);
      }
    }
    assert.ok(statuses.has(200));
    assert.equal(statuses.has(400) || statuses.has(404), operation.parameters !== undefined);
  });
}

for (const path of ['/v1/logs', '/v1/traces']) {
  test(`what ${path} answers is what its schema says`, async () => {
    const operation = paths[path]?.['post'];
    assert.ok(operation);
    const nothing = { resourceLogs: [], resourceSpans: [] };
    const bad = {
      scopeLogs: [{ logRecords: [{ eventName: 'waybill.new' }] }],
      scopeSpans: [{ spans: [{ name: 'x' }] }],
    };
    for (const body of [JSON.stringify(nothing), JSON.stringify({ resourceLogs: [bad], resourceSpans: [bad] }), '{']) {
      const headers = { 'content-type': 'application/json' };
      const response = await app.request(path, { method: 'POST', headers, body });
      const validate = validatorOf(operation, response.status, 'application/json');
      assert.ok(validate(await response.json()), `${path} ${body}: ${JSON.stringify(validate.errors)}`);
    }
  });
}

test('what is answered to whoever tells of destinations is what its schema says', async (context) => {
  const store = openSqliteStore({ path: ':memory:' });
  const ledger = createApp({ store, onUnexpected: fail });
  context.after(() => ledger.close());
  const report = { schema: 'waybill.destinations/1', source: 'probed', destinations: [{ name: 'a/b', depth: 1 }] };
  const [all, one] = ['/api/v1/destinations', '/api/v1/destinations/{name}'];
  for (const [method, path, body, status] of [
    ['post', all, report, 200],
    ['post', all, { ...report, source: 'guessed' }, 400],
    ['put', one, { lease_ms: 30_000 }, 200],
    ['put', one, { lease_ms: '30s' }, 400],
    ['delete', one, undefined, 200],
    ['delete', one, undefined, 404],
  ] as const) {
    const operation = paths[path]?.[method];
    assert.ok(operation);
    const response = await ledger.request(path.replace('{name}', 'a%2Fb'), {
      method: method.toUpperCase(),
      ...(body && { body: JSON.stringify(body) }),
    });
    assert.equal(response.status, status);
    const validate = validatorOf(operation, response.status, 'application/json');
    assert.ok(validate(await response.json()), `${method} ${path}: ${JSON.stringify(validate.errors)}`);
  }
});
