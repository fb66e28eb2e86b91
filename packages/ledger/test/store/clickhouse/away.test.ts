import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { openClickhouseStore } from '../../../src/store/clickhouse/clickhouse.ts';
import { schemaVersion } from '../../../src/store/clickhouse/schema.ts';
import { sent } from '../made-facts.ts';

/** As much of ClickHouse as opening takes; what comes later is `then`'s. */
async function serverThat(context: TestContext, then: (response: ServerResponse) => void) {
  let isOpen = false;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (isOpen) return then(response);
    const rows = body.includes('system.tables') ? [['schema_versions']] : [[schemaVersion]];
    response.end(`${rows.map((row) => JSON.stringify(row)).join('\n')}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const store = await openClickhouseStore({ url: `http://somebody:secret@127.0.0.1:${port}/ledger`, everyMs: 0 });
  isOpen = true;
  return { server, store };
}

test('where ClickHouse goes away facts are refused, so that they are sent again, and questions say so', async (context) => {
  const { store } = await serverThat(context, (response) => response.destroy());
  await assert.rejects(store.append([sent()]), { code: 'LEDGER_UNWRITABLE' });
  await assert.rejects(
    store.read((reader) => reader.extent()),
    { code: 'STORE_UNREACHABLE', message: /^ClickHouse at 127\.0\.0\.1:\d+ gave no answer/ },
  );
  await assert.rejects(store.upkeep.probe(), { code: 'LEDGER_UNWRITABLE' });
  await store.close();
});

test('what ClickHouse itself complains of is no matter of whoever asked', async (context) => {
  const { store } = await serverThat(context, (response) => {
    response.writeHead(500, { 'x-clickhouse-exception-code': '47' });
    response.end("Code: 47. DB::Exception: Unknown identifier 'secret'. (UNKNOWN_IDENTIFIER)");
  });
  await assert.rejects(
    store.read((reader) => reader.extent()),
    (error: Error & { code?: string }) => error.code !== 'STORE_UNREACHABLE',
  );
  await store.close();
});

test('what waits for a slow ClickHouse is bounded: more is refused at once', async (context) => {
  const held: ServerResponse[] = [];
  const { server, store } = await serverThat(context, (response) => void held.push(response));
  const many = Array.from({ length: 30_000 }, () => sent());
  const waiting = Array.from({ length: 3 }, () => store.append(many));
  await assert.rejects(store.append(many), {
    code: 'LEDGER_UNWRITABLE',
    message: /90000 rows wait for ClickHouse already/,
  });
  for (const response of held) response.destroy();
  server.closeAllConnections();
  server.close();
  for (const { status } of await Promise.allSettled(waiting)) assert.equal(status, 'rejected');
  await store.close();
});

test('what is no ClickHouse is not opened, and its password is nowhere said', async () => {
  await assert.rejects(openClickhouseStore({ url: 'http://somebody:secret@127.0.0.1:1/ledger' }), (error: Error) => {
    assert.equal('code' in error && error.code, 'LEDGER_UNOPENABLE');
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
  for (const url of ['', 'clickhouse:9000', 'tcp://secret@host:9000'])
    await assert.rejects(openClickhouseStore({ url }), { code: 'ARGUMENT_INVALID' });
});
