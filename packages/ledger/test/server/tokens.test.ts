import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../src/server/app.ts';
import { listen } from '../../src/server/listen.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { bodyOfFacts } from '../ingest/otlp-body.ts';
import { workflowFacts } from '../workflow.ts';
import { ask } from './running-ledger.ts';

const TOKENS = {
  ingest: ['an-ingest-token-of-old', 'an-ingest-token-of-new'],
  read: ['a-token-that-reads'],
  admin: ['a-token-of-an-admin'],
};

async function publicLedger(context: TestContext, tokens: Partial<typeof TOKENS> = TOKENS) {
  const store = openSqliteStore({ path: ':memory:' });
  const app = createApp({ store, tokens: { ingest: [], read: [], admin: [], ...tokens } });
  const server = await listen(app, { port: 0, hostname: '0.0.0.0' });
  context.after(() => server.close());
  const url = server.url.replace('0.0.0.0', '127.0.0.1');
  const authorized = (token?: string) => ({
    host: 'ledger.example',
    ...(token && { authorization: `Bearer ${token}` }),
  });
  const json = { 'content-type': 'application/json' };
  return {
    store,
    get: (path: string, token?: string) => ask(url, 'GET', path, authorized(token)),
    send: (token?: string) =>
      ask(url, 'POST', '/v1/logs', { ...json, ...authorized(token) }, bodyOfFacts(workflowFacts())),
    getWith: (authorization: string) => ask(url, 'GET', '/metrics', { host: 'ledger.example', authorization }),
  };
}

test('a ledger that others can reach takes facts and answers questions for its tokens alone', async (context) => {
  const { get, send, store } = await publicLedger(context);
  for (const answered of [await send(), await get('/api/v1/why?id=PWASC1'), await get('/metrics')]) {
    assert.deepEqual([answered.status, answered.json.code], [401, 'TOKEN_MISSING']);
    assert.equal(answered.headers['www-authenticate'], 'Bearer realm="waybill"');
  }
  const guessed = await send('an-ingest-token-of-all');
  assert.deepEqual([guessed.status, guessed.json.code], [401, 'TOKEN_UNKNOWN']);
  assert.match(String(guessed.headers['www-authenticate']), /error="invalid_token"/);
  assert.equal((await store.read((reader) => reader.extent())).facts, 0);
});

test('sending and reading are apart, and an admin may do both', async (context) => {
  const { get, send, store } = await publicLedger(context);
  const wrong = [await send('a-token-that-reads'), await get('/api/v1/why?id=PWASC1', 'an-ingest-token-of-new')];
  for (const { status, json } of wrong) assert.deepEqual([status, json.code], [403, 'TOKEN_WRONG']);
  assert.equal((await store.read((reader) => reader.extent())).facts, 0);
  assert.equal((await send('a-token-of-an-admin')).status, 200);
  assert.equal((await get('/api/v1/why?id=PWASC1', 'a-token-that-reads')).status, 200);
  assert.equal((await get('/api/v1/trace?id=PWASC1', 'a-token-of-an-admin')).status, 200);
});

test('while a token is replaced, the old and the new one are good', async (context) => {
  const { send } = await publicLedger(context);
  for (const token of TOKENS.ingest) assert.equal((await send(token)).status, 200, token);
});

test('where there are tokens of one kind, what asks for another is closed and not open', async (context) => {
  const { get, send } = await publicLedger(context, { ingest: TOKENS.ingest, read: [], admin: [] });
  assert.equal((await get('/metrics')).status, 401);
  assert.equal((await get('/metrics', TOKENS.ingest[0])).status, 403);
  assert.equal((await send(TOKENS.ingest[0])).status, 200);
});

test('whether it lives and is ready is told to everybody', async (context) => {
  const { get } = await publicLedger(context);
  for (const path of ['/healthz', '/readyz']) assert.equal((await get(path)).status, 200);
});

test('only a bearer token is one, in whatever case that is written', async (context) => {
  const { getWith } = await publicLedger(context);
  const [read] = TOKENS.read;
  for (const scheme of ['bearer', 'BEARER', 'Bearer  ']) assert.equal((await getWith(`${scheme} ${read}`)).status, 200);
  for (const header of [read, `Basic ${read}`, 'Bearer', `Bearer ${read} more`, `Bearer ${read}x`])
    assert.equal((await getWith(String(header))).status, 401, header);
});

test('a token that is easily guessed, or cannot be sent, is refused without being told', () => {
  const store = openSqliteStore({ path: ':memory:' });
  for (const token of [
    '',
    'short',
    'fifteen-letters',
    'one with spaces in it',
    'one-of-ümlauts-is-none',
    'x'.repeat(257),
  ]) {
    const tokens = { ingest: [], read: ['a-token-that-reads', token], admin: [] };
    assert.throws(
      () => createApp({ store, tokens }),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'TOKEN_UNFIT');
        assert.match(error.message, /^token 2 of the kind "read" is not 16 to 256/);
        return token === '' || !error.message.includes(token);
      },
    );
  }
});
