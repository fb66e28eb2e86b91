import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { sent } from '../questions/fact-makers.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';
import { checkoutFile, ended, ledgerFile, startWaybill, waybill } from './command.ts';

const asOf = ['--as-of', WORKFLOW.captured_at];
const about = async (context: TestContext, facts = workflowFacts()) => [
  ...asOf,
  '--db',
  await ledgerFile(context, facts),
];
const verbs = ['gaps', 'overdue', 'failures'];

test('gaps prints what the facts prove', async (context) => {
  const { code, stdout, stderr } = await waybill(['gaps', ...(await about(context))]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    stdout,
    `LOST IN  BETWEEN                   MESSAGES  LINKED  UNLINKED
unknown  stock.events -> shipping         1       1         0

1 of 8 received. [inferred] LINKED: by order key and timing.
`,
  );
});

test('failures prints what the facts prove', async (context) => {
  const { code, stdout } = await waybill(['failures', ...(await about(context))]);
  assert.equal(code, 0);
  assert.equal(
    stdout,
    `FAILED  MESSAGES  DEAD  LAST   CAUSE
     3         1     1  14:02  AddressRejected: postcode missing
     1         1     0  14:02  ProviderTimeout: card provider answered 504
     1         1     0  14:44  Lease lost: worker payments-7f9c-2 [inferred]
5 executions of 2 messages; 1 message is in two rows.
`,
  );
});

test('overdue prints what waits longer than is usual, and where nobody knows what that is', async (context) => {
  const words = await about(context);
  assert.equal(
    (await waybill(['overdue', ...words])).stdout,
    'Nothing overdue in 29 facts since 13:58. 1 destination has no deadline:\n  email.\n',
  );
  const at = Date.parse(WORKFLOW.captured_at) - 600_000;
  const due = await about(context, [sent('msg_late', at, { due_at: at + 60_000, tenant_id: null })]);
  const { code, stdout } = await waybill(['overdue', ...due]);
  assert.equal(code, 0);
  assert.match(stdout, /\n +1 +1 {2}order\.created {2}orders +1m {2}not started\*\n1 overdue\. \* \[inferred\]/);
});

test('queues prints what was said of destinations, in the order that is asked for', async (context) => {
  const words = [...asOf, '--db', await checkoutFile(context)];
  const golden = (columns: number) => readFileSync(new URL(`golden/queues-${columns}.txt`, import.meta.url), 'utf8');
  for (const columns of [40, 80]) {
    const { code, stdout } = await waybill(['queues', ...words], { env: { COLUMNS: String(columns) } });
    assert.deepEqual([code, stdout], [0, golden(columns)]);
  }
  assert.match((await waybill(['queues', '--sort', 'name', ...words])).stdout, /LEASE\nemail .*\npayments /);
  const coloured = (await waybill(['queues', '--color', 'always', ...words])).stdout;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is what is taken away
  assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), golden(80));
  const { code, stderr } = await waybill(['queues', '--sort', 'age', ...words]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^error: --sort has to be oldest, .* and is age \(ARGUMENT_INVALID\)\nfix: {3}waybill queues --help\n$/,
  );
});

test('of facts alone, queues prints what they prove', async (context) => {
  assert.equal(
    (await waybill(['queues', ...(await about(context))])).stdout,
    `QUEUE  DEPTH  OLDEST  CONSUMERS  QUEUED P50, P99  RUN P99    LEASE
email     1*  14m04s    unknown          unknown  unknown  unknown
* [inferred] from sends without a start. 5 empty.
`,
  );
  assert.equal(
    (await waybill(['queues', ...(await about(context, []))])).stdout,
    'No queues among 0 destinations in 0 facts since 13:58.\n',
  );
});

test('overdue and gaps go by what was said of destinations', async (context) => {
  const words = [...asOf, '--db', await checkoutFile(context)];
  assert.equal(
    (await waybill(['overdue', ...words])).stdout,
    `OVERDUE  OF WAITING  MESSAGE     WHERE  DUE IN  WHY
      1           1  email.send  email     10m  0 consumers
1 overdue.
`,
  );
  assert.match(
    (await waybill(['gaps', ...words])).stdout,
    /^warehouse-bridge {2}stock\.events -> shipping .*\n\n.*\nfix: in warehouse-bridge, wrap the publish/m,
  );
});

test('tail prints the facts since a time, 80 columns wide in a pipe', async (context) => {
  const words = await about(context);
  const golden = readFileSync(new URL('golden/tail-80.txt', import.meta.url), 'utf8');
  const { code, stdout } = await waybill(['tail', '--since', '14:50', ...words]);
  assert.deepEqual([code, stdout], [0, golden]);
  assert.equal((await waybill(['tail', '--since', '14:52', ...words])).stdout, 'No facts since 14:52.\n');
  const last = await waybill(['tail', '--limit', '1', ...words]);
  assert.match(last.stdout, /^… and 28 more\n14:51:11\.920 {2}settled .*ok in 900ms\n$/);
});

test('tail --json prints a fact on each line', async (context) => {
  const { stdout } = await waybill(['tail', '--since', '14:50', '--json', ...(await about(context))]);
  const kinds = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).kind);
  assert.deepEqual(kinds, ['replayed', 'sent', 'started', 'settled']);
});

test('where nothing is found one sentence says what was searched, and --since is a time of the day of as-of', async (context) => {
  const words = [...(await about(context)), '--since', '14:50'];
  assert.equal((await waybill(['gaps', ...words])).stdout, 'No gaps in 4 facts since 14:50.\n');
  assert.equal((await waybill(['failures', ...words])).stdout, 'No failed executions in 4 facts since 14:50.\n');
  const bounded = await waybill(['gaps', ...words, '--until', '14:51']);
  assert.equal(bounded.stdout, 'No gaps in 0 facts from 14:50 to 14:51.\n');
});

test('--check exits with 10 where something is found, and with 0 where nothing is', async (context) => {
  const words = await about(context);
  const codes = [];
  for (const verb of verbs) codes.push((await waybill([verb, '--check', ...words])).code);
  assert.deepEqual(codes, [10, 0, 10]);
  assert.equal((await waybill(['gaps', '--check', '--since', '14:50', ...words])).code, 0);
});

test('--tenant, or else the environment, leaves out all others', async (context) => {
  const words = await about(context);
  const env = { WAYBILL_TENANT: 'borealis' };
  assert.match(
    (await waybill(['failures', ...words, '--tenant', 'borealis'])).stdout,
    /^No failed executions in 0 facts/,
  );
  assert.match((await waybill(['failures', ...words], { env })).stdout, /^No failed executions in 0 facts/);
  assert.match((await waybill(['failures', ...words, '--tenant', 'acme-eu'], { env })).stdout, /^FAILED/);
});

test('--limit shortens the page, and says by how much', async (context) => {
  const { stdout } = await waybill(['failures', '--limit', '1', ...(await about(context))]);
  assert.match(stdout, /postcode missing\n… and 2 more\n5 executions of 2 messages/);
});

test('--json prints the document of the API about a stretch of time', async (context) => {
  const words = await about(context);
  for (const verb of [...verbs, 'queues']) {
    const { code, stdout } = await waybill([verb, '--json', ...words]);
    const { schema, as_of, data } = JSON.parse(stdout);
    assert.deepEqual([code, schema, as_of, data.searched.facts], [0, `waybill.${verb}/1`, WORKFLOW.captured_at, 29]);
  }
});

test('what is not known of the past is remarked, and exits with 7', async (context) => {
  const later = sent('msg_later', Date.parse(WORKFLOW.captured_at) + 1_000);
  const { code, stderr } = await waybill(['overdue', ...(await about(context, [...workflowFacts(), later]))]);
  assert.deepEqual([code, stderr.startsWith('warning: there are later facts than this')], [7, true]);
});

test('a word, a time or a limit that a question about time cannot take is wrong usage', async (context) => {
  const words = await about(context);
  for (const more of [
    ['PWASC1'],
    ['--since', 'noon'],
    ['--until', 'noon'],
    ['--limit', '0'],
    ['--since', '14:30', '--until', '14:00'],
    ['--list'],
  ]) {
    const { code, stderr } = await waybill(['gaps', ...more, ...words]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /\nfix: {3}waybill gaps/);
  }
  assert.match((await waybill(['gaps', '--since', 'noon', ...words])).stderr, /^error: --since has to be 14:02/);
});

test('no fact can make a page about time colour, move or forge a line', async (context) => {
  const hostile = '\u001b[2J\u001b]0;x\u0007\r\nfix:   rm -rf /\u202e\u2066\u009b31m';
  const named = {
    event_type: hostile,
    operation: hostile,
    business_key: hostile,
    destination: hostile,
    tenant_id: hostile,
  };
  const at = Date.parse(WORKFLOW.captured_at) - 600_000;
  const words = await about(context, [sent('msg_a', at, { ...named, due_at: at + 1 })]);
  for (const verb of [...verbs, 'queues', 'tail'])
    for (const more of [[], ['--json']]) {
      const { code, stdout } = await waybill([verb, ...more, ...words]);
      assert.equal(code, 0);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      assert.doesNotMatch(stdout, /^fix:/m);
    }
});

test('a page about time that nobody reads to its end is no error', async (context) => {
  const child = startWaybill(['failures', ...(await about(context))]);
  child.stdout?.destroy();
  const { code, stderr } = await ended(child);
  assert.deepEqual([code, stderr], [0, '']);
});
