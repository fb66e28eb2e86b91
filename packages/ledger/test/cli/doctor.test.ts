import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { WORKFLOW, workflowFacts } from '../workflow.ts';
import { answering, checkoutFile, ended, ledgerFile, startWaybill, temporaryFolder, waybill } from './command.ts';

const asOf = ['--as-of', WORKFLOW.captured_at];
const nobodyThere =
  'fail  ledger     ledger at 127.0.0.1:40009 refused the connection\n      fix: waybill serve\n1 failure\n';

test('doctor prints what is amiss and what mends it, and exits with 10', async (context) => {
  const words = ['doctor', ...asOf, '--db', await checkoutFile(context)];
  const { code, stdout, stderr } = await waybill(words);
  assert.deepEqual([code, stderr], [10, '']);
  assert.equal(
    stdout,
    `ok    ledger     29 facts, newest 14:51:11
warn  lease      payments: 42m00s is 840x its 3.0s p99 run
      fix: lower the lease, or send heartbeats
warn  context    warehouse-bridge drops waybill, traceparent (1 message)
      fix: wrap its publish with waybill.produce()
fail  consumers  email: 0 since 14:40:52, 212 waiting
      fix: start the email-sender worker, then run doctor again
1 ok, 2 warnings, 1 failure
`,
  );
  const { schema, data } = JSON.parse((await waybill([...words, '--json'])).stdout);
  assert.deepEqual([schema, data.checks.length], ['waybill.doctor/1', 4]);
  const coloured = (await waybill([...words, '--color', 'always'])).stdout;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is what is taken away
  assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), stdout);
});

test('where nothing is amiss doctor exits with 0', async (context) => {
  const facts = workflowFacts().filter(({ kind, destination }) => kind !== 'gap' && destination !== 'shipping');
  const { code, stdout } = await waybill(['doctor', ...asOf, '--db', await ledgerFile(context, facts)]);
  assert.equal(code, 0);
  assert.match(stdout, /^ok .*\nok .*\nok .*\nok .*\n4 ok\n$/);
});

test('an empty ledger is told how facts come into it', async (context) => {
  const { code, stdout } = await waybill(['doctor', '--db', await ledgerFile(context, [])]);
  assert.equal(code, 10);
  assert.match(
    stdout,
    /^warn {2}ledger {5}0 facts\n {6}fix: record facts with createWaybill\(\{ recorder: otlpRecorder\(\) \}\)\n/,
  );
});

test('a ledger that does not answer is a finding, with what starts one', async () => {
  const { code, stdout, stderr } = await waybill(['doctor']);
  assert.deepEqual([code, stdout, stderr], [10, nobodyThere, '']);
  const { data, schema } = JSON.parse((await waybill(['doctor', '--json'])).stdout);
  assert.deepEqual([schema, data.checks[0].problem.code], ['waybill.doctor/1', 'LEDGER_UNREACHABLE']);
});

test('a token that is refused, an older ledger and what is none are findings', async (context) => {
  const answered = async (status: number, body: string) => {
    const url = await answering(context, (_, response) => response.writeHead(status).end(body));
    const { code, stdout } = await waybill(['doctor'], { env: { WAYBILL_URL: url } });
    assert.equal(code, 10);
    return stdout.replace(/127\.0\.0\.1:\d+/, 'HOST');
  };
  const error = (code: string, message: string, fix: string) =>
    JSON.stringify({ schema: 'waybill.error/1', code, message, fix });
  assert.equal(
    await answered(401, error('TOKEN_UNKNOWN', 'the ledger does not know this token', 'Set WAYBILL_TOKEN.')),
    'fail  ledger     the ledger does not know this token\n      fix: Set WAYBILL_TOKEN.\n1 failure\n',
  );
  assert.match(
    await answered(404, error('ROUTE_UNKNOWN', 'there is no GET /api/v1/doctor', 'waybill --help')),
    /^fail {2}ledger {5}there is no GET \/api\/v1\/doctor\n {6}fix: run the ledger with this version/,
  );
  assert.match(await answered(200, '<html>'), /^fail {2}ledger {5}what answers at HOST is no ledger/);
  assert.match(
    await answered(200, '{"schema":"waybill.doctor/2"}'),
    /^fail {2}ledger {5}HOST has schema waybill\.doctor\/2/,
  );
  assert.match(await answered(401, error('TOKEN_UNKNOWN', 'a\u001b[2J\nfix: x', 'b')), /a\\u001b\[2J\\u000afix: x/);
});

test('a file that is none, or of a newer schema, is a finding', async (context) => {
  const path = await ledgerFile(context, []);
  new DatabaseSync(path).exec('PRAGMA user_version = 99');
  for (const [file, why] of [
    [path, /has schema 99, and this version/],
    [join(temporaryFolder(context), 'none'), /there is no such file/],
  ] as const) {
    const { code, stdout } = await waybill(['doctor', '--db', file]);
    assert.equal(code, 10);
    assert.match(stdout.replace(/\s+/g, ' '), why);
  }
});

test('what is typed wrongly is wrong usage, and no finding', async () => {
  for (const words of [['PWASC1'], ['--since', 'noon'], ['--limit', '3']]) {
    const { code, stdout, stderr } = await waybill(['doctor', ...words]);
    assert.deepEqual([code, stdout], [2, ''], stderr);
  }
  assert.equal((await waybill(['doctor'], { env: { WAYBILL_URL: 'localhost' } })).code, 2);
});

test('a reader of doctor who has seen enough is no error', async (context) => {
  const child = startWaybill(['doctor', ...asOf, '--db', await checkoutFile(context)]);
  child.stdout?.destroy();
  const { stderr } = await ended(child);
  assert.equal(stderr, '');
});
