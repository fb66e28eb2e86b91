import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { SentFact } from 'waybill';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { runLedger } from '../server/running-ledger.ts';
import { sent } from '../store/made-facts.ts';
import { answering, ended, ledgerFile, said, startWaybill, waybill } from './command.ts';

const of = (message_id: string, more: Partial<SentFact> = {}) =>
  sent({ at: Date.now(), message_id, correlation_id: message_id, ...more });

function follow(context: TestContext, words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = startWaybill(['tail', '--follow', ...words], env);
  context.after(() => child.kill('SIGKILL'));
  return { child, end: ended(child) };
}

const idsOf = (stdout: string) => [...stdout.matchAll(/"message_id":"(\w+)"/g)].map(([, id]) => id);

test('--follow prints the last facts, then each that comes, until it is interrupted', async (context) => {
  const { url, store } = await runLedger(context);
  await store.append([of('before')]);
  const { child, end } = follow(context, ['--json', '--tenant', 'acme'], { WAYBILL_URL: url });
  await said(child, /before/);
  await store.append([of('a'), of('theirs', { tenant_id: 'other' }), of('b')]);
  await said(child, /"b"/);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await end;
  assert.deepEqual([code, stderr, idsOf(stdout)], [130, '', ['before', 'a', 'b']]);
});

test('what comes is a line each, below those of the page', async (context) => {
  const { url, store } = await runLedger(context);
  await store.append([of('m', { event_type: 'order.created' })]);
  const { child, end } = follow(context, [], { WAYBILL_URL: url });
  await said(child, /order\.created/);
  await store.append([of('n', { event_type: 'order.changed', destination: '\u001b[2Jorders' })]);
  await said(child, /order\.changed.*\n/);
  child.kill('SIGINT');
  const lines = (await end).stdout.split('\n');
  assert.equal(lines.length, 3);
  assert.match(lines[0] ?? '', /^[\d:.]+ {2}sent {6}order\.created +m +to orders$/);
  assert.match(lines[1] ?? '', /^[\d:.]+ {2}sent {6}order\.changed +n +to \S+orders$/);
  assert.ok(!lines[1]?.includes('\u001b'));
});

test('a file is followed without a server, whoever writes to it', async (context) => {
  const path = await ledgerFile(context, []);
  const { child, end } = follow(context, ['--json', '--db', path]);
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  await store.append([of('a')]);
  await said(child, /"a"/);
  child.kill('SIGINT');
  assert.equal((await end).code, 130);
});

const at = '2026-03-17T14:58:30.000Z';
const EMPTY = JSON.stringify({
  ...{ schema: 'waybill.tail/1', as_of: at, partial: false, warnings: [] },
  data: { searched: { window: { from: at, to: at }, facts: 0 }, facts: [], not_shown: 0, cursor: '7' },
});

/** What a ledger would send: a page without facts, then on each connection what the case says. */
async function sending(context: TestContext, ...streams: ((answer: ServerResponse) => void)[]) {
  const asked: (string | string[] | undefined)[] = [];
  const url = await answering(context, ({ url: path, headers, socket }, answer) => {
    if (!path?.includes('/events')) return void answer.end(EMPTY);
    asked.push(headers['last-event-id']);
    const stream = streams[asked.length - 1];
    if (stream === undefined) return void socket.destroy();
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.write('retry: 1\n\n');
    stream(answer);
  });
  return { url, asked };
}

const event = (id: number, message_id: string) => `id: ${id}\ndata: ${JSON.stringify({ message_id })}\n\n`;

test('a connection that is lost is made again, behind the last fact that came whole', async (context) => {
  const { url, asked } = await sending(
    context,
    (answer) => answer.write(event(8, 'a') + event(9, 'b').slice(0, 12), () => answer.socket?.destroy()),
    (answer) => answer.end(`${event(9, 'b')}event: end\ndata: {}\n\n`),
    (answer) => answer.write(event(10, 'c')),
  );
  const { child, end } = follow(context, ['--json'], { WAYBILL_URL: url });
  await said(child, /"c"/);
  child.kill('SIGINT');
  const { stdout, stderr } = await end;
  assert.deepEqual(
    [idsOf(stdout), asked],
    [
      ['a', 'b', 'c'],
      ['7', '8', '9'],
    ],
  );
  assert.equal(stderr, 'the ledger is away: trying again\n'.repeat(2));
});

test('a ledger that does not come back is said to be away, with exit code 5', async (context) => {
  const { url, asked } = await sending(context, (answer) => answer.end());
  const { code, stderr } = await follow(context, [], { WAYBILL_URL: url }).end;
  assert.equal(code, 5, stderr);
  assert.match(
    stderr,
    /^the ledger is away: trying again\nerror: ledger at 127\.0\.0\.1:\d+ .*\(LEDGER_UNREACHABLE\)\nfix: /,
  );
  assert.equal(asked.length, 12);
});

test('a ledger that is away at the start, or lets nobody follow, is said at once', async (context) => {
  assert.equal((await waybill(['tail', '--follow'])).code, 5);
  const error = { schema: 'waybill.error/1', code: 'TOKEN_MISSING', message: 'no token', fix: 'give one' };
  const url = await answering(context, ({ url: path }, answer) => {
    answer.statusCode = path?.includes('/events') ? 401 : 200;
    answer.end(path?.includes('/events') ? JSON.stringify(error) : EMPTY);
  });
  const { code, stderr } = await waybill(['tail', '--follow'], { env: { WAYBILL_URL: url } });
  assert.deepEqual([code, stderr], [6, 'error: no token (TOKEN_MISSING)\nfix:   give one\n']);
});

test('--follow has no end, and is refused with one', async () => {
  for (const end of ['--until', '--as-of']) {
    const { code, stderr } = await waybill(['tail', '--follow', end, '14:00']);
    assert.equal(code, 2);
    assert.match(stderr, /^error: --follow has to be without --(until|as-of)/);
  }
});

test('whoever reads no further ends it, without an error', async (context) => {
  const { url, store } = await runLedger(context);
  await store.append([of('a')]);
  const { child, end } = follow(context, ['--json'], { WAYBILL_URL: url });
  await said(child, /"a"/);
  child.stdout?.destroy();
  await store.append([of('b')]);
  assert.deepEqual(await end.then(({ code, stderr }) => [code, stderr]), [0, '']);
});
