import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createApp } from '../../src/server/app.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactStore } from '../../src/store/store.ts';
import { said, startWaybill, temporaryFolder } from '../cli/command.ts';
import { bodyOfFacts } from '../ingest/otlp-body.ts';
import { sent } from '../store/made-facts.ts';
import { ask } from './running-ledger.ts';

const mebibyte = 1024 * 1024;
const json = { 'content-type': 'application/json' };

/** A ledger whose disk is as slow as the test wants it. */
function heldLedger(bytesInFlightMax: number) {
  const real = openSqliteStore({ path: ':memory:' });
  const held = Promise.withResolvers<void>();
  const store: FactStore = { ...real, append: (facts) => held.promise.then(() => real.append(facts)) };
  const app = createApp({ store, bytesInFlightMax });
  const post = (body: Uint8Array<ArrayBuffer> | string, headers: Record<string, string> = {}, path = '/v1/logs') =>
    app.request(path, { method: 'POST', headers: { ...json, ...headers }, body });
  return { app, post, release: held.resolve };
}

test('what does not fit beside what is being taken is refused, with when to come again, and taken later', async (context) => {
  const body = bodyOfFacts([sent({ bindings: 'x'.repeat(1_000) })]);
  const { app, post, release } = heldLedger(2.5 * body.length);
  context.after(() => app.close());
  const first = [post(body), post(body)];
  const third = await post(body);
  assert.deepEqual([third.status, third.headers.get('retry-after')], [429, '1']);
  const { code, message } = (await third.json()) as { code: number; message: string };
  assert.deepEqual([code, message.slice(0, 12)], [8, 'LEDGER_BUSY:']);
  release();
  assert.deepEqual(
    (await Promise.all(first)).map(({ status }) => status),
    [200, 200],
  );
  assert.equal((await post(body)).status, 200);
});

test('what is inflated counts as well, and so does a body that does not say its length', async (context) => {
  const large = Buffer.from(`{"resourceLogs":[]${' '.repeat(10_000)}}`);
  const { app, post, release } = heldLedger(10_000);
  context.after(() => app.close());
  const first = post(bodyOfFacts([sent()]));
  assert.equal((await post(gzipSync(large), { 'content-encoding': 'gzip' })).status, 429);
  assert.equal((await post(large)).status, 429);
  assert.equal((await post(large, {}, '/v1/traces')).status, 429);
  assert.equal((await post(large, {}, '/api/v1/destinations')).status, 429);
  release();
  assert.equal((await first).status, 200);
  // One alone is always taken: its own limits hold it.
  assert.equal((await post(gzipSync(large), { 'content-encoding': 'gzip' })).status, 200);
  assert.equal((await post('{')).status, 400);
  assert.equal((await post(large)).status, 200);
});

const skip = process.platform !== 'linux' && 'only Linux tells how much memory a process has had at most';

test('many requests that each inflate to as much as is allowed do not fill the memory', { skip }, async (context) => {
  const child = startWaybill(['serve', '--port', '0', '--data', temporaryFolder(context)]);
  context.after(() => child.kill('SIGKILL'));
  const [, url = ''] = await said(child, /(http:\S+)/);
  const peakMiB = () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
  const before = peakMiB();
  const body = gzipSync(Buffer.from(`{"resourceLogs":[]${' '.repeat(60 * mebibyte)}}`));
  const headers = { ...json, 'content-encoding': 'gzip' };
  const answers = await Promise.all(Array.from({ length: 40 }, () => ask(url, 'POST', '/v1/logs', headers, body)));
  const refused = answers.filter(({ status }) => status === 429);
  assert.equal(answers.filter(({ status }) => status === 200).length, 40 - refused.length);
  assert.ok(refused.length > 20 && refused.length < 40, String(refused.length));
  assert.ok(refused.every((answer) => answer.headers['retry-after'] === '1'));
  // Without a limit it would be 40 times 60 MiB.
  assert.ok(peakMiB() - before < 600, String(peakMiB() - before));
  assert.equal((await ask(url, 'POST', '/v1/logs', headers, body)).status, 200);
});
