import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openLedger } from '../../src/cli/ledger.ts';
import { started } from '../questions/fact-makers.ts';
import { workflowFacts } from '../workflow.ts';
import { answering, ended, ledgerFile, startWaybill, temporaryFolder, waybill } from './command.ts';

const db = async (context: TestContext, facts = workflowFacts()) => ['--db', await ledgerFile(context, facts)];

test('a command that does not exist is answered with the nearest that does', async () => {
  const { code, stderr, stdout } = await waybill(['wyh', 'PWASC1']);
  assert.deepEqual(
    [code, stderr, stdout],
    [2, 'error: no command "wyh" (COMMAND_UNKNOWN)\nfix:   waybill why PWASC1\n', ''],
  );
  assert.match((await waybill(['explain'])).stderr, /fix: {3}waybill --help\n$/);
});

test('a flag that does not exist is answered with the nearest that does', async () => {
  const { code, stderr } = await waybill(['why', 'PWASC1', '--jsno']);
  assert.deepEqual(
    [code, stderr],
    [2, 'error: why has no flag "--jsno" (FLAG_UNKNOWN)\nfix:   waybill why PWASC1 --json\n'],
  );
  assert.match((await waybill(['why', 'PWASC1', '--port', '1'])).stderr, /why has no flag "--port"/);
});

test('a question without an id is answered with what it needs', async () => {
  const { code, stderr } = await waybill(['why']);
  assert.equal(code, 2);
  assert.equal(
    stderr,
    'error: why needs an id, its ending, a business key or - (ARGUMENT_MISSING)\nfix:   waybill tail --limit 5\n',
  );
});

test('a wrong value of a flag is said with what it has to be', async () => {
  for (const words of [['--as-of', 'noon'], ['--as-of'], ['--color', 'pink'], ['--no-hints=yes']]) {
    const { code, stderr } = await waybill(['why', 'PWASC1', ...words]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^error: --[a-z-]+ has to be .* \(ARGUMENT_INVALID\)\nfix: {3}/);
  }
  assert.equal((await waybill(['why', 'one', 'two'])).code, 2);
});

test('an id that an empty ledger does not know is said to be so', async (context) => {
  const { code, stderr } = await waybill(['why', 'nonsense', ...(await db(context, []))]);
  assert.deepEqual(
    [code, stderr],
    [3, 'error: no id or key "nonsense": the ledger is empty (ID_UNKNOWN)\nfix:   waybill doctor\n'],
  );
});

test('a mistyped id is answered with the one it is near to', async (context) => {
  const { code, stderr } = await waybill(['why', 'PWASC2', ...(await db(context))]);
  assert.equal(code, 3);
  assert.match(stderr, /^error: no id or key "PWASC2" .*\(ID_UNKNOWN\)$/m);
  assert.match(stderr, /^did you mean PWASC1 \(payment\.charge, order:ORD-48213\)\?\nfix: {3}waybill why PWASC1\n$/m);
});

test('an ending that fits several ids lists them whole, with whose and when', async (context) => {
  const facts = ['msg_01KKY1NB8XFWSAEFM6GEPWASC1', 'msg_01KKY1NB8XFWSAEFM6GFPWASC1'].map((id) => started(id, 1, 1_000));
  const { code, stderr } = await waybill(['why', 'PWASC1', ...(await db(context, facts as never))]);
  assert.equal(code, 4);
  assert.match(stderr, /\(ID_AMBIGUOUS\)/);
  assert.match(stderr, /^ {2}msg_01KKY1NB8XFWSAEFM6GEPWASC1 {2}order\.created {2}acme {2}1970-01-01 00:00$/m);
});

test('a key on several messages is the key of a workflow', async (context) => {
  const { code, stderr } = await waybill(['why', 'ORD-48213', ...(await db(context))]);
  assert.equal(code, 4);
  assert.match(stderr, /^fix: {3}waybill trace order:ORD-48213\n$/m);
});

test('with --json an error is a document on stderr', async (context) => {
  const { code, stderr, stdout } = await waybill(['why', 'PWASC2', '--json', ...(await db(context))]);
  assert.deepEqual([code, stdout], [3, '']);
  const { schema, code: name, message, fix, did_you_mean } = JSON.parse(stderr);
  assert.deepEqual([schema, name], ['waybill.error/1', 'ID_UNKNOWN']);
  assert.ok(message && fix && did_you_mean.length === 1);
});

test('a ledger that refuses the connection is unreachable, and doctor says what to do', async () => {
  for (const words of [['why', 'PWASC1'], ['queues']]) {
    const { code, stderr } = await waybill(words);
    assert.deepEqual(
      [code, stderr],
      [5, 'error: ledger at 127.0.0.1:40009 refused the connection (LEDGER_UNREACHABLE)\nfix:   waybill doctor\n'],
    );
  }
});

test('a ledger that does not answer in time is unreachable', async (context) => {
  const url = await answering(context, () => {});
  const ledger = await openLedger({ db: undefined, url, token: undefined, timeoutMs: 50 });
  await assert.rejects(ledger.ask('why', { id: 'PWASC1' }), {
    code: 'LEDGER_UNREACHABLE',
    message: /did not answer in 0\.05s$/,
  });
});

test('what answers and is no ledger is said to be none', async (context) => {
  for (const body of ['<html>', '{}', 'null', '[]', '{"schema":"else/1"}']) {
    const url = await answering(context, (_, response) => response.end(body));
    const { code, stderr } = await waybill(['why', 'PWASC1'], { env: { WAYBILL_URL: url } });
    assert.equal(code, 5);
    assert.match(stderr, /\(NOT_A_LEDGER\)/);
  }
});

test('a newer answer than this version reads is refused with its number', async (context) => {
  const url = await answering(context, ({ url: asked = '' }, response) => {
    response.end(`{"schema":"waybill.${asked.includes('queues') ? 'queues' : 'why'}/2"}`);
  });
  for (const words of [['why', 'PWASC1'], ['queues']])
    assert.equal((await waybill(words, { env: { WAYBILL_URL: url } })).code, 8);
});

test('the token is sent to the ledger alone, and a refusal exits with 6', async (context) => {
  const sent: (string | undefined)[] = [];
  const url = await answering(context, ({ headers }, response) => {
    sent.push(headers.authorization);
    response.writeHead(403).end('{"schema":"waybill.error/1","code":"TOKEN_WRONG","message":"no","fix":"ask for one"}');
  });
  assert.equal((await waybill(['why', 'PWASC1'], { env: { WAYBILL_URL: url, WAYBILL_TOKEN: 'secret' } })).code, 6);
  assert.deepEqual(sent, ['Bearer secret']);
  const elsewhere = await answering(context, (_, response) => response.writeHead(302, { location: url }).end());
  assert.equal(
    (await waybill(['why', 'PWASC1'], { env: { WAYBILL_URL: elsewhere, WAYBILL_TOKEN: 'secret' } })).code,
    5,
  );
  assert.equal(sent.length, 1);
});

test('an address that is none is a wrong value', async () => {
  assert.equal((await waybill(['why', 'PWASC1'], { env: { WAYBILL_URL: 'localhost' } })).code, 2);
});

test('a file that is not there, or is no ledger, cannot be opened', async (context) => {
  for (const path of [join(temporaryFolder(context), 'none.sqlite'), import.meta.filename]) {
    const { code, stderr } = await waybill(['why', 'PWASC1', '--db', path]);
    assert.equal(code, 5);
    assert.match(stderr, /\(LEDGER_UNOPENABLE\)/);
  }
});

test('an unexpected failure shows where it comes from only with --debug', async (context) => {
  const url = await answering(context, (_, response) => response.end('{"schema":"waybill.why/1","as_of":1}'));
  const short = await waybill(['why', 'PWASC1'], { env: { WAYBILL_URL: url } });
  assert.equal(short.code, 1);
  assert.doesNotMatch(short.stderr, /\n\s+at /);
  assert.match((await waybill(['why', 'PWASC1', '--debug'], { env: { WAYBILL_URL: url } })).stderr, /\n\s+at /);
});

test('an interrupted question exits with 130', async (context) => {
  const child = startWaybill(['why', 'PWASC1'], {
    WAYBILL_URL: await answering(context, () => child.kill('SIGINT')),
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 130);
});

test('what a caller typed is printed without what a terminal would obey', async () => {
  const { stderr } = await waybill(['\u001b[31mwhy\u202e']);
  assert.match(stderr, /no command "\\u001b\[31mwhy\\u202e"/);
});

test('a process that a parent no longer listens to ends without a word', async (context) => {
  const child = startWaybill(['why', 'PWASC1', ...(await db(context))]);
  child.stdout?.destroy();
  const { code, stderr } = await ended(child);
  assert.deepEqual([code, stderr], [0, '']);
});
