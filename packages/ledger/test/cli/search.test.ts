import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { sent, settled, started, timeout } from '../questions/fact-makers.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';
import { answering, ended, ledgerFile, startWaybill, temporaryFolder, waybill } from './command.ts';

const asOf = ['--as-of', WORKFLOW.captured_at];
const at = Date.parse(WORKFLOW.captured_at) - 600_000;
const golden = (name: string) => readFileSync(new URL(`golden/${name}.txt`, import.meta.url), 'utf8');
const about = async (context: TestContext, facts = workflowFacts()) => [
  ...asOf,
  '--db',
  await ledgerFile(context, facts),
];

test('search finds an imported order, in 80 and in 40 columns, with and without colour', async (context) => {
  const db = `${temporaryFolder(context)}/ledger.sqlite`;
  const document = fileURLToPath(new URL('../../demo/workflow.json', import.meta.url));
  assert.equal((await waybill(['import', document, '--db', db])).code, 0);
  for (const columns of ['80', '40']) {
    const env = { COLUMNS: columns };
    const { code, stdout, stderr } = await waybill(['search', 'ORD-48213', ...asOf, '--db', db], { env });
    assert.deepEqual([code, stdout, stderr], [0, golden(`search-${columns}`), '']);
    const coloured = await waybill(['search', 'ORD-48213', '--color', 'always', ...asOf, '--db', db], { env });
    assert.ok(coloured.stdout.includes('\u001b[31mdead'));
    assert.equal(stripVTControlCharacters(coloured.stdout), stdout);
  }
});

test('search takes names, states and errors, and what the shell has unquoted stays one term', async (context) => {
  const words = await about(context);
  for (const terms of [
    ['tenant:acme-eu', 'state:dead'],
    ['error:postcode missing'],
    ['postcode missing'],
    ['checkout'],
  ])
    assert.match((await waybill(['search', ...terms, ...words])).stdout, /\n4SB10F {4}checkout/, terms.join(' '));
  const none = await waybill(['search', 'state:dead', '--since', '14:50', ...words]);
  assert.deepEqual([none.code, none.stdout], [0, 'No workflow matches "state:dead" in 4 facts since 14:50.\n']);
  const theirs = await waybill(['search', 'state:dead', '--tenant', 'borealis', ...words]);
  assert.match(theirs.stdout, /^No workflow matches/);
});

test('where nothing is found, what may have been meant is told', async (context) => {
  const { code, stdout } = await waybill(['search', 'PWASC2', ...(await about(context))]);
  assert.equal(code, 0);
  assert.match(stdout, /\ndid you mean PWASC1 \(payment\.charge, order:ORD-48213\)\?\n$/);
  const empty = await waybill(['search', 'nonsense', ...(await about(context, []))]);
  assert.equal(empty.stdout, 'No workflow matches "nonsense" in 0 facts since 13:58.\n');
});

test('search --json prints the document of the API, whose cursor is where --after goes on', async (context) => {
  const facts = ['msg_a', 'msg_b', 'msg_c'].map((id, index) => sent(id, at + index, { correlation_id: id }));
  const words = ['search', 'tenant:acme', '--limit', '2', ...(await about(context, facts))];
  const { schema, data } = JSON.parse((await waybill([...words, '--json'])).stdout);
  assert.deepEqual([schema, data.workflows.length, data.not_shown], ['waybill.search/1', 2, 1]);
  const { stdout } = await waybill([...words, '--after', data.cursor]);
  assert.match(stdout, /^WORKFLOW .*\nmsg_a .*\n\n1 workflow, 1 fact: 1 message by context\.\n$/);
  assert.match(
    (await waybill(words)).stdout,
    /\n… and 1 more\n\n3 workflows; of those shown 2 facts: 2 messages by context/,
  );
});

test('a search for nothing, for a state that is none, or behind a cursor that is none is wrong usage', async (context) => {
  const words = await about(context);
  for (const terms of [
    [],
    [' '],
    ['state:gone'],
    ['tenant:'],
    ['a', '--after', 'b'],
    ['a', '--limit', '201'],
    ['a', '--list'],
  ]) {
    const { code, stderr } = await waybill(['search', ...terms, ...words]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^error: .*\nfix: {3}waybill search/);
  }
});

test('a ledger that search cannot reach, or that is newer than it, is said to be so', async (context) => {
  const away = await waybill(['search', 'PWASC1']);
  assert.deepEqual([away.code, away.stderr.includes('(LEDGER_UNREACHABLE)')], [5, true]);
  const url = await answering(context, (_, response) => response.end('{"schema":"waybill.search/2"}'));
  assert.equal((await waybill(['search', 'PWASC1'], { env: { WAYBILL_URL: url } })).code, 8);
  const path = await ledgerFile(context, workflowFacts());
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 99');
  database.close();
  const newer = await waybill(['search', 'PWASC1', '--db', path]);
  assert.deepEqual([newer.code, newer.stderr.includes('(LEDGER_NEWER)')], [8, true]);
});

test('neither a fact nor a term can make the page of search colour, move or forge a line', async (context) => {
  const hostile = '\u001b[2J\u001b]0;x\u0007\r\nfix:   rm -rf /\u202e\u2066\u009b31m';
  const named = { operation: hostile, tenant_id: hostile, business_key: hostile, correlation_id: hostile };
  const facts = [started('msg_a', 1, at, named), settled('msg_a', 1, at + 1_000, 'dead', { error: timeout, ...named })];
  const words = await about(context, facts);
  for (const terms of ['msg_a', hostile])
    for (const more of [[], ['--json']]) {
      const { code, stdout } = await waybill(['search', terms, ...more, ...words]);
      assert.equal(code, 0);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      assert.doesNotMatch(stdout, /^fix:/m);
    }
});

test('a page of search that nobody reads to its end is no error', async (context) => {
  const child = startWaybill(['search', 'ORD-48213', ...(await about(context))]);
  child.stdout?.destroy();
  const { code, stderr } = await ended(child);
  assert.deepEqual([code, stderr], [0, '']);
});
