import assert from 'node:assert/strict';
import type { DestinationValue } from '../../src/store/store.ts';
import { onEveryStore } from './suite.ts';

const said = (more: Partial<DestinationValue>): DestinationValue => ({
  ...{ destination: 'email', source: 'probed', field: 'depth', value: 3, at: 1_000 },
  ...more,
});

onEveryStore(
  'what is said of destinations is kept, each value with its source and age, also after a restart',
  async (store) => {
    const values = [
      said({ source: 'declared', field: 'lease_ms', value: 30_000 }),
      said({ source: 'declared', field: 'subscriptions', value: ['one', 'two/ü'] }),
      said({ field: 'consumers', value: 0 }),
      said({ destination: 'orders/events', field: 'instrumented', source: 'declared', value: false, at: 2_000 }),
    ];
    await store.destinations.keep(values.toReversed());
    const reopened = await store.reopen();
    assert.deepEqual(await reopened.read((reader) => reader.destinations(null)), values);
    assert.deepEqual(await reopened.read((reader) => reader.destinations(['orders/events', 'none'])), values.slice(3));
  },
);

onEveryStore('a value takes the place of what the same source said, and of nothing newer', async (store) => {
  const { destinations, read } = store;
  await destinations.keep([said({}), said({ source: 'declared', field: 'lease_ms', value: 1 })]);
  await destinations.keep([said({ value: 9, at: 2_000 }), said({ field: 'lease_ms', value: 2, at: 2_000 })]);
  await destinations.keep([said({ value: 4, at: 1_999 }), said({ value: null, at: 1_999 })]);
  const now = () =>
    read((reader) => reader.destinations(['email']).map(({ source, field, value }) => [source, field, value]));
  assert.deepEqual(await now(), [
    ['declared', 'lease_ms', 1],
    ['probed', 'depth', 9],
    ['probed', 'lease_ms', 2],
  ]);
  await destinations.keep([said({ value: null, at: 2_000 })]);
  assert.equal((await now()).length, 2);
});

onEveryStore('a destination that is removed is forgotten, and no other', async ({ destinations, read }) => {
  await destinations.keep([said({}), said({ field: 'consumers' }), said({ destination: 'other' })]);
  assert.deepEqual([await destinations.remove('email'), await destinations.remove('email')], [2, 0]);
  assert.deepEqual(await read((reader) => reader.destinations(null)), [said({ destination: 'other' })]);
});

onEveryStore('ten thousand names are kept, and one more is refused', async ({ destinations, read }) => {
  const named = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => said({ destination: `reply-${from + index}` }));
  await destinations.keep(named(0, 10_000));
  await assert.rejects(destinations.keep(named(10_000, 1)), { code: 'DESTINATIONS_FULL' });
  await destinations.keep(named(9_999, 1).map((value) => ({ ...value, value: 7, at: 2_000 })));
  assert.deepEqual(
    (await read((reader) => reader.destinations(['reply-9999', 'reply-10000']))).map(({ value }) => value),
    [7],
  );
});
