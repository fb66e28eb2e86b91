import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../src/server/app.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactReader, FactStore } from '../../src/store/store.ts';
import { gap, sent, settled, started } from './made-facts.ts';
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

const OF_MESSAGE = ['message_id', 'workflow', 'cause', 'first_at', 'tenant', 'event_type', 'business_key', 'trace'];
const STATE = ['last_fact', 'unsettled', 'ended', 'starts', 'marks', 'open'];

test('a row that is not what was written is refused, and never told as something else', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  const of = { message_id: 'effect', correlation_id: 'w', causation_id: 'root', business_key: 'order:1' };
  await store.append([sent({ message_id: 'root', correlation_id: 'w' }), sent(of), started(of), settled(of)]);
  await store.close();
  const spoilt = (table: string, column: string) =>
    `UPDATE ${table} SET ${column} = CASE typeof(${column}) WHEN 'text' THEN ${column} || 'x' WHEN 'blob' THEN zeroblob(16)
       ELSE ifnull(${column}, 0) + 1 END WHERE key = (SELECT max(key) FROM ${table})`;
  for (const [table, columns] of [
    ['messages', [...OF_MESSAGE, ...STATE]],
    ['names', ['text']],
    ['business_keys', ['text']],
    ['workflows', ['correlation_id', 'first_message', 'first_at']],
    ['traces', ['trace_id', 'first_message', 'first_at']],
  ] as const)
    for (const column of columns)
      await withChange(path, spoilt(table, column), async (changed) => {
        await assert.rejects(
          changed.read((reader) => reader.factsOf(['effect'])),
          { code: 'LEDGER_DAMAGED' },
          `${table}.${column}`,
        );
      });
});

test('a file in whose schema a name was changed is refused as damaged', async (context) => {
  const path = await ledgerFile(context);
  const file = readFileSync(path, 'latin1');
  assert.match(file, /unsettled INTEGER/);
  writeFileSync(path, file.replaceAll('unsettled INTEGER', 'vnsettled INTEGER'), 'latin1');
  assert.throws(() => openSqliteStore({ path }), { code: 'LEDGER_DAMAGED', message: /no such column: .*unsettled/ });
});

test('a row that is damaged is not written over as if it were not', async (context) => {
  const path = await ledgerFile(context);
  await withChange(path, `UPDATE messages SET starts = 9 WHERE message_id = '0.0'`, async (changed) => {
    await assert.rejects(changed.append([started({ message_id: '0.0' })]), { code: 'LEDGER_DAMAGED' });
    assert.equal((await changed.append([started({ message_id: '0.1', correlation_id: '0' })])).stored, 1);
  });
});

/** As a ledger has it that has taken many more ids. */
function writeIndex(path: string): void {
  const database = new DatabaseSync(path);
  const insert = database.prepare('INSERT INTO ids (code, message) VALUES (?, ?)');
  for (const { coded } of database.prepare('SELECT coded FROM fresh_ids').all()) {
    const pairs = new Float64Array((coded as Uint8Array).slice().buffer); // a blob, with a checksum at its end
    for (let at = 0; at < pairs.length - 1; at += 2) insert.run(Number(pairs[at]), Number(pairs[at + 1]));
  }
  database.exec('DELETE FROM fresh_ids');
  database.close();
}

test('ids that came last are not looked for in a log that is damaged', async (context) => {
  const path = await ledgerFile(context);
  await withChange(path, `UPDATE fresh_ids SET coded = zeroblob(length(coded)) WHERE batch = 7`, async (changed) => {
    for (const asked of [
      changed.read((reader) => reader.factsOf(['7.7'])),
      changed.read((reader) => reader.find('7.7', 5)),
      changed.append([sent({ message_id: 'new' })]),
    ])
      await assert.rejects(asked, { code: 'LEDGER_DAMAGED' });
  });
});

test('an id whose entry in the index is damaged is not said to be unknown', async (context) => {
  const path = await ledgerFile(context);
  writeIndex(path);
  const ofMessage = `WHERE message = (SELECT key FROM messages WHERE message_id = '7.7')`;
  for (const change of [
    `UPDATE ids SET code = code + 1 ${ofMessage}`,
    `UPDATE ids SET message = message + 1 ${ofMessage}`,
    `UPDATE ids SET message = 999999 ${ofMessage}`,
  ])
    await withChange(path, change, async (changed) => {
      for (const asked of [
        changed.read((reader) => reader.factsOf(['7.7'])),
        changed.read((reader) => reader.find('7.7', 5)),
      ])
        await assert.rejects(asked, { code: 'LEDGER_DAMAGED' }, change);
      assert.deepEqual(await changed.read((reader) => reader.factsOf(['nobody'])), []);
      assert.deepEqual(await changed.read((reader) => reader.find('nobody', 5)), []);
    });
});

test('what is found by time, by destination or by batch is refused where the message is not there', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  await store.append([
    ...[sent(), gap(), settled({ outcome: 'dead' }), started({ batch: { id: 'bat', index: 0, count: 1 } })],
  ]);
  await store.close();
  const everything = { since: 0, until: 100_000, tenantId: null };
  for (const [table, ask] of [
    ['gaps', ({ timeline }) => timeline.withGaps(everything, 5)],
    ['failures', ({ timeline }) => timeline.failing(everything, 5)],
    ['sends', ({ timeline }) => timeline.sentTo('orders', everything, 5)],
    ['batch_items', (reader) => reader.batchItems('bat', 5)],
  ] as const satisfies readonly (readonly [string, (reader: FactReader) => unknown])[])
    await withChange(path, `UPDATE ${table} SET message = 77`, async (changed) => {
      await assert.rejects(changed.read(ask), { code: 'LEDGER_DAMAGED' }, table);
    });
});

/** The ledger as it is after a change that nobody made. */
async function withChange(path: string, sql: string, look: (changed: FactStore) => Promise<void>): Promise<void> {
  const copy = `${path}.changed`;
  copyFileSync(path, copy);
  const database = new DatabaseSync(copy);
  assert.ok(database.prepare(sql).run().changes > 0, sql);
  database.close();
  const store = openSqliteStore({ path: copy });
  try {
    await look(store);
  } finally {
    await store.close();
  }
}
