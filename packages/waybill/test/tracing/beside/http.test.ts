import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { playBoth } from './beside.ts';
import { theirs } from './spans.ts';

test('@opentelemetry/instrumentation-http sees nothing of the facts that are sent to a ledger', async () => {
  let posts = 0;
  const ledger = createServer((request, response) => {
    posts++;
    request.resume().on('end', () => response.end('{}'));
  });
  ledger.listen(0, '127.0.0.1');
  await once(ledger, 'listening');
  const { port } = ledger.address() as AddressInfo; // sound: it listens on a port
  const runs = await playBoth('recorder', ['http'], `http://127.0.0.1:${port}`);
  ledger.close();
  ledger.closeAllConnections();
  assert.equal(posts, 1);
  assert.deepEqual(theirs(runs.with.spans), theirs(runs.without.spans));
});
