import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { handled, sent, settled, started, timeout } from '../questions/fact-makers.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';
import { answering, ended, ledgerFile, startWaybill, waybill } from './command.ts';

const asOf = ['--as-of', WORKFLOW.captured_at];
const at = Date.parse(WORKFLOW.captured_at) - 600_000;
const failed = (id: string, event_type: string, later = 0) => [
  started(id, 1, at + later, { event_type }),
  settled(id, 1, at + 1_000 + later, 'dead', { error: timeout, event_type }),
];
const alike = ['msg_a', 'msg_b', 'msg_c'].flatMap((id, index) => failed(id, 'charge', index * 100));

const about = async (context: TestContext, facts = workflowFacts()) => [
  ...asOf,
  '--db',
  await ledgerFile(context, facts),
];

test('blast prints what the facts prove, by the ending of an id or by a log line', async (context) => {
  const words = await about(context);
  const page = 'CAUSED [observed]  1 message, 1 pending\n  email.send       7X9C3M  waiting  acme-eu/checkout\n';
  const { code, stdout, stderr } = await waybill(['blast', 'PWASC1', ...words]);
  assert.deepEqual([code, stdout, stderr], [0, page, '']);
  const stdin = 'ERROR exe_01KKY1NDDRERRR1B6EQRVE95Y9 timed out\n';
  const piped = await waybill(['blast', '-', ...words], { stdin });
  assert.equal(piped.stdout, `stdin: 1 id known, VE95Y9 is attempt 1 of PWASC1\n\n${page}`);
});

test('others that share a trouble are summed, and with --list told one by one', async (context) => {
  const words = await about(context, alike);
  assert.equal(
    (await waybill(['blast', 'msg_a', ...words])).stdout,
    `CAUSED  nothing that is known

SAME TROUBLE [inferred]  ProviderTimeout: answered 504, 14:48
  2 others         2 dead
  tenants          acme 2
`,
  );
  const { code, stdout } = await waybill(['blast', 'msg_a', '--list', ...words]);
  assert.equal(code, 0);
  assert.match(stdout, /\n {2}charge {11}msg_b {2}dead {2}acme\/checkout\n {2}charge {11}msg_c /);
});

test('where nothing was caused or hit, the page says what was searched', async (context) => {
  const { code, stdout } = await waybill(['blast', 'msg_a', ...(await about(context, handled('msg_a', at)))]);
  assert.deepEqual(
    [code, stdout],
    [0, 'Nothing caused by msg_a, and nothing else hit by its trouble, in 3 facts\n  since 14:48.\n'],
  );
});

test('blast --json prints the document of the API', async (context) => {
  const { stdout } = await waybill(['blast', 'PWASC1', '--json', ...(await about(context))]);
  const { schema, as_of, data } = JSON.parse(stdout);
  assert.deepEqual([schema, as_of], ['waybill.blast/1', WORKFLOW.captured_at]);
  assert.deepEqual([data.caused.length, data.pending, data.same_trouble], [1, 1, []]);
});

test('an id that blast does not know, or that fits several, is answered as by why', async (context) => {
  const words = await about(context);
  const unknown = await waybill(['blast', 'PWASC2', ...words]);
  assert.equal(unknown.code, 3);
  assert.match(unknown.stderr, /\ndid you mean PWASC1 .*\nfix: {3}waybill blast PWASC1\n$/);
  const key = await waybill(['blast', 'ORD-48213', ...words]);
  assert.equal(key.code, 4);
  assert.match(key.stderr, /\(ID_AMBIGUOUS\)\n.*\nfix: {3}waybill trace order:ORD-48213\n$/s);
  const ids = ['msg_01KKY1NB8XFWSAEFM6GEPWASC1', 'msg_01KKY1NB8XFWSAEFM6GFPWASC1'];
  const several = await waybill([
    'blast',
    'PWASC1',
    ...(await about(
      context,
      ids.map((id) => sent(id, at)),
    )),
  ]);
  assert.equal(several.code, 4);
  assert.match(several.stderr, /fix: {3}waybill blast msg_01KKY1NB8XFWSAEFM6GEPWASC1\n$/);
  const empty = await waybill(['blast', 'nonsense', ...(await about(context, []))]);
  assert.deepEqual(
    [empty.code, empty.stderr],
    [3, 'error: no id or key "nonsense": the ledger is empty (ID_UNKNOWN)\nfix:   waybill doctor\n'],
  );
});

test('blast without an id, or of a flag that it does not have, is wrong usage', async (context) => {
  const none = await waybill(['blast']);
  assert.deepEqual([none.code, none.stderr.split('\n')[1]], [2, 'fix:   waybill tail --limit 5']);
  const flag = await waybill(['blast', 'PWASC1', '--lst', ...(await about(context))]);
  assert.deepEqual([flag.code, flag.stderr.split('\n')[1]], [2, 'fix:   waybill blast PWASC1 --list']);
});

test('a ledger that blast cannot reach, or that is newer than it, is said to be so', async (context) => {
  const away = await waybill(['blast', 'PWASC1']);
  assert.deepEqual([away.code, away.stderr.includes('(LEDGER_UNREACHABLE)')], [5, true]);
  const url = await answering(context, (_, response) => response.end('{"schema":"waybill.blast/2"}'));
  assert.equal((await waybill(['blast', 'PWASC1'], { env: { WAYBILL_URL: url } })).code, 8);
  const path = await ledgerFile(context, workflowFacts());
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 99');
  database.close();
  const newer = await waybill(['blast', 'PWASC1', '--db', path]);
  assert.deepEqual([newer.code, newer.stderr.includes('(LEDGER_NEWER)')], [8, true]);
});

test('no fact can make the page of blast colour, move or forge a line', async (context) => {
  const hostile = '\u001b[2J\u001b]0;x\u0007\r\nfix:   rm -rf /\u202e\u2066\u009b31m';
  const named = { operation: hostile, destination: hostile, tenant_id: hostile, instance: hostile };
  const error = { type: hostile, message: hostile, fingerprint: hostile };
  const facts = ['msg_a', 'msg_b'].flatMap((id) => [
    ...failed(id, hostile).map((fact) => ({ ...fact, ...named, ...('error' in fact && { error }) })),
    sent(`${id} led to`, at + 2_000, { causation_id: id, event_type: hostile, ...named }),
  ]);
  for (const more of [[], ['--list'], ['--json']]) {
    const { code, stdout } = await waybill(['blast', 'msg_a', ...more, ...(await about(context, facts))]);
    assert.equal(code, 0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    assert.doesNotMatch(stdout, /^fix:/m);
  }
});

test('a page of blast that nobody reads to its end is no error', async (context) => {
  const child = startWaybill(['blast', 'PWASC1', ...(await about(context))]);
  child.stdout?.destroy();
  const { code, stderr } = await ended(child);
  assert.deepEqual([code, stderr], [0, '']);
});
