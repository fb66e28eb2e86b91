import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { ended, startWaybill, temporaryFolder, waybill } from './command.ts';

const node = (code: string) => [
  process.execPath,
  '--conditions=@waybill/source',
  '--input-type=module',
  '--eval',
  code,
];

/** Records one workflow, and prints that it is up. */
const APP = `
  import { createWaybill, otlpRecorder } from 'waybill';
  const recorder = otlpRecorder({ flushMs: 1 });
  const waybill = createWaybill({ service: 'shop', recorder });
  waybill.ingress({ operation: 'checkout', eventType: 'POST /orders' }, () => {});
  await recorder.flush();
  console.log('up', process.env.WAYBILL_URL);`;
const STAYS = 'setInterval(() => {}, 1_000);';

async function running(context: TestContext, code: string, flags: readonly string[] = []) {
  const folder = temporaryFolder(context);
  const child = startWaybill(['dev', '--port', '0', ...flags, '--', ...node(code)], { TMPDIR: folder });
  context.after(() => child.kill('SIGKILL'));
  const end = ended(child);
  const heard = (stream: 'stdout' | 'stderr', words: RegExp) =>
    new Promise<RegExpExecArray>((resolve) => {
      let text = '';
      child[stream]?.on('data', (chunk) => {
        text += chunk;
        const match = words.exec(text);
        if (match) resolve(match);
      });
    });
  return { child, end, heard, folder };
}

const isGone = (pid: number) => {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
};

test('an app under dev sends its facts to a ledger of its own, and each workflow is a line', async (context) => {
  const { child, end, heard, folder } = await running(context, `${APP}${STAYS}`);
  const [[, url = ''], [, workflow = '']] = await Promise.all([
    heard('stdout', /^up (http:\S+)\n/),
    heard('stderr', /^waybill trace (\w{6}) {2}POST \/orders {2}checkout$/m),
  ]);
  const { code, stdout } = await waybill(['trace', workflow], { env: { WAYBILL_URL: url } });
  assert.equal(code, 0);
  assert.match(stdout, /POST \/orders/);
  child.kill('SIGINT');
  const { code: exit, stdout: own, stderr } = await end;
  assert.deepEqual([exit, own], [130, `up ${url}\n`]);
  assert.match(stderr, /^waybill: ledger at http:.* export WAYBILL_URL=/);
  assert.deepEqual(readdirSync(folder), []);
  await assert.rejects(fetch(`${url}/healthz`));
});

test('the exit code is the app’s, also when it ends at once', async (context) => {
  const { end, folder } = await running(context, 'process.exit(3)');
  assert.equal((await end).code, 3);
  assert.deepEqual(readdirSync(folder), []);
});

test('what the app prints goes through as it is, and --quiet adds nothing', async (context) => {
  const { end } = await running(context, `${APP} console.error('\\u001b[31mown\\u001b[0m')`, ['--quiet']);
  const { code, stdout, stderr } = await end;
  assert.deepEqual([code, stderr], [0, '\u001b[31mown\u001b[0m\n']);
  assert.match(stdout, /^up http/);
});

test('flags after -- are the app’s', async () => {
  const { code, stdout } = await waybill(['dev', '--port', '0', '--', process.execPath, '-p', '6 * 7']);
  assert.deepEqual([code, stdout], [0, '42\n']);
});

test('no variable of OpenTelemetry is set, and a ledger elsewhere is not sent to', async () => {
  const code =
    'console.log(JSON.stringify(Object.entries(process.env).filter(([name]) => /^(OTEL|WAYBILL)_/.test(name))))';
  const { stdout } = await waybill(['dev', '--port', '0', '--', ...node(code)]);
  const [[name, url], ...more] = JSON.parse(stdout);
  assert.deepEqual([name, more], ['WAYBILL_URL', []]);
  assert.match(url, /^http:\/\/127\.0\.0\.1:(?!40009)\d+$/);
});

test('a command that does not exist is said to be none', async (context) => {
  const folder = temporaryFolder(context);
  const { code, stderr } = await waybill(['dev', '--port', '0', '--', 'no-such-command'], { env: { TMPDIR: folder } });
  assert.equal(code, 2);
  assert.match(stderr, /^error: "no-such-command" cannot be started: .*ENOENT \(COMMAND_UNSTARTABLE\)$/m);
  assert.deepEqual(readdirSync(folder), []);
  assert.equal((await waybill(['dev'])).code, 2);
});

test('a port that was asked for and is taken is said to be, with the whole command for another', async (context) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  context.after(() => taken.close());
  const { port } = taken.address() as { port: number };
  const { code, stderr } = await waybill(['dev', '--port', String(port), '--', 'npm', 'start']);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`fix: {3}waybill dev --port ${port + 1} -- npm start\\n$`));
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  test(`${signal} is passed on, and the app decides with what it ends`, async (context) => {
    const { child, end, heard } = await running(
      context,
      `process.on('${signal}', () => process.exit(7));${APP}${STAYS}`,
    );
    await heard('stdout', /^up/);
    child.kill(signal);
    assert.equal((await end).code, 7);
  });

test('an app that ignores an interrupt is ended by the second one, with all that it has started', async (context) => {
  const stubborn = "process.on('SIGINT', () => {}); process.on('SIGTERM', () => {});";
  const code = `
    import { spawn } from 'node:child_process';
    const below = spawn(process.execPath, ['--eval', ${JSON.stringify(`${stubborn}console.log('deaf');${STAYS}`)}], { stdio: ['ignore', 'pipe', 'ignore'] });
    ${stubborn}${STAYS}
    below.stdout.once('data', () => console.log('up', process.pid, below.pid));`;
  const { child, end, heard, folder } = await running(context, code);
  const [, ...pids] = (await heard('stdout', /^up (\d+) (\d+)\n/)).map(Number);
  child.kill('SIGINT');
  child.kill('SIGTERM');
  assert.equal((await end).code, 137);
  assert.deepEqual(pids.map(isGone), [true, true]);
  assert.deepEqual(readdirSync(folder), []);
});

test('what an app leaves running is ended with it', async (context) => {
  const code = `
    import { spawn } from 'node:child_process';
    const below = spawn(process.execPath, ['--eval', '${STAYS}'], { stdio: 'ignore' });
    below.unref();
    below.once('spawn', () => console.log('up', below.pid));`;
  const { end, heard } = await running(context, code);
  const [, pid] = (await heard('stdout', /^up (\d+)\n/)).map(Number);
  assert.equal((await end).code, 0);
  assert.ok(isGone(pid ?? 0));
});

test('an app ends with the process that started dev', async (context) => {
  const { child, end, heard } = await running(context, `${APP}${STAYS}`);
  await heard('stdout', /^up/);
  child.disconnect();
  assert.equal((await end).code, 143);
});

test('with --data the ledger stays, and is asked without a server', async (context) => {
  const data = temporaryFolder(context);
  const { end } = await running(context, APP, ['--data', data]);
  assert.equal((await end).code, 0);
  const db = `${data}/ledger.sqlite`;
  assert.ok(existsSync(db));
  assert.match((await waybill(['tail', '--db', db])).stdout, /settled {3}POST \/orders/);
});
