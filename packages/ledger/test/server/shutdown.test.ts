import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { ended, said, startWaybill, temporaryFolder } from '../cli/command.ts';
import { bodyOfFacts } from '../ingest/otlp-body.ts';
import { sent } from '../store/made-facts.ts';

const clients = 20;

async function servingProcess(context: TestContext) {
  const folder = temporaryFolder(context);
  const child = startWaybill(['serve', '--port', '0', '--data', folder]);
  context.after(() => child.kill('SIGKILL'));
  const end = ended(child);
  const [, port = ''] = await said(child, /127\.0\.0\.1:(\d+)/);
  const stopped = async () => {
    const began = performance.now();
    const { code } = await end;
    return { code, ms: performance.now() - began };
  };
  return { child, port: Number(port), path: join(folder, 'ledger.sqlite'), stopped };
}

/** Sends one fact after another on one connection until that is closed, and names those that were acknowledged. */
async function sendUntilClosed(port: number, name: string, acknowledged: string[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let n = 0; ; n++) {
    const id = `${name}.${n}`;
    const body = bodyOfFacts([sent({ fact_id: id, message_id: id, correlation_id: id })]);
    const status = await new Promise((resolve) => {
      const headers = { 'content-type': 'application/json' };
      request({ port, host: '127.0.0.1', path: '/v1/logs', method: 'POST', agent, headers }, (incoming) => {
        incoming.resume();
        incoming.on('end', () => resolve(incoming.statusCode));
      })
        .on('error', () => resolve(null))
        .end(body);
    });
    if (status !== 200) return agent.destroy();
    acknowledged.push(id);
  }
}

test('SIGTERM under load: the ledger stops within 5 s with exit code 0, and all that it acknowledged is there', async (context) => {
  const { child, port, path, stopped } = await servingProcess(context);
  const acknowledged: string[] = [];
  const sending = Array.from({ length: clients }, (_, n) => sendUntilClosed(port, `client${n}`, acknowledged));
  while (acknowledged.length < 10 * clients) await new Promise(setImmediate);
  child.kill('SIGTERM');
  const { code, ms } = await stopped();
  await Promise.all(sending);
  assert.equal(code, 0);
  // Far less than what a client that never finishes is given.
  assert.ok(ms < 3_000, String(ms));
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  assert.deepEqual(await store.read((reader) => acknowledged.filter((id) => reader.factsOf([id]).length !== 1)), []);
});

/** A client that never finishes what it asks, which keeps a request open. */
async function neverFinishing(context: TestContext, port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  context.after(() => socket.destroy());
  await once(socket, 'connect');
  const head = `POST /v1/logs HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n`;
  // "100 Continue" says that the request has come.
  socket.write(`${head}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n`);
  await once(socket, 'data');
}

test('a client that never finishes does not hold the ledger open for more than 5 s', async (context) => {
  const { child, port, stopped } = await servingProcess(context);
  await neverFinishing(context, port);
  child.kill('SIGTERM');
  const { code, ms } = await stopped();
  assert.equal(code, 0);
  assert.ok(ms < 5_000, String(ms));
});

test('a second signal ends the ledger at once', async (context) => {
  const { child, port, stopped } = await servingProcess(context);
  await neverFinishing(context, port);
  child.kill('SIGTERM');
  // Until it no longer listens, it may not have seen the first one.
  while (await isListening(port)) await new Promise(setImmediate);
  child.kill('SIGTERM');
  const { code, ms } = await stopped();
  assert.equal(code, 143);
  assert.ok(ms < 2_000, String(ms));
});

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
