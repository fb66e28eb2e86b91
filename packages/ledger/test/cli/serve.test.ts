import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { workflowFacts } from '../workflow.ts';
import { ended, said, startWaybill, temporaryFolder, waybill } from './command.ts';

async function serving(context: TestContext, folder = temporaryFolder(context)) {
  const child = startWaybill(['serve', '--port', '0', '--data', folder]);
  context.after(() => child.kill('SIGKILL'));
  const end = ended(child);
  const [, url = ''] = await said(
    child,
    /^Ledger {2}(http:\/\/127\.0\.0\.1:\d+) {2}\(.*ledger\.sqlite, \d+ facts?\)\nCtrl-C to stop\.\n/,
  );
  return { child, end, url, folder };
}

test('serve says where it is and what it holds, and answers questions', async (context) => {
  const folder = temporaryFolder(context);
  const store = openSqliteStore({ path: join(folder, 'ledger.sqlite') });
  await store.append(workflowFacts());
  await store.close();
  const { child, end, url } = await serving(context, folder);
  const { code, stdout } = await waybill(['why', 'PWASC1'], { env: { WAYBILL_URL: url } });
  assert.equal(code, 0);
  assert.match(stdout, /^payment\.charge {2}done on attempt 3/);
  child.kill('SIGTERM');
  assert.match((await end).stdout, /\(.*ledger\.sqlite, 29 facts\)/);
});

test('what waybill.json says of destinations is declared when the server begins', async (context) => {
  const folder = temporaryFolder(context);
  const config = join(folder, 'settings.json');
  const serves = async (destinations: unknown) => {
    writeFileSync(config, JSON.stringify({ data: folder, port: 0, destinations }));
    const child = startWaybill(['serve', '--config', config]);
    context.after(() => child.kill('SIGKILL'));
    const end = ended(child);
    const [, url] = await said(child, /^Ledger {2}(http:\S+)/);
    const answer = await (await fetch(`${url}/api/v1/destinations`)).json();
    child.kill('SIGTERM');
    await end;
    // Sound: the route answers so.
    return (answer as { data: { destinations: { name: string; lease_ms?: number; deadline_ms?: number }[] } }).data;
  };
  const first = await serves([{ name: 'orders/email', kind: 'queue', lease_ms: 30_000, deadline_ms: 600_000 }]);
  assert.deepEqual(
    first.destinations.map(({ name, lease_ms, deadline_ms }) => [name, lease_ms, deadline_ms]),
    [['orders/email', 30_000, 600_000]],
  );
  const second = await serves([{ name: 'orders/email', lease_ms: 40_000 }]);
  assert.deepEqual(
    second.destinations.map(({ name, lease_ms, deadline_ms }) => [name, lease_ms, deadline_ms]),
    [['orders/email', 40_000, undefined]],
  );
  for (const [wrong, why] of [
    [{ email: {} }, /"destinations" is no list \(CONFIG_UNREADABLE\)/],
    [[{ name: 'email', lease_ms: '30s' }], /destination "email": lease_ms has to be .* \(DESTINATION_INVALID\)/],
    [[{ lease_ms: 1 }], /the name of a destination has to be .*, and is missing \(DESTINATION_INVALID\)/],
    [['email'], /the name of a destination/],
  ] as const) {
    writeFileSync(config, JSON.stringify({ data: folder, port: 0, destinations: wrong }));
    const { code, stderr } = await waybill(['serve', '--config', config]);
    assert.equal(code, 2);
    assert.match(stderr, why);
  }
});

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  test(`${signal} stops the ledger with exit code 0, and leaves its file whole`, async (context) => {
    const { child, end, folder } = await serving(context);
    child.kill(signal);
    const { code, stderr } = await end;
    assert.deepEqual([code, stderr], [0, '']);
    assert.ok(existsSync(join(folder, 'ledger.sqlite')));
    assert.ok(!existsSync(join(folder, 'ledger.sqlite-wal')));
  });

test('a ledger stops with the process that started it', async (context) => {
  const { child, end } = await serving(context);
  child.disconnect();
  assert.equal((await end).code, 0);
});

test('a port that is taken is said to be, with another to try', async (context) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  context.after(() => taken.close());
  const address = taken.address();
  assert.ok(typeof address === 'object' && address !== null);
  const { code, stderr } = await waybill(['serve', '--port', String(address.port), '--data', temporaryFolder(context)]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(
      `^error: .*${address.port}.*\\(PORT_UNAVAILABLE\\)\\nfix: {3}waybill serve --port ${address.port + 1}\\n$`,
    ),
  );
});

test('a port that is none is a wrong value', async () => {
  for (const port of ['x', '-1', '65536', '1.5'])
    assert.equal((await waybill(['serve', '--port', port])).code, 2, port);
});
