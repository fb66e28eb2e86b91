import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../src/server/app.ts';
import { listen } from '../../src/server/listen.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactStore } from '../../src/store/store.ts';
import { bodyOfFacts } from '../ingest/otlp-body.ts';
import { workflowFacts } from '../workflow.ts';
import { runLedger } from './running-ledger.ts';

test('an address that others can reach is refused before anything listens', async (context) => {
  const app = createApp({ store: openSqliteStore({ path: ':memory:' }) });
  context.after(() => app.close());
  for (const hostname of ['0.0.0.0', '::', '', '192.168.1.7', 'ledger.example']) {
    await assert.rejects(listen(app, { port: 0, hostname }), { code: 'ADDRESS_PUBLIC' });
  }
});

test('a port that is taken is said to be so', async (context) => {
  const { port } = await runLedger(context);
  const app = createApp({ store: openSqliteStore({ path: ':memory:' }) });
  context.after(() => app.close());
  const message = new RegExp(`^the ledger cannot listen on 127.0.0.1:${port}: .*EADDRINUSE`);
  await assert.rejects(listen(app, { port, hostname: '127.0.0.1' }), { code: 'PORT_UNAVAILABLE', message });
});

test('the ledger listens where it says', async (context) => {
  const { url, get } = await runLedger(context, undefined, { hostname: '::1' });
  assert.match(url, /^http:\/\/\[::1\]:\d+$/);
  const { status, now } = (await get('/healthz')).json;
  assert.deepEqual([status, new Date(now).toISOString()], ['ok', now]);
});

const minute = 60_000;

test('closing finishes the requests that came before, then closes the store', async (context) => {
  const order: string[] = [];
  const { store, release, reached } = heldStore(order);
  const { post, close, get } = await runLedger(context, store);
  const answer = post(bodyOfFacts(workflowFacts()));
  await reached;
  const closed = close().then(() => order.push('closed'));
  release();
  assert.equal((await answer).status, 200);
  await closed;
  assert.deepEqual(order, ['appended', 'store closed', 'closed']);
  await assert.rejects(get('/healthz'), { code: 'ECONNREFUSED' });
});

test('a client that keeps its connection after its last answer does not keep the ledger', async (context) => {
  const { store, release, reached } = heldStore([]);
  const { port, close } = await runLedger(context, store, { closeMsMax: minute });
  const body = bodyOfFacts(workflowFacts());
  const head = `POST /v1/logs HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n`;
  const socket = halfOpen(context, port, `${head}Content-Length: ${body.length}\r\n\r\n${Buffer.from(body)}`);
  await reached;
  const began = performance.now();
  const closed = close();
  const [answer] = await Promise.all([once(socket, 'data'), release()]);
  assert.match(String(answer), /^HTTP\/1\.1 200 /);
  await closed;
  assert.ok(performance.now() - began < 3_000);
});

for (const [what, options, rest] of [
  ['headers', { headersMsMax: 100, requestMsMax: minute }, ''],
  ['bodies', { headersMsMax: 100, requestMsMax: 200 }, 'Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{'],
] as const) {
  test(`clients that never finish their ${what} are cut off, and others are answered meanwhile`, async (context) => {
    const { port, get } = await runLedger(context, undefined, options);
    const half = `POST /v1/logs HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${rest}`;
    const sockets = Array.from({ length: 300 }, () => halfOpen(context, port, half));
    // Not `once(socket, 'close')`: that fails where a socket is reset, which is one of the ways to be cut off.
    const ends = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    assert.equal((await get('/healthz')).status, 200);
    await Promise.all(ends);
  });
}

function halfOpen(context: TestContext, port: number, text: string): Socket {
  const socket = connect(port, '127.0.0.1', () => socket.write(text));
  socket.on('error', () => {});
  socket.resume();
  context.after(() => socket.destroy());
  return socket;
}

/** A store whose appends wait until they are released. */
function heldStore(order: string[]) {
  const real = openSqliteStore({ path: ':memory:' });
  const held = Promise.withResolvers<void>();
  const appending = Promise.withResolvers<void>();
  const store: FactStore = {
    ...real,
    async append(facts) {
      appending.resolve();
      await held.promise;
      order.push('appended');
      return real.append(facts);
    },
    close() {
      order.push('store closed');
      return real.close();
    },
  };
  return { store, release: held.resolve, reached: appending.promise };
}
