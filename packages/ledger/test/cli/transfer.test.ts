import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';
import { checkoutFile, ledgerFile, startWaybill, temporaryFolder, waybill } from './command.ts';

const documentPath = fileURLToPath(new URL('../../demo/workflow.json', import.meta.url));

test('what is exported and imported answers as before, however often it is imported', async (context) => {
  const from = await ledgerFile(context, workflowFacts());
  const folder = temporaryFolder(context);
  const [lines, to] = [join(folder, 'facts.ndjson'), join(folder, 'other.sqlite')];
  const exported = await waybill(['export', lines, '--db', from]);
  assert.deepEqual([exported.code, exported.stdout, exported.stderr], [0, '', `29 facts in ${lines}\n`]);
  const imported = await waybill(['import', lines, '--db', to]);
  assert.deepEqual([imported.code, imported.stderr], [0, '29 stored, 0 there already, 0 rejected\n']);
  const again = await waybill(['import', '-', '--db', to], { stdin: readFileSync(lines, 'utf8') });
  assert.deepEqual([again.code, again.stderr], [0, '0 stored, 29 there already, 0 rejected\n']);
  const store = openSqliteStore({ path: to });
  context.after(() => store.close());
  assert.deepEqual(await store.read((reader) => reader.factsOf(WORKFLOW.display_order)), workflowFacts());
});

test('a document of facts is imported with what it says of destinations', async (context) => {
  const db = join(temporaryFolder(context), 'ledger.sqlite');
  const { code, stderr } = await waybill(['import', documentPath, '--db', db]);
  assert.equal(code, 0);
  assert.equal(stderr, '29 stored, 0 there already, 0 rejected, 15 destinations\n');
  assert.match((await waybill(['why', 'PWASC1', '--db', db])).stdout, /^payment\.charge {2}done on attempt 3/);
});

test('what is said of destinations is exported and imported, each value with its source and age', async (context) => {
  const from = await checkoutFile(context);
  const folder = temporaryFolder(context);
  const [lines, to] = [join(folder, 'facts.ndjson'), join(folder, 'other.sqlite')];
  assert.equal((await waybill(['export', lines, '--db', from])).stderr, `29 facts in ${lines}\n`);
  const imported = await waybill(['import', lines, '--db', to]);
  assert.deepEqual([imported.code, imported.stderr], [0, '29 stored, 0 there already, 0 rejected, 15 destinations\n']);
  const said = async (path: string) => {
    const store = openSqliteStore({ path });
    context.after(() => store.close());
    return store.read((reader) => reader.destinations(null));
  };
  assert.deepEqual(await said(to), await said(from));
  const named = async (...words: string[]) => {
    const { stdout } = await waybill(['export', ...words, '--db', from]);
    const found = stdout
      .split('\n')
      .slice(0, -1)
      .flatMap((line) => JSON.parse(line).destinations ?? []);
    return [...new Set(found.map(({ name }: { name: string }) => name))].sort();
  };
  assert.deepEqual(await named('--workflow', '21KYV7'), ['shipping']);
  assert.deepEqual(await named('--tenant', 'acme-eu'), []);
});

test('what is said wrongly of a destination is not kept, and the facts beside it are', async (context) => {
  const folder = temporaryFolder(context);
  const [file, db] = [join(folder, 'document.json'), join(folder, 'ledger.sqlite')];
  writeFileSync(file, JSON.stringify({ destinations: [{ name: 'email', lease_ms: '30s' }], facts: WORKFLOW.facts }));
  const { code, stderr } = await waybill(['import', file, '--db', db]);
  assert.equal(code, 7);
  assert.match(
    stderr,
    /^29 stored, 0 there already, 1 rejected\nwarning: destination "email": lease_ms has to be a whole/,
  );
});

test('an export is of a window, a workflow or a tenant, in lines that are facts', async (context) => {
  const db = ['--db', await ledgerFile(context, workflowFacts())];
  const ids = async (...words: string[]) => {
    const { stdout } = await waybill(['export', ...words, ...db]);
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).fact_id);
  };
  const idsWhere = (is: (fact: ReturnType<typeof workflowFacts>[number]) => boolean) =>
    workflowFacts()
      .filter(is)
      .map(({ fact_id }) => fact_id);
  const same = (one: string[], other: string[]) => assert.deepEqual(one.toSorted(), other.toSorted());
  const [since, until] = ['2026-03-17T14:02:13Z', '2026-03-17T14:44:30Z'];
  const window = idsWhere(({ at }) => at >= Date.parse(since) && at <= Date.parse(until));
  assert.ok(window.length > 3 && window.length < 29);
  same(await ids('--since', since, '--until', until), window);
  const workflow = idsWhere(({ correlation_id }) => correlation_id === WORKFLOW.correlation_id);
  assert.ok(workflow.length < 29);
  same(await ids('--workflow', 'PWASC1'), workflow);
  assert.equal((await ids('--tenant', 'acme-eu')).length, 29);
  assert.deepEqual(await ids('--tenant', 'acme'), []);
});

test('a line that is no fact is counted with its reason, and the facts beside it are kept', async (context) => {
  const folder = temporaryFolder(context);
  const [file, db] = [join(folder, 'facts.ndjson'), join(folder, 'ledger.sqlite')];
  const [one, other] = WORKFLOW.facts;
  writeFileSync(file, `${[one, { ...other, kind: 'seen' }].map((fact) => JSON.stringify(fact)).join('\n\n')}\n`);
  const { code, stderr } = await waybill(['import', file, '--db', db]);
  assert.equal(code, 7);
  assert.equal(stderr, '1 stored, 0 there already, 1 rejected\nwarning: fact 2: its kind is not known\n');
});

test('what is neither lines nor a document of facts is refused with its line', async (context) => {
  const folder = temporaryFolder(context);
  const [file, db] = [join(folder, 'facts'), join(folder, 'ledger.sqlite')];
  for (const [text, why] of [
    ['{\n "fact": []\n}', /has no "facts"/],
    ['hello', /has no "facts"/],
    [`${JSON.stringify(WORKFLOW.facts[0])}\n{"kind"`, /line 2 is not JSON/],
  ] as const) {
    writeFileSync(file, text);
    const { code, stderr } = await waybill(['import', file, '--db', db]);
    assert.equal(code, 2);
    assert.match(stderr, why);
  }
  assert.equal((await waybill(['import', join(folder, 'none'), '--db', db])).code, 2);
  assert.equal((await waybill(['export', '--db', join(folder, 'none')])).code, 5);
  assert.ok(!existsSync(join(folder, 'none')));
});

test('a reader who has seen enough of an export is no error', async (context) => {
  const facts = Array.from({ length: 200 }, (_, n) =>
    workflowFacts().map((fact) => ({ ...fact, fact_id: `${n} ${fact.fact_id}` })),
  );
  const path = await ledgerFile(context, facts.flat());
  const child = startWaybill(['export', '--db', path]);
  child.stdout?.once('data', () => child.stdout?.destroy());
  assert.equal(await new Promise((resolve) => child.on('exit', resolve)), 0);
});
