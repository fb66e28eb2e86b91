import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../../../src/questions/gaps/ask.ts';
import { asked } from '../asked.ts';
import { gap, handled, sent, started } from '../fact-makers.ts';
import { readerOf } from '../reader-of.ts';

const lost = (id: string, at: number, more: object = {}) => [
  gap(id, at, { subscription: 'worker', correlation_id: id, ...more }),
  started(id, 1, at, { correlation_id: id, ...more }),
];

test('messages that lost their context on the way are one boundary, linked and counted', async () => {
  const reader = await readerOf([
    ...['1', '2'].flatMap((nr) => [
      sent(`msg_${nr}`, Number(nr) * 1_000, { broker_id: `b${nr}` }),
      ...lost(`msg_x${nr}`, Number(nr) * 60_000, { broker_id: `b${nr}`, tenant_id: `tenant ${nr}` }),
    ]),
    ...handled('msg_well', 5_000),
  ]);
  const { boundaries, messages_checked, total_messages, is_at_least, searched } = ask(reader, asked());
  assert.deepEqual([messages_checked, total_messages, is_at_least, searched.facts], [5, 2, false, 9]);
  const [
    { from, via, to, likely_reason, messages, linked, linked_by, missing, fix, confidence, tenants, per_bucket } = {},
    ...more
  ] = boundaries as readonly Partial<(typeof boundaries)[number]>[];
  assert.deepEqual(more, []);
  assert.deepEqual([from, via, to, likely_reason, messages, linked], ['orders', 'orders', 'orders', 'lost', 2, 2]);
  assert.deepEqual([linked_by, missing], [[{ how: 'broker_id', key: null, messages: 2 }], ['waybill']]);
  assert.deepEqual([fix, confidence], [null, null]);
  assert.deepEqual(
    tenants?.map((each) => `${each.tenant_id} ${each.messages}`),
    ['tenant 2 1', 'tenant 1 1'],
  );
  assert.deepEqual(per_bucket?.slice(0, 4), [0, 1, 1, 0]);
});

test('what was sent to the same place and taken by nobody is found over a store', async () => {
  const reader = await readerOf([sent('msg_a', 1_000), ...lost('msg_x', 2_000)]);
  const [boundary] = ask(reader, asked()).boundaries;
  assert.deepEqual(
    boundary?.examples.map(({ cause_message_id, evidence, why }) => [cause_message_id, evidence, why]),
    [['msg_a', 'inferred', null]],
  );
  assert.deepEqual(boundary?.linked_by, [{ how: 'destination', key: null, messages: 1 }]);
});

test('where too much was sent to the same place nothing is concluded from it', async () => {
  const many = Array.from({ length: 201 }, (_, index) => handled(`msg_${index}`, 1_000 + index)).flat();
  const [few, crowded] = await Promise.all(
    [many.slice(0, 20), many].map(async (facts) => ask(await readerOf([...facts, ...lost('msg_x', 5_000)]), asked())),
  );
  assert.deepEqual(
    few?.boundaries.map(({ likely_reason, evidence }) => [likely_reason, evidence]),
    [['not_instrumented', 'inferred']],
  );
  assert.deepEqual(
    crowded?.boundaries.map(({ likely_reason, evidence }) => [likely_reason, evidence]),
    [[null, 'unknown']],
  );
});

test('who sends outside every scope is told what to do there', async () => {
  const outside = { reason: 'no_context', missing: [], edge: { from: 'nightly-reports', to: 'reports' } } as const;
  const reader = await readerOf([gap('msg_a', 1_000, { gap: outside, correlation_id: 'msg_a' })]);
  const [boundary] = ask(reader, asked()).boundaries;
  assert.deepEqual(
    [boundary?.via, boundary?.from, boundary?.fix],
    ['nightly-reports', null, 'in nightly-reports, start inside waybill.ingress({ operation: "nightly-reports" })'],
  );
});

test('boundaries beyond the limit are counted, and messages beyond what is read make it at least', async () => {
  const at = (destination: string, id: string) =>
    lost(id, 1_000, { destination, gap: { reason: 'no_context', missing: [], edge: { from: null, to: destination } } });
  const reader = await readerOf([...at('a', 'msg_1'), ...at('b', 'msg_2')]);
  const short = ask(reader, asked({ limit: 1 }));
  assert.deepEqual([short.boundaries.length, short.not_shown, short.total_messages], [1, 1, 2]);
  const busy = await readerOf(Array.from({ length: 201 }, (_, index) => gap(`msg_${index}`, 1_000)));
  assert.deepEqual([ask(busy, asked()).total_messages, ask(busy, asked()).is_at_least], [200, true]);
});
