import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { instantOf } from '../../src/cli/instants.ts';
import { progressOf } from '../../src/cli/progress.ts';
import { localTimes } from '../../src/cli/text/local-times.ts';
import { handled, sent } from '../questions/fact-makers.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';
import { ledgerFile, waybill } from './command.ts';
import { performed } from './performed.ts';

const about = async (context: TestContext, facts = workflowFacts()) => [
  ...['--as-of', WORKFLOW.captured_at],
  ...['--db', await ledgerFile(context, facts)],
];

test('--local reads and prints times by the clock of this machine', async (context) => {
  const words = await about(context);
  const env = { TZ: 'Asia/Kolkata' };
  const why = await waybill(['why', 'PWASC1', '--local', ...words], { env });
  assert.match(why.stdout, /^ {2}POST \/checkout {4}4SB10F {2}19:32:11\.204 {2}checkout-api$/m);
  assert.match(why.stdout, /^42m13s = run 2\.8s/m);
  const tail = await waybill(['tail', '--local', '--since', '20:20', ...words], { env });
  assert.match(tail.stdout, /^20:21:10\.580 {2}replayed/);
  const json = await waybill(['why', 'PWASC1', '--local', '--json', ...words], { env });
  assert.equal(JSON.parse(json.stdout).as_of, WORKFLOW.captured_at);
});

test('a time of day by this machine’s clock is the last one that was', () => {
  const now = new Date(2026, 2, 17, 14, 58).getTime();
  assert.equal(Date.parse(instantOf('14:02', now, '--since', 'local')), new Date(2026, 2, 17, 14, 2).getTime());
  assert.equal(Date.parse(instantOf('23:00', now, '--since', 'local')), new Date(2026, 2, 16, 23, 0).getTime());
});

test('local times are the same instants, and what is no time stays', () => {
  const document = { at: '2026-03-17T14:02:11.204Z', of: ['2026-03-17', 'order:1', 7, null] };
  const local = localTimes(document);
  assert.equal(Date.parse(local.at), Date.parse(document.at));
  assert.match(local.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:11\.204[+-]\d\d:\d\d$/);
  assert.deepEqual(local.of, document.of);
});

test('--quiet leaves out warnings, and neither the answer nor its exit code', async (context) => {
  const later = sent('msg_later', Date.parse(WORKFLOW.captured_at) + 1_000);
  const words = ['overdue', ...(await about(context, [...workflowFacts(), later]))];
  const told = await performed(words);
  assert.deepEqual([told.code, told.stderr.startsWith('warning: ')], [7, true]);
  assert.deepEqual(await performed([...words, '--quiet']), { ...told, stderr: '' });
});

test('--schema pins the version of a document, and there is one', async (context) => {
  const words = ['why', 'PWASC1', '--json', ...(await about(context))];
  assert.equal((await performed([...words, '--schema=1'])).stdout, (await performed(words)).stdout);
  const { code, stderr } = await performed(['why', 'PWASC1', '--schema=2']);
  assert.equal(code, 2);
  assert.match(stderr, /^error: --schema has to be 1, the only version that there is, and is 2 \(ARGUMENT_INVALID\)/);
});

test('--no-hints leaves out what to ask next, on a terminal', async (context) => {
  const words = ['why', 'PWASC1', ...(await about(context))];
  assert.match((await performed(words, { isTTY: true })).stdout, /^NEXT/m);
  assert.doesNotMatch((await performed([...words, '--no-hints'], { isTTY: true })).stdout, /^NEXT/m);
});

test('an ending or a key that several tenants have names one message of the tenant that is asked about', async (context) => {
  const of = (tenant_id: string, id: string) => handled(id, 1_000, { tenant_id, business_key: 'order:7' });
  const facts = [...of('acme', 'msg_a'), ...of('borealis', 'msg_b')];
  const words = ['why', 'order:7', '--json', '--db', await ledgerFile(context, facts)];
  assert.equal((await performed(words)).code, 4);
  for (const [tenant, id] of [
    ['acme', 'msg_a'],
    ['borealis', 'msg_b'],
  ] as const) {
    const { stdout } = await performed([...words, '--tenant', tenant]);
    assert.equal(JSON.parse(stdout).data.message_id, id);
  }
});

test('how far a long work has come is told on a terminal, and nowhere else', (context) => {
  const told: string[] = [];
  const call = { remark: (text: string) => told.push(text) } as never; // all that progress needs of a call
  let now = 0;
  context.mock.method(performance, 'now', () => now);
  const [onTerminal, elsewhere] = [progressOf(call, 'facts read', true), progressOf(call, 'facts read', false)];
  for (const count of [1, 2, 3]) {
    now += 600;
    onTerminal(count);
    elsewhere(count);
  }
  assert.deepEqual(told, ['2 facts read\n']);
});
