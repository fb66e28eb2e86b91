import assert from 'node:assert/strict';
import { closeSync, openSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../src/server/app.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { sent } from './made-facts.ts';
import { temporaryFolder } from './suite.ts';

async function ledgerFile(context: TestContext): Promise<string> {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  for (let n = 0; n < 20; n++)
    await store.append(Array.from({ length: 50 }, (_, m) => sent({ message_id: `${n}.${m}`, correlation_id: `${n}` })));
  await store.close();
  return path;
}

test('a file whose end is missing is refused when it is opened, with what to do', async (context) => {
  for (const bytes of [1, 100, 4_096]) {
    const path = await ledgerFile(context);
    truncateSync(path, statSync(path).size - bytes);
    const message = `the file of the ledger is damaged: ${bytes} bytes are missing at its end`;
    assert.throws(() => openSqliteStore({ path }), { code: 'LEDGER_DAMAGED', message, fix: /waybill restore/ });
  }
});

test('pages that are overwritten are never answered from: it is said that the file is damaged', async (context) => {
  const path = await ledgerFile(context);
  const { size } = statSync(path);
  const file = openSync(path, 'r+');
  // All but the schema.
  for (let at = Math.floor(size / 2 / 4_096) * 4_096; at < size; at += 4_096)
    writeSync(file, Buffer.alloc(4_096, 0xff), 0, 4_096, at);
  closeSync(file);
  const unexpected: unknown[] = [];
  const store = openSqliteStore({ path });
  const app = createApp({ store, onUnexpected: (error) => unexpected.push(error) });
  context.after(() => app.close());
  let refused = 0;
  for (let n = 0; n < 20; n++) {
    const answer = await app.request(`/api/v1/trace?id=${n}`);
    if (answer.status === 200) continue;
    const { code } = (await answer.json()) as { code: string };
    assert.deepEqual([answer.status, code], [500, 'LEDGER_DAMAGED']);
    refused++;
  }
  assert.ok(refused > 5, String(refused));
  await assert.rejects(store.append([sent({ message_id: '0.0' })]), { code: 'LEDGER_DAMAGED' });
  assert.deepEqual(unexpected, []);
});

test('a bit that the disk turned over in a block of facts is no other fact, whether it is packed or not', async (context) => {
  const path = await ledgerFile(context);
  const database = new DatabaseSync(path);
  const update = database.prepare('UPDATE blocks SET lines = ? WHERE block = ?');
  const blocks = database.prepare('SELECT block, lines FROM blocks ORDER BY block').all();
  for (const { block, lines } of blocks) {
    const bytes = Buffer.from(lines as Uint8Array); // sound: the column holds blobs only
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    update.run(bytes, Number(block));
  }
  database.close();
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  for (const id of ['0.0', '10.25', '19.49'])
    await assert.rejects(
      store.read((reader) => reader.factsOf([id])),
      { code: 'LEDGER_DAMAGED', message: /a block of facts is not what was written/ },
    );
});
