import assert from 'node:assert/strict';
import type { GapFact } from 'waybill';
import { sent, started } from './made-facts.ts';
import { onEveryStore } from './suite.ts';

const trace = (digit: string) => digit.repeat(32);
const kept = (trace_id: string, span: number, text = `span ${span}`) => ({
  trace_id,
  span_id: span.toString(16).padStart(16, '0'),
  text,
});

onEveryStore('spans are given back as they came, each once, also after a restart', async (store) => {
  await store.spans.keep([kept(trace('a'), 1), kept(trace('b'), 1), kept(trace('a'), 2)], 1_000, 3_000);
  await store.spans.keep([kept(trace('a'), 1, 'said anew'), kept(trace('a'), 3)], 2_000, 4_000);
  const reopened = await store.reopen();
  assert.deepEqual(
    (await reopened.spans.of(trace('a'))).map(({ arrived_at, text }) => [arrived_at, text]),
    [
      [1_000, 'span 1'],
      [1_000, 'span 2'],
      [2_000, 'span 3'],
    ],
  );
  assert.deepEqual([await reopened.spans.count(), await reopened.spans.of(trace('c'))], [4, []]);
});

onEveryStore('traces are due in the order in which they wait, and not before', async (store) => {
  const { spans } = store;
  await spans.keep([kept(trace('b'), 1)], 1_000, 3_000);
  await spans.keep([kept(trace('a'), 1)], 1_500, 3_500);
  assert.deepEqual([await spans.due(2_999, 9), await spans.due(3_000, 9)], [[], [trace('b')]]);
  assert.deepEqual([await spans.due(3_500, 9), await spans.due(3_500, 1)], [[trace('b'), trace('a')], [trace('b')]]);
  await spans.looked([{ trace_id: trace('b'), seen: 1, next_at: 9_000 }]);
  assert.deepEqual([await spans.due(8_999, 9), await spans.due(9_000, 9)], [[trace('a')], [trace('a'), trace('b')]]);
});

onEveryStore('a span that came while its trace was looked at is looked at as well', async (store) => {
  const { spans } = store;
  await spans.keep([kept(trace('a'), 1)], 1_000, 3_000);
  await spans.keep([kept(trace('a'), 2)], 3_000, 5_000);
  await spans.looked([{ trace_id: trace('a'), seen: 1, next_at: null }]);
  assert.deepEqual(await spans.due(3_000, 9), [trace('a')]);
  await spans.looked([{ trace_id: trace('a'), seen: 2, next_at: null }]);
  assert.deepEqual(await spans.due(Number.MAX_SAFE_INTEGER, 9), []);
  await spans.keep([kept(trace('a'), 2)], 6_000, 8_000);
  assert.deepEqual(await spans.due(8_000, 9), [], 'what is known brings nothing new');
  await spans.keep([kept(trace('a'), 3)], 6_000, 8_000);
  assert.deepEqual(await spans.due(8_000, 9), [trace('a')]);
});

onEveryStore('a new span brings the next look forward, and in a large trace less so', async (store) => {
  const { spans } = store;
  await spans.keep([kept(trace('a'), 1)], 1_000, 3_000);
  await spans.looked([{ trace_id: trace('a'), seen: 1, next_at: 60_000 }]);
  await spans.keep([kept(trace('a'), 2)], 4_000, 6_000);
  assert.deepEqual(await spans.due(6_000, 9), [trace('a')]);
  const many = Array.from({ length: 20_000 }, (_, n) => kept(trace('b'), n + 1));
  await spans.keep(many, 1_000, 3_000);
  await spans.looked([{ trace_id: trace('b'), seen: 20_000, next_at: null }]);
  await spans.keep([kept(trace('b'), 30_000)], 4_000, 6_000);
  assert.deepEqual([await spans.due(7_999, 9), await spans.due(8_000, 9)], [[trace('a')], [trace('a'), trace('b')]]);
});

onEveryStore('only traces of which nothing waits are let go, the oldest first', async (store) => {
  const { spans } = store;
  for (const [at, digit] of ['a', 'b', 'c', 'd'].entries()) await spans.keep([kept(trace(digit), 1)], at, 3_000);
  const looks = ['a', 'b', 'd'].map((digit) => ({ trace_id: trace(digit), seen: 1, next_at: null }));
  await spans.looked(looks);
  await spans.letGo(3, 1);
  assert.deepEqual([(await spans.of(trace('a'))).length, (await spans.of(trace('b'))).length], [0, 1]);
  await spans.letGo(3, 9);
  assert.deepEqual(
    [await spans.count(), (await spans.of(trace('c'))).length, (await spans.of(trace('d'))).length],
    [2, 1, 1],
  );
  await spans.keep([kept(trace('a'), 1)], 9, 12);
  assert.deepEqual(await spans.due(12, 9), [trace('a')], 'one that was let go may come again');
});

onEveryStore('a trace that gets a new span while it is let go is kept', async (store) => {
  const { spans } = store;
  await spans.keep([kept(trace('a'), 1)], 0, 3_000);
  await spans.looked([{ trace_id: trace('a'), seen: 1, next_at: null }]);
  await Promise.all([spans.keep([kept(trace('a'), 2)], 5_000, 7_000), spans.letGo(4_000, 9)]);
  assert.deepEqual([(await spans.of(trace('a'))).length, await spans.count()], [2, 2]);
});

onEveryStore('messages are found by a span of theirs, and by the span that their gap names', async (store) => {
  const span_id = '1'.padStart(16, '0');
  const at = { trace_id: trace('a'), span_id };
  const gap = (traceparent: string): GapFact['gap'] => ({
    ...{ reason: 'w3c_only', missing: ['waybill'], edge: { from: null, to: 'orders' }, traceparent },
  });
  const lost = (message_id: string, traceparent: string): GapFact => {
    const { status: _, ...rest } = sent({ message_id, correlation_id: message_id, trace_id: trace('c') });
    return { ...rest, kind: 'gap', gap: gap(traceparent) };
  };
  await store.append([
    started({ ...at, message_id: 'later', at: 2_000 }),
    sent({ ...at, message_id: 'sent' }),
    sent({ ...at, message_id: 'sent', at: 1_001 }),
    sent({ ...at, trace_id: trace('b'), message_id: 'other trace' }),
    sent({ trace_id: trace('a'), message_id: 'no span' }),
    lost('lost', `00-${trace('a')}-${span_id}-01`),
    lost('lost elsewhere', `00-${trace('b')}-${span_id}-01`),
  ]);
  assert.deepEqual(await store.read((reader) => reader.messagesAt(trace('a'), span_id, 10)), ['sent', 'lost', 'later']);
  assert.equal((await store.read((reader) => reader.messagesAt(trace('a'), span_id, 1))).length, 1);
  assert.deepEqual(await store.read((reader) => reader.messagesAt(trace('c'), span_id, 10)), []);
});

onEveryStore('a service records what it has sent or started itself, and nothing that was derived', async (store) => {
  await store.append([
    sent({ service: 'shop', system: 'kafka' }),
    started({ service: 'mailer', system: 'http' }),
    sent({ service: 'derived', system: 'kafka', inferred: true }),
  ]);
  const reopened = await store.reopen();
  const records = (service: string, system: string) => reopened.read((reader) => reader.records(service, system));
  assert.deepEqual([await records('shop', 'kafka'), await records('mailer', 'http')], [true, true]);
  assert.deepEqual(
    [await records('shop', 'http'), await records('derived', 'kafka'), await records('nobody', 'kafka')],
    [false, false, false],
  );
});

onEveryStore('a system is the same one with a hyphen, and where a span names none it is any', async (store) => {
  await store.append([sent({ service: 'shop', system: 'pg_boss' })]);
  assert.deepEqual(
    [
      await store.read((reader) => reader.records('shop', 'pg-boss')),
      await store.read((reader) => reader.records('shop', null)),
    ],
    [true, true],
  );
  assert.deepEqual(
    [
      await store.read((reader) => reader.records('shop', 'pg')),
      await store.read((reader) => reader.records('nobody', null)),
    ],
    [false, false],
  );
});
