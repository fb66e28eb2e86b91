import assert from 'node:assert/strict';
import { test } from 'node:test';
import { destinationsOf, knownDestinations } from '../../../src/questions/graph/known-destinations.ts';
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import type { DestinationValue } from '../../../src/store/store.ts';
import { capturedAt, WORKFLOW } from '../../workflow.ts';
import { checkoutReader } from '../reader-of.ts';

const said = (more: Partial<DestinationValue>): DestinationValue => ({
  ...{ destination: 'email', source: 'probed', field: 'lease_ms', value: 1, at: 1_000 },
  ...more,
});

test('what is declared wins over what was probed, and that over what was learned', () => {
  const values = [
    said({ source: 'learned', field: 'system', value: 'of facts' }),
    said({ field: 'system', value: 'of a probe' }),
    said({ value: 2 }),
    said({ source: 'declared', value: 3 }),
  ];
  for (const given of [values, values.toReversed()]) {
    const [{ system, lease_ms, sources } = { sources: {} }] = destinationsOf(given, 2_000);
    assert.deepEqual([system, lease_ms], ['of a probe', 3]);
    assert.deepEqual(
      [sources?.declared?.fields, sources?.probed?.fields, sources?.learned],
      [['lease_ms'], ['system'], undefined],
    );
  }
});

test('a value that is older than others of its source keeps its own age', () => {
  const [known] = destinationsOf([said({}), said({ field: 'depth', value: 0, at: 5_000 })], 9_000);
  assert.deepEqual(known?.sources, {
    probed: {
      at: '1970-01-01T00:00:05.000Z',
      fields: ['lease_ms', 'depth'],
      older: { lease_ms: '1970-01-01T00:00:01.000Z' },
    },
  });
});

test('as of a time before it, a probe is not known, and a declaration is', () => {
  const values = [said({ field: 'depth', value: 3 }), said({ source: 'declared', value: 3 })];
  const [{ depth, lease_ms } = {}] = destinationsOf(values, 999);
  assert.deepEqual([depth, lease_ms], [undefined, 3]);
  assert.deepEqual(destinationsOf([said({})], 999), []);
});

test('a destination of which nobody said anything is not known', async (context) => {
  const store = openSqliteStore({ path: ':memory:' });
  context.after(() => store.close());
  await store.destinations.keep([said({})]);
  const known = await store.read((reader) => knownDestinations(reader, 2_000));
  assert.deepEqual([known.has('email'), known.has('other'), known.get('other')], [true, false, undefined]);
});

test('what a document says of its destinations is what is known of them', async () => {
  const reader = await checkoutReader();
  const known = new Map(destinationsOf(reader.destinations(null), capturedAt).map((each) => [each.name, each]));
  assert.equal(known.size, WORKFLOW.destinations.length);
  for (const { sources, ...values } of WORKFLOW.destinations) {
    const { sources: kept, ...same } = known.get(values.name) ?? {};
    assert.deepEqual(same, values);
    for (const [source, { at, fields }] of Object.entries(sources ?? {})) {
      const own = kept?.[source as 'probed'];
      assert.equal(own?.at, at);
      for (const field of fields) assert.ok(own?.fields.includes(field), `${values.name} ${field}`);
    }
  }
});
