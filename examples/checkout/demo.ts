// One failing job, minutes after its request: which request created it? `npm run demo` answers from nothing.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { killAll, start } from './processes.ts';
import { jsonReport, type LogLine } from './report.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, keep: { type: 'boolean' } } });
const CLI = '../../packages/ledger/bin/waybill.mjs';
const ORDERS = [
  { order_id: 'ORD-1001', customer: 'C-7', card: 'visa', key: 'key-acme' },
  { order_id: 'ORD-1002', customer: 'C-8', card: 'declined', key: 'key-borealis' },
  { order_id: 'ORD-1003', customer: 'C-9', card: 'visa', key: 'key-acme' },
];
const DECLINED = 'ORD-1002';
/** The confirmations and charges of three orders, and the end of the one that cannot be charged. */
const LAST_LINES = [
  'confirmation sent',
  'confirmation sent',
  'confirmation sent',
  'card charged',
  'card charged',
  'payment given up',
];

const say = (text: string) => flags.json || console.log(text);
const folder = mkdtempSync(join(tmpdir(), 'waybill-demo-'));
process.once('exit', () => {
  void killAll();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    process.on('uncaughtException', () => {}); // what now fails, fails because it is being stopped
    killAll().then(() => process.exit(130));
  });
}

// 1. A ledger, an embedded PostgreSQL, a web server and a worker: five processes with this one.
const address = Promise.withResolvers<string>();
const ledger = start(CLI, ['serve', '--port', '0', '--data', folder], {}, (line) => {
  const [url] = /http:\S+/.exec(line) ?? [];
  if (url !== undefined) address.resolve(url);
});
say('Starting an embedded PostgreSQL, a ledger, a web server and a worker …');
const postgres = start('./pglite.ts', [], {}, () => {});
const WAYBILL_URL = await Promise.race([address.promise, ledger.message.then(() => address.promise)]);

const lines: LogLine[] = [];
const isOver = Promise.withResolvers<void>();
const open = [...LAST_LINES];
const onLine = (text: string) => {
  const line: LogLine = JSON.parse(text);
  lines.push(line);
  if (line.order_id === DECLINED) say(text);
  if (open.includes(line.msg)) open.splice(open.indexOf(line.msg), 1);
  if (open.length === 0) isOver.resolve();
};
const { url: databaseUrl } = await postgres.message;
const env = { DATABASE_URL: String(databaseUrl), WAYBILL_URL };
const web = start('./web.ts', [], env, onLine);
const { url } = await web.message;
const worker = start('./worker.ts', [], env, onLine);
await worker.message;

// 2. Three orders. Each request is answered at once; the work follows in the other process.
say(`\nThree orders to ${url}/checkout. The log lines of ${DECLINED}, from two processes, as pino wrote them:\n`);
for (const { key, ...order } of ORDERS) {
  await fetch(`${url}/checkout`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, 'idempotency-key': `order:${order.order_id}` },
    body: JSON.stringify(order),
  });
}
await isOver.promise;
await Promise.all([web.stop(), worker.stop()]); // each hands its last facts to the ledger first

// 3. The question.
const failed = lines.find((line) => line.msg === 'payment given up')?.message_id ?? '';
if (flags.json) {
  console.log(JSON.stringify(await jsonReport(WAYBILL_URL, failed, lines)));
} else {
  say(`\nA job failed for good. Which request created it?\n\n$ waybill why ${failed}`);
  spawnSync(process.execPath, [...process.execArgv, fileURLToPath(new URL(CLI, import.meta.url)), 'why', failed], {
    env: { ...process.env, WAYBILL_URL },
    stdio: 'inherit',
  });
}
if (flags.keep) {
  console.error(
    `\nThe ledger stays at ${WAYBILL_URL}. Ctrl-C to stop.\n  WAYBILL_URL=${WAYBILL_URL} npx @waybill/ledger trace order:ORD-1002`,
  );
  await new Promise(() => {}); // until the signal
}
await ledger.stop();
await postgres.stop();
