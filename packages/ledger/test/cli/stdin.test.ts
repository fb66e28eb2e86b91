import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { idsIn } from '../../src/cli/stdin.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';
import { ledgerFile } from './command.ts';
import { performed } from './performed.ts';

const [execution, message, workflow] = [
  'exe_01KKY1NDDRERRR1B6EQRVE95Y9',
  'msg_01KKY1NB8XFWSAEFM6GEPWASC1',
  'req_01KKY1N9W4EXM8KX3T1F4SB10F',
] as const;

/** Lines that loggers write and people paste, each with what it names. */
const PASTED: Readonly<Record<string, readonly [text: string, ids: readonly string[]]>> = {
  'a line of text': [`ERROR ${execution} timed out`, [execution]],
  'a line of pino': [
    `{"level":50,"time":1773756134112,"pid":7,"execution_id":"${execution}","message_id":"${message}","msg":"card provider answered 504"}`,
    [execution, message],
  ],
  'a line that pino-pretty has coloured': [
    `[14:02:14] \u001b[31mERROR\u001b[39m: no answer\n    \u001b[35mmessage_id\u001b[39m: "\u001b[36m${message}\u001b[39m"`,
    [message],
  ],
  'a line of winston': [`error: no answer {"correlation_id":"${workflow}","service":"payments"}`, [workflow]],
  'an object of console.log': [
    inspect({ message_id: message, order: { id: 'ORD-48213' } }, { colors: true }),
    [message, 'ORD-48213'],
  ],
  'a line of logfmt': [`level=error message_id=${message} job_id=42 msg="no answer"`, [message, '42']],
  'a stack trace': [
    `Error: card provider answered 504\n    at charge (${message})\n    at x (/app/msg_tooshort.js:1:2)`,
    [message],
  ],
  'an error within JSON': [
    JSON.stringify({
      err: { stack: `Error: no\n    at job ${execution}` },
      context: JSON.stringify({ message_id: message }),
    }),
    [execution, message],
  ],
  'an id that a terminal has broken in two': [
    `ERROR ${execution.slice(0, 17)}\r\n  ${execution.slice(17)} timed out`,
    [execution],
  ],
  'an address': [
    `GET /w/${message}?from=%2Ftrace%3Fid%3D${execution}&key=order%3AORD-48213`,
    [execution, message, 'order:ORD-48213'],
  ],
  'an id in quotes, or in lower case': [
    `'${message}' \`${workflow.toLowerCase()}\``,
    [message, workflow.toLowerCase()],
  ],
  'a business key in JSON': ['{"business_key":"order:ORD-48213"}', ['order:ORD-48213']],
  'what an app calls an id': ['{"orderId":"ORD-48213","pid":7,"hidden":"x","api.key":"k"}', ['ORD-48213', 'k']],
  'ids of others, and quotes in them': ['{"job_id":"42","message_id":"order \'1\'"}', ['42', "order '1'"]],
  'a traceparent': [
    'traceparent: 00-e545212020bc8c4f02d6f373943ecbca-9be8cef811e8acf4-01',
    ['e545212020bc8c4f02d6f373943ecbca'],
  ],
  nothing: ['nothing here', []],
};

for (const [what, [text, ids]] of Object.entries(PASTED))
  test(`${what}: its ids are picked out, the most telling first`, () => {
    assert.deepEqual(idsIn(text), ids);
  });

const STACK = `[2026-03-17T14:02:15.240Z] \u001b[31merror\u001b[39m: job failed {"execution_id":"${execution}","order_id":"ORD-48213"}
ProviderTimeout: card provider answered 504
    at charge (file:///app/src/payments/charge.ts:41:11)
    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)
    at async consume (file:///app/node_modules/waybill/dist/core/consume.js:28:20)
`;

const asOf = ['--as-of', WORKFLOW.captured_at];
const about = async (context: TestContext) => [...asOf, '--db', await ledgerFile(context, workflowFacts())];

test('a stack trace that is pasted from a log finds the chain to the request', async (context) => {
  const { code, stdout } = await performed(['why', '-', ...(await about(context))], { stdin: STACK });
  assert.equal(code, 0);
  assert.match(stdout, /^stdin: 1 id known, VE95Y9 is attempt 1 of PWASC1\n\npayment\.charge {2}done on attempt 3/);
  assert.match(stdout, /^ {2}POST \/checkout +4SB10F .*\n {2}order\.created +E8GJ1S .*\n {2}payment\.charge +PWASC1 /m);
});

test('a business key on stdin is the key of a workflow', async (context) => {
  const words = await about(context);
  const stdin = '{"level":"error","order_id":"ORD-48213","msg":"no answer"}';
  const { code, stderr } = await performed(['why', '-', ...words], { stdin });
  assert.equal(code, 4);
  assert.match(stderr, /^fix: {3}waybill trace order:ORD-48213$/m);
  const trace = await performed(['trace', '-', ...words], { stdin });
  assert.match(trace.stdout, /^stdin: 1 id known.*\n\ncheckout {2}acme-eu {2}order:ORD-48213 {2}8 messages/);
});

test('a paste of a megabyte is read in a moment', () => {
  const texts = [
    '"message_id":"'.repeat(75_000),
    '\\'.repeat(1_000_000),
    'a_id='.repeat(200_000),
    'exe_0'.repeat(200_000),
  ];
  for (const text of texts) {
    const before = performance.now();
    idsIn(text);
    const ms = performance.now() - before;
    assert.ok(ms < 2_000, `${text.slice(0, 5)}: ${ms} ms`);
  }
});
