import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { workflowFacts } from '../workflow.ts';
import { ledgerFile, temporaryFolder, waybill } from './command.ts';

test('a backup of a ledger that is open answers as the ledger does, once it is restored', async (context) => {
  const path = await ledgerFile(context, workflowFacts());
  const folder = temporaryFolder(context);
  const [copy, restored] = [join(folder, 'copy.sqlite'), join(folder, 'restored.sqlite')];
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  const { code, stderr } = await waybill(['backup', copy, '--db', path]);
  assert.equal(code, 0);
  assert.match(stderr, /^Copying .* …\n\d+\.\d KiB in .*copy\.sqlite\n$/);
  assert.equal((await waybill(['restore', copy, '--db', restored])).code, 0);
  assert.match((await waybill(['why', 'PWASC1', '--db', restored])).stdout, /^payment\.charge {2}done/);
});

test('nothing is overwritten unless that was said', async (context) => {
  const path = await ledgerFile(context, workflowFacts());
  const empty = await ledgerFile(context, []);
  const refused = await waybill(['restore', empty, '--db', path]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /overwrites .* \(NOT_CONFIRMED\)\nfix: {3}waybill restore .* --db .* --yes\n$/);
  const file = join(temporaryFolder(context), 'notes.txt');
  writeFileSync(file, 'notes');
  assert.equal((await waybill(['backup', file, '--db', path])).code, 2);
  assert.equal((await waybill(['why', 'PWASC1', '--db', path])).code, 0);
  assert.equal((await waybill(['restore', empty, '--db', path, '--yes'])).code, 0);
  assert.equal((await waybill(['why', 'PWASC1', '--db', path])).code, 3);
});

test('a ledger that somebody has open is not restored over', async (context) => {
  const path = await ledgerFile(context, workflowFacts());
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  await store.append([]);
  const { code, stderr } = await waybill(['restore', await ledgerFile(context, []), '--db', path, '--yes']);
  assert.equal(code, 1);
  assert.match(stderr, /\(LEDGER_IN_USE\)/);
  assert.equal((await store.read((reader) => reader.extent())).facts, 29);
});

test('a backup without a file, or of no ledger, says what it needs', async (context) => {
  assert.match(
    (await waybill(['backup'])).stderr,
    /backup needs a file to write \(ARGUMENT_MISSING\)\nfix: {3}waybill backup --help/,
  );
  const folder = temporaryFolder(context);
  assert.equal((await waybill(['backup', join(folder, 'a'), '--db', join(folder, 'none')])).code, 5);
  assert.ok(!existsSync(join(folder, 'a')));
});
