import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openDerivation } from '../../src/server/derivation.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactStore } from '../../src/store/store.ts';
import { said, startWaybill, temporaryFolder } from '../cli/command.ts';
import { itemOf, namesOf, type ToldSpan, tracesBody } from '../ingest/spans/made-spans.ts';
import { ask, type RunningLedger, runLedger } from './running-ledger.ts';

const TOLD: readonly ToldSpan[] = [
  { name: 'request', kind: 'SERVER' },
  { name: 'order', parent: 'request', kind: 'PRODUCER' },
  { name: 'mail', trace: 'u', links: ['t/order'], kind: 'CONSUMER', service: 'mailer' },
];
const PATH = '/v1/traces';
const idOf = (name: string) => [...namesOf(TOLD)].find(([, known]) => known === name)?.[0] ?? '';

/** Why the message that was mailed was sent, as soon as the ledger knows. */
async function whyMailed({ get }: RunningLedger) {
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    const { status, json } = await get(`/api/v1/why?id=${idOf('msg:order')}`);
    if (status === 200 && json.data.executions.length > 0) return json.data;
  }
  throw new Error('nothing was derived in 20 s');
}

test('spans that are posted become facts, by which a message is led back to its request', async (context) => {
  const ledger = await runLedger(context, undefined, {}, { settleMs: 10, everyMs: 10, againMs: 10 });
  const { status, json } = await ledger.post(tracesBody(TOLD), {}, PATH);
  assert.deepEqual([status, json], [200, { partialSuccess: {} }]);
  const { causes, state, state_evidence } = await whyMailed(ledger);
  assert.deepEqual(
    causes.map(({ message_id, evidence }: Record<string, string>) => [message_id, evidence]),
    [
      [idOf('req:request'), 'inferred'],
      [idOf('msg:order'), 'inferred'],
    ],
  );
  assert.deepEqual([state, state_evidence, ledger.unexpected], ['done', 'inferred', []]);
});

test('an answer of 200 means that the spans are in the file', async (context) => {
  const path = join(temporaryFolder(context), 'ledger.sqlite');
  const { post } = await runLedger(context, openSqliteStore({ path }));
  assert.equal((await post(gzipSync(tracesBody(TOLD)), { 'content-encoding': 'gzip' }, PATH)).status, 200);
  const reader = openSqliteStore({ path });
  context.after(() => reader.close());
  assert.equal(await reader.spans.count(), 3);
});

test('spans that were acknowledged are derived, though the ledger was killed before it could', async (context) => {
  const folder = temporaryFolder(context);
  const child = startWaybill(['serve', '--port', '0', '--data', folder]);
  context.after(() => child.kill('SIGKILL'));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const [, url = ''] = await said(child, /^Ledger {2}(\S+)/);
  const { status } = await ask(url, 'POST', PATH, { 'content-type': 'application/json' }, tracesBody(TOLD));
  child.kill('SIGKILL');
  await gone;
  assert.equal(status, 200);
  const store = openSqliteStore({ path: join(folder, 'ledger.sqlite') });
  context.after(() => store.close());
  assert.equal((await store.read((reader) => reader.extent())).facts, 0);
  assert.equal(await derivedIn(store), 5);
});

async function derivedIn(store: FactStore): Promise<number> {
  const later = Date.now() + 10_000;
  await openDerivation(store, assert.ifError, { now: () => later }).run();
  return (await store.read((reader) => reader.extent())).facts;
}

test('a question to a file derives nothing, and changes nothing in it', async (context) => {
  const path = join(temporaryFolder(context), 'ledger.sqlite');
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  await store.spans.keep([{ trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16), text: '{}' }], 0, 0);
  const { openLedger } = await import('../../src/cli/ledger.ts');
  const ledger = await openLedger({ db: path, url: undefined, token: undefined });
  await assert.rejects(ledger.ask('why', { id: 'nothing' }));
  await ledger.close();
  assert.deepEqual([await store.spans.count(), (await store.read((reader) => reader.extent())).facts], [1, 0]);
});

test('bad spans are counted with the reason, and the good ones beside them are kept', async (context) => {
  const { store, post } = await runLedger(context);
  const spans = [itemOf({ name: 'a' }), { ...itemOf({ name: 'b' }), traceId: 'x' }];
  const { status, json } = await post(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }), {}, PATH);
  assert.equal(status, 200);
  const errorMessage = '1 span: traceId is not 32 hex digits';
  assert.deepEqual(json, { partialSuccess: { rejectedSpans: '1', errorMessage } });
  assert.equal(await store.spans.count(), 1);
});

test('100,000 spans in one request are answered with 200, and each is accepted or counted', async (context) => {
  const { store, post } = await runLedger(context);
  const spans = Array.from({ length: 100_000 }, (_, n) =>
    n % 2 ? { ...itemOf({ name: `${n}`, trace: `${n % 1_000}` }), attributes: [] } : {},
  );
  const body = gzipSync(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  const { status, json } = await post(body, { 'content-encoding': 'gzip' }, PATH);
  assert.equal(status, 200);
  assert.equal((await store.spans.count()) + Number(json.partialSuccess.rejectedSpans), 100_000);
});

const REFUSED: readonly (readonly [what: string, body: string, headers: Record<string, string>, status: number])[] = [
  ['nesting', `{"resourceSpans":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, {}, 400],
  ['what is no JSON', '{', {}, 400],
  ['another media type', '{}', { 'content-type': 'text/plain' }, 415],
  ['a foreign page', '{}', { origin: 'http://elsewhere.example' }, 403],
];

for (const [what, body, headers, expected] of REFUSED)
  test(`${what} is refused with ${expected}, and the ledger answers on`, async (context: TestContext) => {
    const { post, get } = await runLedger(context);
    assert.equal((await post(body, headers, PATH)).status, expected);
    assert.equal((await get('/healthz')).status, 200);
  });

test('a store that cannot write is answered with 503, and when to try again', async (context) => {
  const store = openSqliteStore({ path: ':memory:' });
  const { post } = await runLedger(context, store);
  await store.close();
  const { status, headers } = await post(tracesBody(TOLD), {}, PATH);
  assert.deepEqual([status, headers['retry-after']], [503, '1']);
});
