import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import { storeGraph } from '../../src/questions/graph/store-graph.ts';
import { ask as trace } from '../../src/questions/trace/trace.ts';
import { why } from '../../src/questions/why/chain.ts';
import { type DerivationOptions, openDerivation } from '../../src/server/derivation.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactStore } from '../../src/store/store.ts';
import { hexId, lineOf, namesOf, spansOf, type ToldSpan } from '../ingest/spans/made-spans.ts';
import { sent } from '../store/made-facts.ts';
import { temporaryFolder } from '../store/suite.ts';

/** A service that takes orders, one that mails, in a trace of its own, and one that counts what was mailed, in that. */
const CHAIN: readonly ToldSpan[] = [
  { name: 'request', kind: 'SERVER', at: 1_000 },
  { name: 'view', parent: 'request', at: 1_001 },
  { name: 'order', parent: 'view', kind: 'PRODUCER', at: 1_002 },
  { name: 'mail', trace: 'u', links: ['t/order'], kind: 'CONSUMER', service: 'mailer', at: 1_100 },
  { name: 'smtp', trace: 'u', parent: 'mail', kind: 'CLIENT', service: 'mailer', at: 1_101 },
  { name: 'mailed', trace: 'u', parent: 'smtp', kind: 'PRODUCER', service: 'mailer', at: 1_102 },
  { name: 'count', trace: 'u', parent: 'mailed', kind: 'CONSUMER', service: 'counter', at: 1_200 },
];
const CHAIN_LINES = [
  'started req:request in req:request as exe:request, root root span',
  'sent msg:order in req:request by req:request of exe:request',
  'settled req:request ok',
  'started msg:order in req:request by req:request as exe:mail, L span link',
  'sent msg:mailed in req:request by msg:order of exe:mail',
  'settled msg:order ok',
  'started msg:mailed in req:request by msg:order as exe:count, P span parent',
  'settled msg:mailed ok',
];

const NAMES = namesOf(CHAIN);
const known = ['msg', 'req'].flatMap((prefix) =>
  [...NAMES].flatMap(([id, name]) => (name.startsWith(prefix) ? id : [])),
);

async function factsIn(store: FactStore): Promise<MessageFact[]> {
  const facts = await store.read((reader) => reader.factsOf(known));
  return facts.sort((a, b) => a.at - b.at || (a.fact_id < b.fact_id ? -1 : 1));
}

const linesIn = async (store: FactStore) => (await factsIn(store)).map((fact) => lineOf(fact, NAMES));
/** In the order of their names: facts of one millisecond have no other. */
const sorted = (lines: readonly string[]) => lines.toSorted();

/** A ledger whose clock a test moves: nothing runs but when it says so. */
function derivation(store: FactStore, options: Omit<DerivationOptions, 'now'> = {}) {
  let at = 10_000;
  const errors: unknown[] = [];
  const derived = openDerivation(store, (error) => errors.push(error), { ...options, now: () => at });
  return {
    errors,
    take: (...told: readonly ToldSpan[]) => derived.take(spansOf(told)),
    async pass(ms: number, stepMs = 1_000) {
      for (const end = at + ms; at < end; ) {
        at = Math.min(end, at + stepMs);
        await derived.run();
      }
    },
  };
}

function memoryStore(context: { after(close: () => Promise<void>): void }): FactStore {
  const store = openSqliteStore({ path: ':memory:' });
  context.after(() => store.close());
  return store;
}

test('requests and messages of services without Waybill are one workflow, across services and traces', async (context) => {
  const store = memoryStore(context);
  const { take, pass } = derivation(store);
  await take(...CHAIN);
  await pass(1_999);
  assert.deepEqual(await linesIn(store), []);
  await pass(20_000);
  assert.deepEqual(sorted(await linesIn(store)), sorted(CHAIN_LINES));
  assert.ok((await factsIn(store)).every(({ inferred, seq }) => inferred === true && seq === 0));
});

test('in whatever order spans come, once or twice, the facts are the same', async (context) => {
  const whole = memoryStore(context);
  const first = derivation(whole);
  await first.take(...CHAIN);
  await first.pass(20_000);
  const expected = JSON.stringify(await factsIn(whole));
  for (let seed = 1; seed <= 40; seed++) {
    const store = memoryStore(context);
    const { take, pass } = derivation(store);
    for (const span of shuffled(CHAIN, seed)) {
      await take(span);
      await pass((seed % 5) * 1_000);
    }
    if (seed % 2 === 0) await take(...CHAIN);
    await pass(40_000);
    assert.equal(JSON.stringify(await factsIn(store)), expected, `seed ${seed}`);
    await take(...CHAIN);
    await pass(20_000);
    assert.equal((await store.read((reader) => reader.extent())).facts, CHAIN_LINES.length);
  }
});

/** Every order of seven is one of 5,040: a few dozen of them, the same at each run. */
function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const order = items.map((item, index) => [hexId(`${seed} ${index}`, 16), item] as const);
  return order.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

test('spans whose others never come are derived after the grace, with what is known', async (context) => {
  const store = memoryStore(context);
  const { take, pass } = derivation(store);
  await take(...CHAIN.slice(2));
  await pass(59_000);
  assert.deepEqual(await linesIn(store), []);
  await pass(13_000);
  assert.deepEqual(
    sorted(await linesIn(store)),
    sorted([
      'sent msg:order in msg:order',
      'started msg:order in msg:order as exe:mail, L span link',
      'sent msg:mailed in msg:order by msg:order of exe:mail',
      'settled msg:order ok',
      'started msg:mailed in msg:order by msg:order as exe:count, P span parent',
      'settled msg:mailed ok',
    ]),
  );
});

test('what comes late finds the spans of its trace for a quarter of an hour, and then not', async (context) => {
  const [request, view, order] = CHAIN as [ToldSpan, ToldSpan, ToldSpan];
  for (const [minutes, lines] of [
    [14, 2],
    [16, 0],
  ] as const) {
    const store = memoryStore(context);
    const { take, pass } = derivation(store);
    await take(view, order);
    await pass(minutes * 60_000, 10_000);
    await take(request);
    await pass(5_000);
    assert.equal((await linesIn(store)).filter((line) => line.includes('ed req:request')).length, lines);
    assert.equal(await store.spans.count(), lines > 0 ? 3 : 1);
  }
});

test('a request that ends minutes after what it sent was derived is its cause all the same', async (context) => {
  const store = memoryStore(context);
  const { take, pass } = derivation(store);
  await take(...CHAIN.slice(1));
  await pass(120_000);
  const id = (name: string) => [...NAMES].find(([, known]) => known === name)?.[0] ?? '';
  const chain = async () => {
    const answer = await store.read((reader) => why(storeGraph(reader, { asOf: 1_000_000 }), id('msg:mailed')));
    return answer?.causes.map(({ message_id, evidence }) => `${NAMES.get(message_id)} ${evidence}`);
  };
  assert.deepEqual(await chain(), ['msg:order inferred', 'msg:mailed inferred']);
  for (let twice = 0; twice < 2; twice++) {
    await take(...CHAIN.slice(0, 1), { name: `${twice}`, parent: 'request' });
    await pass(10_000);
    assert.deepEqual(await chain(), ['req:request inferred', 'msg:order inferred', 'msg:mailed inferred']);
  }
  const created = (await linesIn(store)).filter((line) => line.startsWith('created'));
  assert.deepEqual(created, ['created msg:order in req:request by req:request']);
  const request = { ...ANY, id: id('req:request'), message_id: id('req:request') };
  const { rows } = await store.read((reader) => trace(reader, request, 1_000_000));
  assert.deepEqual(
    rows.map((row) => `${row.depth} ${'folded' in row ? '' : NAMES.get(row.message_id)}`),
    ['0 req:request', '1 msg:order', '2 msg:mailed'],
  );
});

const ANY = { kind: 'message', at: 0, event_type: null, tenant_id: null, business_key: null } as const;

test('a span that nobody can read stops no other', async (context) => {
  const store = memoryStore(context);
  const { take, pass, errors } = derivation(store);
  await store.spans.keep([{ trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16), text: 'null' }], 10_000, 10_000);
  await take(...CHAIN);
  await pass(20_000);
  assert.deepEqual([(await linesIn(store)).length, errors.length], [CHAIN_LINES.length, 1]);
});

test('what was acknowledged is derived after a restart', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const before = openSqliteStore({ path });
  await derivation(before).take(...CHAIN);
  await before.close();
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  await derivation(store).pass(20_000);
  assert.deepEqual(sorted(await linesIn(store)), sorted(CHAIN_LINES));
});

test('facts that a sender records while spans settle come first, and its consumer is of that message', async (context) => {
  const store = memoryStore(context);
  const { take, pass } = derivation(store);
  await take(...CHAIN.slice(2, 4));
  await pass(1_000);
  const at = { trace_id: hexId('t', 32), span_id: hexId('order', 16), system: 'rabbitmq', service: 'shop' };
  await store.append([sent({ ...at, message_id: 'msg_own', correlation_id: 'req_own', causation_id: 'req_own' })]);
  await pass(10_000);
  const lines = (await store.read((reader) => reader.factsOf(['msg_own']))).map((fact) => lineOf(fact, NAMES));
  assert.deepEqual(lines, [
    'sent msg_own in req_own by req_own',
    'started msg_own in req_own by req_own as exe:mail, L span link',
    'settled msg_own ok',
  ]);
  assert.deepEqual(await linesIn(store), []);
});

test('beyond its bound the oldest spans are derived before their time, and nothing is lost', async (context) => {
  const store = memoryStore(context);
  const { take } = derivation(store, { spansMax: 20 });
  const sends = Array.from(
    { length: 100 },
    (_, n): ToldSpan => ({
      ...{ name: `send ${n}`, trace: `trace ${n}`, parent: 'unknown', kind: 'PRODUCER' },
    }),
  );
  for (const send of sends) {
    await take(send);
    assert.ok((await store.spans.count()) <= 20);
  }
  const ids = [...namesOf(sends)].flatMap(([id, name]) => (name.startsWith('msg:send') ? id : []));
  assert.equal((await store.read((reader) => reader.factsOf(ids))).length + (await store.spans.count()), 100);
});

test('traces that do not fit are derived at once, each with what was just derived of the others', async (context) => {
  const store = memoryStore(context);
  const { take } = derivation(store, { spansMax: 3 });
  await take(...CHAIN);
  assert.deepEqual(sorted(await linesIn(store)), sorted(CHAIN_LINES));
  assert.ok((await store.spans.count()) <= 3);
});

test('a store that cannot write loses no span, and the next run derives it', async (context) => {
  const store = memoryStore(context);
  let isFull = true;
  const full: FactStore = {
    ...store,
    append: (facts) => (isFull ? Promise.reject(new Error('disk full')) : store.append(facts)),
  };
  const { take, pass } = derivation(full);
  await take(...CHAIN);
  await assert.rejects(pass(3_000), /disk full/);
  isFull = false;
  await pass(20_000);
  assert.deepEqual(sorted(await linesIn(store)), sorted(CHAIN_LINES));
});
