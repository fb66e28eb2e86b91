import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { isEngineInstalled } from '../clickhouse-engine/engine.ts';
import { sharedEngine } from '../clickhouse-engine/shared-engine.ts';
import { workflowFacts } from '../workflow.ts';
import { ended, said, startWaybill, temporaryFolder, waybill } from './command.ts';

const skip = !isEngineInstalled && 'ClickHouse is not installed';

test('the tables of a cluster are printed for whoever runs it: sharded by workflow, replicated, kept and moved', async () => {
  const words = ['migrate', '--print', '--cluster', 'main', '--keep', '90d', '--cold-after', '7d'];
  const { code, stdout, stderr } = await waybill(words);
  assert.deepEqual([code, stderr], [0, '']);
  for (const part of [
    "CREATE TABLE IF NOT EXISTS facts_local ON CLUSTER 'main'",
    "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/facts_local', '{replica}')",
    "Distributed('main', currentDatabase(), 'facts_local', cityHash64(correlation_id))",
    "INTERVAL 7 DAY TO VOLUME 'cold'",
    'INTERVAL 90 DAY DELETE',
  ])
    assert.ok(stdout.includes(part), part);
});

test('what is printed of one server names no cluster, and keeps for ever', async () => {
  const { stdout } = await waybill(['migrate', '--print']);
  assert.match(stdout, /^CREATE TABLE IF NOT EXISTS facts \(/);
  assert.doesNotMatch(stdout, /CLUSTER|Replicated|Distributed|TTL/);
});

test('a name that is none does not become a part of a statement', async () => {
  const { code, stdout, stderr } = await waybill(['migrate', '--print', '--cluster', "main' SYNC; DROP TABLE facts"]);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /--cluster has to be a name of letters/);
});

test('what belongs to the printed tables is refused where none are printed', async () => {
  const { code, stderr } = await waybill(['migrate', '--keep', '90d']);
  assert.equal(code, 2);
  assert.match(stderr, /--keep has to be beside --print/);
});

test('a file is brought to the schema of this version, and what is not there is not made', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'ledger.sqlite');
  await openSqliteStore({ path }).close();
  assert.match((await waybill(['migrate', '--db', path])).stderr, /ledger\.sqlite has the schema of this version/);
  const missing = await waybill(['migrate', '--db', join(folder, 'none.sqlite')]);
  assert.notEqual(missing.code, 0);
  assert.match(missing.stderr, /there is no such file \(LEDGER_UNOPENABLE\)/);
});

test('a size that is to be kept is refused with ClickHouse, where deleting frees nothing at once', async () => {
  const { code, stderr } = await waybill(['serve', '--clickhouse', 'http://127.0.0.1:1/x', '--max-bytes', '1GB']);
  assert.equal(code, 2);
  assert.match(stderr, /--max-bytes has to be left out where facts are kept in ClickHouse/);
});

test('a ClickHouse that is not there is named without its password, and nothing is served', async () => {
  const env = { WAYBILL_CLICKHOUSE_URL: 'http://somebody:secret@127.0.0.1:1/ledger' };
  const { code, stdout, stderr } = await waybill(['serve', '--port', '0'], { env });
  assert.deepEqual([code === 0, stdout], [false, '']);
  assert.match(stderr, /ClickHouse at 127\.0\.0\.1:1 cannot be opened as a ledger/);
  assert.doesNotMatch(stderr, /secret/);
});

test('serve keeps facts in ClickHouse where it is told to, and makes no file', { skip }, async (context) => {
  const folder = temporaryFolder(context);
  const url = await (await sharedEngine()).database('served');
  assert.match((await waybill(['migrate', '--clickhouse', url])).stderr, /has the schema of this version/);
  const child = startWaybill(['serve', '--port', '0'], { WAYBILL_CLICKHOUSE_URL: url }, folder);
  context.after(() => child.kill('SIGKILL'));
  const end = ended(child);
  const [, served = ''] = await said(child, /^Ledger {2}(http:\S+) {2}\(ClickHouse at \S+\/served, 0 facts\)\n/);
  const ready = await fetch(`${served}/readyz`);
  assert.equal(ready.status, 200);
  child.kill('SIGTERM');
  assert.equal((await end).code, 0);
});

test('facts are taken out of a file, put into ClickHouse, told from there, and forgotten', {
  skip,
}, async (context) => {
  const folder = temporaryFolder(context);
  const store = openSqliteStore({ path: join(folder, 'ledger.sqlite') });
  await store.append(workflowFacts());
  await store.close();
  const [file, again] = [join(folder, 'facts.ndjson'), join(folder, 'again.ndjson')];
  const env = { WAYBILL_CLICKHOUSE_URL: await (await sharedEngine()).database('moved') };
  await waybill(['export', file, '--db', join(folder, 'ledger.sqlite')], { env });
  for (const stored of ['29 stored, 0 there already', '0 stored, 29 there already'])
    assert.match((await waybill(['import', file], { env })).stderr, new RegExp(stored));
  assert.equal((await waybill(['export', again], { env })).code, 0);
  assert.deepEqual(factsIn(again), factsIn(file));
  const { stderr } = await waybill(['forget', '--tenant', 'acme-eu', '--yes'], { env });
  assert.match(stderr, /\d+ messages deleted, 29 facts/);
});

/** In the order of their ids: each store has its own, and so have the fields of a fact. */
function factsIn(path: string): { readonly fact_id: string }[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const facts: { readonly fact_id: string }[] = lines.map((line) => JSON.parse(line));
  return facts.sort((a, b) => (a.fact_id < b.fact_id ? -1 : 1));
}
