import assert from 'node:assert/strict';
import type { Stretch } from '../../src/store/store.ts';
import { gap, sent, settled, started } from './made-facts.ts';
import { onEveryStore } from './suite.ts';

const of = (id: string, at: number) => ({ message_id: id, correlation_id: id, execution_id: `exe of ${id}`, at });
const stretch = (since: number, until: number, tenantId: string | null = null): Stretch => ({ since, until, tenantId });

onEveryStore(
  'messages with a gap are found by its time, the newest first, and each once',
  async ({ append, timeline }) => {
    await append([
      gap(of('a', 1_000)),
      gap(of('b', 2_000)),
      gap(of('a', 3_000)),
      gap(of('c', 4_000)),
      sent(of('d', 2_500)),
    ]);
    assert.deepEqual(await timeline.withGaps(stretch(1_000, 4_000), 10), ['a', 'b']);
    assert.deepEqual(await timeline.withGaps(stretch(1_000, 4_001), 2), ['c', 'a']);
    assert.deepEqual(await timeline.withGaps(stretch(5_000, 9_000), 10), []);
  },
);

onEveryStore(
  'messages of which an execution failed are found by the time of that, the newest first',
  async ({ append, timeline }) => {
    const outcomes = ['ok', 'retry', 'dead', 'failed', 'released', 'skipped'] as const;
    await append(outcomes.map((outcome, index) => settled({ ...of(outcome, 1_000 + index), outcome })));
    assert.deepEqual(await timeline.failing(stretch(1_000, 9_000), 10), ['failed', 'dead', 'retry']);
    assert.deepEqual(await timeline.failing(stretch(1_001, 1_003), 10), ['dead', 'retry']);
    assert.deepEqual(await timeline.failing(stretch(1_000, 9_000), 1), ['failed']);
  },
);

onEveryStore(
  'messages that are not over are found by when they began, the oldest first',
  async ({ append, timeline }) => {
    await append([
      sent(of('second', 2_000)),
      sent(of('first', 1_000)),
      sent(of('done', 1_500)),
      sent(of('later', 9_000)),
    ]);
    await append([started(of('done', 1_600)), settled(of('done', 1_700))]);
    assert.deepEqual(await timeline.open(stretch(1_000, 9_000), 10), ['first', 'second']);
    assert.deepEqual(await timeline.open(stretch(0, 10_000), 1), ['first']);
  },
);

onEveryStore(
  'of messages of one millisecond those with the least ids are told, whichever came first',
  async (store) => {
    const ids = ['msg_c', 'req_b', 'msg_a'];
    const own = (id: string) => ({ ...of(id, 1_000), event_type: 'order', business_key: 'order:1' });
    for (const id of ids) await store.append([started(own(id)), sent(own(id)), gap(own(id))]);
    for (const id of ids) await store.append([settled({ ...own(id), outcome: 'retry' })]);
    const { timeline } = store;
    const within = stretch(0, 9_000);
    for (const told of [
      await timeline.withGaps(within, 2),
      await timeline.failing(within, 2),
      await timeline.open(within, 2),
      await timeline.keyed('order:', within, 2),
      await timeline.began(within, 'order', 2),
      await timeline.sampleOf(sent().destination, within, 2),
    ])
      assert.deepEqual(told, ['msg_a', 'msg_c']);
  },
);

onEveryStore('messages are found by how their business key begins, with and without its kind', async (store) => {
  const keys = ['order:ORD-481', 'order:ORD-482', 'invoice:ORD-480', 'plain', 'order:X'];
  await store.append(keys.map((business_key, index) => sent({ ...of(business_key, 1_000 + index), business_key })));
  await store.append([sent({ ...of('second', 2_000), business_key: 'order:ORD-481', tenant_id: 'borealis' })]);
  const keyed = (beginning: string, limit = 10, asked = stretch(0, 9_000)) =>
    store.timeline.keyed(beginning, asked, limit);
  assert.deepEqual(await keyed('ORD-48'), ['order:ORD-481', 'order:ORD-482', 'invoice:ORD-480', 'second']);
  assert.deepEqual(await keyed('order:ORD-48'), ['order:ORD-481', 'order:ORD-482', 'second']);
  assert.deepEqual(await keyed('ORD-48', 2), ['order:ORD-481', 'order:ORD-482']);
  assert.deepEqual(await keyed('plai'), ['plain']);
  assert.deepEqual(await keyed('ORD-48', 10, stretch(1_001, 2_000)), ['order:ORD-482', 'invoice:ORD-480']);
  assert.deepEqual(await keyed('ORD-48', 10, stretch(0, 9_000, 'borealis')), ['second']);
  for (const none of ['ord-48', '%', 'lain', 'ORD-48%']) assert.deepEqual(await keyed(none), []);
});

onEveryStore(
  'messages are found by when they began, of whom and of which type, the newest first',
  async ({ append, timeline }) => {
    await append([
      sent(of('a', 1_000)),
      sent({ ...of('b', 2_000), tenant_id: 'borealis' }),
      sent({ ...of('c', 3_000), event_type: 'email.send' }),
      started(of('c', 3_500)),
      sent(of('d', 9_000)),
    ]);
    assert.deepEqual(await timeline.began(stretch(1_000, 9_000), null, 10), ['c', 'b', 'a']);
    assert.deepEqual(await timeline.began(stretch(1_000, 9_001), null, 2), ['d', 'c']);
    assert.deepEqual(await timeline.began(stretch(1_000, 9_000), 'email.send', 10), ['c']);
    assert.deepEqual(await timeline.began(stretch(1_000, 9_000, 'borealis'), null, 10), ['b']);
    assert.deepEqual(await timeline.began(stretch(0, 9_000, 'borealis'), 'email.send', 10), []);
    assert.deepEqual(await timeline.began(stretch(0, 9_000), 'nothing', 10), []);
    assert.deepEqual(await timeline.began(stretch(0, 9_000, 'nobody'), null, 10), []);
  },
);

onEveryStore('messages are found by where they were sent, and when', async ({ append, timeline }) => {
  await append([
    sent({ ...of('b', 2_000), destination: 'mail' }),
    sent({ ...of('a', 1_000), destination: 'mail' }),
    sent(of('elsewhere', 1_500)),
    started({ ...of('taken', 1_500), destination: 'mail' }),
  ]);
  assert.deepEqual(await timeline.sentTo('mail', stretch(1_000, 2_001), 10), ['a', 'b']);
  assert.deepEqual(await timeline.sentTo('mail', stretch(1_000, 2_000), 10), ['a']);
  assert.deepEqual(await timeline.sentTo('mail', stretch(0, 9_000), 2), ['a', 'b']);
  assert.equal(await timeline.sentTo('mail', stretch(0, 9_000), 1), null);
  assert.deepEqual(await timeline.sampleOf('mail', stretch(0, 9_000), 1), ['a']);
  assert.deepEqual(await timeline.sentTo('nowhere', stretch(0, 9_000), 10), []);
});

onEveryStore('a tenant that is asked for is told nothing of another', async ({ append, timeline }) => {
  for (const tenant_id of ['acme', 'borealis', null]) {
    const own = { ...of(String(tenant_id), 1_000), tenant_id };
    await append([sent(own), gap(own), settled({ ...own, outcome: 'retry' })]);
  }
  const acme = stretch(0, 9_000, 'acme');
  assert.deepEqual(await timeline.withGaps(acme, 10), ['acme']);
  assert.deepEqual(await timeline.failing(acme, 10), ['acme']);
  assert.deepEqual(await timeline.open(acme, 10), ['acme']);
  assert.deepEqual(await timeline.sentTo('orders', acme, 10), ['acme']);
  assert.deepEqual(
    (await timeline.arrivals(acme, null, 10)).map(({ message_id }) => message_id),
    ['acme', 'acme', 'acme'],
  );
  assert.deepEqual(await timeline.counts(acme), { facts: 3, messages: 1 });
  assert.deepEqual(await timeline.counts(stretch(0, 9_000)), { facts: 9, messages: 3 });
  assert.deepEqual(await timeline.counts(stretch(0, 9_000, 'nobody')), { facts: 0, messages: 0 });
  assert.deepEqual(await timeline.open(stretch(0, 9_000, 'nobody'), 10), []);
});

onEveryStore('facts and messages are counted by the minutes that a stretch touches', async ({ append, timeline }) => {
  await append([sent(of('a', 59_999)), started(of('a', 60_000)), sent(of('b', 61_000)), sent(of('c', 120_000))]);
  assert.deepEqual(await timeline.counts(stretch(30_000, 60_000)), { facts: 1, messages: 1 });
  assert.deepEqual(await timeline.counts(stretch(60_000, 60_001)), { facts: 2, messages: 1 });
  assert.deepEqual(await timeline.counts(stretch(0, 120_001)), { facts: 4, messages: 3 });
});

onEveryStore(
  'a message whose earlier fact comes later is counted once, when and for whom it began',
  async ({ append, timeline }) => {
    await append([started({ ...of('a', 120_000), tenant_id: null })]);
    await append([sent({ ...of('a', 0), tenant_id: 'acme' })]);
    assert.deepEqual(await timeline.counts(stretch(120_000, 180_000)), { facts: 1, messages: 0 });
    assert.deepEqual(await timeline.counts(stretch(0, 60_000)), { facts: 1, messages: 1 });
    assert.deepEqual(await timeline.counts(stretch(0, 180_000, 'acme')), { facts: 1, messages: 1 });
    await append([started({ ...of('b', 240_000) }), sent(of('b', 180_000))]);
    assert.deepEqual(await timeline.counts(stretch(240_000, 300_000, 'acme')), { facts: 1, messages: 0 });
  },
);

onEveryStore('a fact that arrives twice is counted once', async ({ append, timeline }) => {
  const fact = sent();
  await append([fact]);
  await append([fact]);
  assert.deepEqual(await timeline.counts(stretch(0, 60_000)), { facts: 1, messages: 1 });
});

onEveryStore(
  'facts are followed in the order in which they came, from where one stopped',
  async ({ append, timeline }) => {
    const facts = [sent(of('a', 5_000)), sent(of('late', 1_000)), sent(of('b', 6_000)), sent(of('c', 70_000))];
    for (const fact of facts) await append([fact]);
    const ids = async (after: number | null, limit: number, asked = stretch(0, 90_000)) =>
      (await timeline.arrivals(asked, after, limit)).map(({ message_id }) => message_id);
    assert.deepEqual(await ids(null, 10), ['a', 'late', 'b', 'c']);
    assert.deepEqual(await ids(null, 2), ['b', 'c']);
    assert.deepEqual(await ids(null, 10, stretch(5_000, 6_000)), ['a']);
    const ever = (tenant?: string) => stretch(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, tenant);
    assert.deepEqual([await ids(null, 1, ever()), await ids(null, 9, ever('nobody'))], [['c'], []]);
    assert.deepEqual(await ids(0, 3, ever()), ['a', 'late', 'b']);
    const [first] = await timeline.arrivals(stretch(0, 90_000), null, 10);
    assert.deepEqual(
      [first?.fact_id, await ids(first?.key ?? 0, 2), await ids(0, 1)],
      [facts[0]?.fact_id, ['late', 'b'], ['a']],
    );
  },
);

onEveryStore('the destinations of a time are those that something was sent to in it', async ({ append, timeline }) => {
  await append([
    sent({ ...of('b', 2_000), destination: 'mail' }),
    sent({ ...of('a', 1_000), destination: 'mail' }),
    sent({ ...of('c', 1_000), destination: 'bills', tenant_id: 'borealis' }),
    sent({ ...of('d', 9_000), destination: 'later' }),
    started({ ...of('taken', 1_500), destination: 'taken from' }),
  ]);
  assert.deepEqual(await timeline.destinations(stretch(1_000, 2_001), 10), ['bills', 'mail']);
  assert.deepEqual(await timeline.destinations(stretch(1_500, 2_001), 10), ['mail']);
  assert.deepEqual(await timeline.destinations(stretch(0, 9_000, 'borealis'), 10), ['bills']);
  assert.equal((await timeline.destinations(stretch(0, 9_001), 2)).length, 2);
  assert.deepEqual(await timeline.destinations(stretch(10_000, 11_000), 10), []);
});
