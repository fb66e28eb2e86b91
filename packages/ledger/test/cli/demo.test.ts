import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { ended, said, startWaybill, temporaryFolder, waybill } from './command.ts';

const golden = (name: string) => readFileSync(new URL(`golden/${name}.txt`, import.meta.url), 'utf8');

async function showing(context: TestContext, words: readonly string[] = ['--port', '0'], env: NodeJS.ProcessEnv = {}) {
  const child = startWaybill(['demo', ...words], env);
  context.after(() => child.kill('SIGKILL'));
  const end = ended(child);
  const remarked = new Promise<string>((resolve) => {
    let text = '';
    child.stderr?.on('data', (chunk) => {
      text += chunk;
      if (text.includes('recorded.\n')) resolve(text);
    });
  });
  await said(child, /Ctrl-C to stop\.\n/);
  const url = /WAYBILL_URL=(\S+)\n/.exec(await remarked)?.[1] ?? 'http://127.0.0.1:7733';
  return { child, end, url, env: { WAYBILL_URL: url } };
}

for (const columns of ['40', '80'])
  test(`in ${columns} columns the demo prints its page, and of when its answers are`, async (context) => {
    const { child, end } = await showing(context, ['--port', '0'], { COLUMNS: columns });
    child.kill('SIGINT');
    const { code, stdout, stderr } = await end;
    assert.deepEqual([code, stdout], [0, golden(`demo-${columns}`)]);
    assert.match(stderr, /^Its answers are as of 2026-03-17 14:58:30, when it was recorded\.$/m);
  });

test('what the demo says to try is answered from another shell, as of when it was recorded', async (context) => {
  const { env, child, end } = await showing(context);
  const why = await waybill(['why', 'PWASC1'], { env });
  assert.deepEqual([why.code, why.stdout], [0, golden('why-80')]);
  const gaps = await waybill(['gaps'], { env });
  assert.match(gaps.stdout, /stock\.events -> shipping/);
  assert.match((await waybill(['overdue'], { env })).stdout, /1 {2}email\.send {2}email +10m {2}0 consumers\n/);
  child.kill('SIGTERM');
  assert.equal((await end).code, 0);
});

test('a time of day is one of the recording', async (context) => {
  const { env } = await showing(context);
  assert.equal((await waybill(['tail', '--since', '14:50'], { env })).stdout, golden('tail-80'));
  assert.match((await waybill(['why', 'PWASC1', '--as-of', '14:30'], { env })).stdout, /running attempt 2/);
  assert.match((await waybill(['gaps', '--since', '30m'], { env })).stdout, /^No gaps in \d+ facts since 14:28\.\n$/);
});

test('a recorder that sends to the demo is told to keep its facts', async (context) => {
  const { url } = await showing(context);
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/v1/logs`, { method: 'POST', headers, body: '{"resourceLogs":[]}' });
  assert.equal(response.status, 503);
  assert.match(await response.text(), /LEDGER_READ_ONLY/);
});

test('where the usual port is taken the demo takes another, and says how it is asked', async (context) => {
  const taken = createServer();
  // Where somebody else has it, it is taken as well.
  await new Promise<void>((resolve) => {
    taken.once('error', () => resolve());
    taken.listen(7733, '127.0.0.1', resolve);
  });
  context.after(() => taken.close());
  const { url } = await showing(context, []);
  assert.notEqual(new URL(url).port, '7733');
  const { code, stderr } = await waybill(['demo', '--port', new URL(url).port]);
  assert.equal(code, 1);
  assert.match(stderr, /\(PORT_UNAVAILABLE\)\nfix: {3}waybill demo --port \d+\n$/);
});

test('the demo writes no file', async (context) => {
  const folder = temporaryFolder(context);
  const { child, end } = await showing(context, ['--port', '0'], { TMPDIR: folder });
  child.kill('SIGINT');
  await end;
  assert.deepEqual(readdirSync(folder), []);
});
