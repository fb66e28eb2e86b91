import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { MessageFact } from 'waybill';
import { handled } from '../questions/fact-makers.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';
import { checkoutFile, ledgerFile, waybill } from './command.ts';

const asOf = ['--as-of', WORKFLOW.captured_at];
const golden = (name: string) => readFileSync(new URL(`golden/${name}.txt`, import.meta.url), 'utf8');
const about = async (context: TestContext, facts?: readonly MessageFact[]) => [
  ...asOf,
  '--db',
  facts === undefined ? await checkoutFile(context) : await ledgerFile(context, facts),
];

test('why prints its page, 80 columns wide in a pipe', async (context) => {
  const { code, stdout, stderr } = await waybill(['why', 'PWASC1', ...(await about(context))]);
  assert.deepEqual([code, stdout, stderr], [0, golden('why-80'), '']);
});

test('trace finds a workflow by its order number', async (context) => {
  const { code, stdout } = await waybill(['trace', 'ORD-48213', ...(await about(context))]);
  assert.deepEqual([code, stdout], [0, golden('trace-80')]);
});

test('COLUMNS makes a page narrower', async (context) => {
  const { stdout } = await waybill(['why', 'PWASC1', ...(await about(context))], { env: { COLUMNS: '40' } });
  assert.equal(stdout, golden('why-40'));
});

test('the id of an execution is answered with its attempt', async (context) => {
  const { stdout } = await waybill(['why', 'VE95Y9', ...(await about(context))]);
  assert.ok(stdout.startsWith('VE95Y9 is attempt 1 of PWASC1\n\npayment.charge  done on attempt 3, limit 5'));
});

test('an id is picked out of a log line on stdin', async (context) => {
  const stdin = 'ERROR exe_01KKY1NDDRERRR1B6EQRVE95Y9 timed out\n';
  const { code, stdout } = await waybill(['why', '-', ...(await about(context))], { stdin });
  assert.equal(code, 0);
  assert.equal(stdout, `stdin: 1 id known, VE95Y9 is attempt 1 of PWASC1\n\n${golden('why-80')}`);
});

test('of several ids on stdin the known one is answered', async (context) => {
  const stdin = `${JSON.stringify({ execution_id: 'exe_01KKY1NDDRERRR1B6EQRVE95YA', message_id: WORKFLOW.selected_message_id })}\n`;
  const { stdout } = await waybill(['why', '-', ...(await about(context))], { stdin });
  assert.match(stdout, /^stdin: 1 id known, PWASC1 is payment\.charge\n/);
});

test('stdin without a known id exits with 3', async (context) => {
  for (const stdin of ['', 'nothing here', 'msg_01KKY1NB8XFWSAEFM6GEPWASC9']) {
    const { code, stderr } = await waybill(['why', '-', ...(await about(context))], { stdin });
    assert.equal(code, 3);
    assert.match(stderr, /\(STDIN_UNKNOWN\)\nfix: {3}waybill why --help\n$/);
  }
});

test('--json prints the document of the API, on one line', async (context) => {
  const { code, stdout } = await waybill(['why', 'PWASC1', '--json', ...(await about(context))]);
  assert.equal(code, 0);
  assert.equal(stdout.trimEnd().split('\n').length, 1);
  const { schema, as_of, partial, data, warnings } = JSON.parse(stdout);
  assert.deepEqual([schema, as_of, partial, warnings], ['waybill.why/1', WORKFLOW.captured_at, false, []]);
  assert.deepEqual([data.message_id, data.elapsed_ms], [WORKFLOW.selected_message_id, 2_533_100]);
});

test('an answer that lacks facts which were dropped says so, and exits with 7', async (context) => {
  const dropped = {
    kind: 'dropped',
    fact_id: 'fct_d',
    at: Date.parse(WORKFLOW.captured_at) - 1,
    service: 's',
    instance: 'i',
    count: 3,
    since: Date.parse(WORKFLOW.captured_at) - 3_600_000,
    why: 'full',
  };
  const path = await ledgerFile(context, [...workflowFacts(), dropped as never]);
  const { code, stderr } = await waybill(['why', 'PWASC1', ...asOf, '--db', path]);
  assert.equal(code, 7);
  assert.match(stderr, /^warning: .*3/);
});

test('no fact can make the page colour, move or forge a line', async (context) => {
  const hostile = '\u001b[2J\u001b]0;x\u0007\r\nfix:   rm -rf /\u202e\u2066\u009b31m';
  const facts = handled('msg_a', 0, {
    event_type: hostile,
    operation: hostile,
    business_key: hostile,
    destination: hostile,
    instance: hostile,
  });
  for (const verb of ['why', 'trace'])
    for (const more of [[], ['--json']]) {
      const { code, stdout } = await waybill([verb, 'msg_a', ...more, ...(await about(context, facts))]);
      assert.equal(code, 0);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      assert.doesNotMatch(stdout, /^fix:/m);
    }
});

test('colour repeats words and changes none', async (context) => {
  const words = ['why', '21KYV7', ...(await about(context))];
  const coloured = (await waybill([...words, '--color', 'always'])).stdout;
  const plain = (await waybill(words)).stdout;
  assert.ok(coloured.includes('\u001b[31m'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is what is taken away
  assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), plain);
});

test('help names every verb by its question, and each verb fits one screen', async () => {
  const { code, stdout } = await waybill([]);
  assert.equal(code, 0);
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  for (const verb of [
    'why',
    'trace',
    'blast',
    'gaps',
    'overdue',
    'failures',
    'search',
    'queues',
    'doctor',
    'tail',
    'serve',
  ]) {
    assert.match(stdout, new RegExp(`^ {2}${verb} `, 'm'));
    const help = (await waybill([verb, '--help'])).stdout;
    assert.ok(help.split('\n').length <= 24, help);
    for (const line of help.split('\n')) assert.ok(line.length <= 80, line);
  }
  assert.equal((await waybill(['--help'])).stdout, stdout);
});

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal((await waybill(['--version'])).stdout, `${version}\n`);
});
