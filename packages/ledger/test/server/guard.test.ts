import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOfFacts } from '../ingest/otlp-body.ts';
import { workflowFacts } from '../workflow.ts';
import { ask, runLedger } from './running-ledger.ts';

test('a request for another host is refused, whatever it asks', async (context) => {
  const { get, post, port, store } = await runLedger(context);
  const foreign = [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1',
    'localhost',
    `127.0.0.1:${port + 1}`,
    `localhost.evil.example:${port}`,
    `0.0.0.0:${port}`,
    `127.0.0.1.:${port}`,
  ];
  for (const host of foreign) {
    for (const { status, json } of [
      await get('/healthz', { host }),
      await post(bodyOfFacts(workflowFacts()), { host }),
    ]) {
      assert.deepEqual([status, json.code], [421, 'HOST_REFUSED'], host);
    }
  }
  assert.equal((await store.read((reader) => reader.extent())).facts, 0);
});

test('the names of this machine are answered', async (context) => {
  const { get, port } = await runLedger(context);
  for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
    assert.equal((await get('/healthz', { host: `${name}:${port}` })).status, 200);
  }
});

test('a page of another origin reads nothing and writes nothing', async (context) => {
  const { get, post, url, port, store } = await runLedger(context);
  for (const origin of [
    'https://evil.example',
    'null',
    `http://evil.example:${port}`,
    `https://127.0.0.1:${port}`,
    'http://127.0.0.1',
  ]) {
    const read = await get('/healthz', { origin });
    assert.equal(corsHeaders(read.headers).length, 0);
    const written = await post(bodyOfFacts(workflowFacts()), { origin });
    assert.deepEqual([written.status, written.json.code, corsHeaders(written.headers)], [403, 'ORIGIN_REFUSED', []]);
    const preflight = await ask(url, 'OPTIONS', '/v1/logs', { origin, 'access-control-request-method': 'POST' });
    assert.deepEqual([preflight.status, corsHeaders(preflight.headers)], [403, []]);
  }
  assert.equal((await store.read((reader) => reader.extent())).facts, 0);
});

test('a page of our own origin may write', async (context) => {
  const { post, url } = await runLedger(context);
  assert.equal((await post(bodyOfFacts(workflowFacts()), { origin: url })).status, 200);
});

test('every answer forbids sniffing and caching', async (context) => {
  const { get, post } = await runLedger(context);
  const answers = [
    await get('/healthz'),
    await get('/nowhere'),
    await get('/api/v1/why'),
    await post('{'),
    await post('{}'),
  ];
  for (const { headers } of answers) {
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'no-store');
    assert.match(String(headers['content-type']), /^application\/json/);
  }
});

function corsHeaders(headers: object): string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'));
}
