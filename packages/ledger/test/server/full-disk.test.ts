import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { ended, said, startWaybill, temporaryFolder } from '../cli/command.ts';
import { bodyOfFacts } from '../ingest/otlp-body.ts';
import { sent } from '../store/made-facts.ts';
import { ask } from './running-ledger.ts';

const mebibyte = 1024 * 1024;
// A file that may not grow fails to be written like one on a full disk, and needs no disk of its own.
const skip = spawnSync('prlimit', ['--version']).error && 'prlimit is not here, which limits the files of a process';

test('a full disk: exports are refused and told when to come again, questions go on, and writing does once there is room', {
  skip,
}, async (context) => {
  const child = startWaybill(['serve', '--port', '0', '--data', temporaryFolder(context)]);
  context.after(() => child.kill('SIGKILL'));
  const end = ended(child);
  const [, url = ''] = await said(child, /(http:\S+)/);
  const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:unlimited`]);
  const send = (id: string) => {
    const bindings = JSON.stringify({ much: 'x'.repeat(50_000) });
    const body = bodyOfFacts([sent({ message_id: id, correlation_id: id, bindings })]);
    return ask(url, 'POST', '/v1/logs', { 'content-type': 'application/json' }, body);
  };
  const acknowledged: string[] = [];
  const ready = async () => (await ask(url, 'GET', '/readyz', {})).status;
  const isKnown = async (id: string) => (await ask(url, 'GET', `/api/v1/why?id=${id}`, {})).status === 200;
  limit(String(2 * mebibyte));
  let refused = await send('0');
  for (let n = 0; refused.status === 200; n++) {
    acknowledged.push(String(n));
    refused = await send(String(n + 1));
  }
  assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '1']);
  // Where a large fact finds no room a small one still does: now not one page is left.
  limit('4096');
  assert.ok(acknowledged.length > 10);
  assert.equal(await ready(), 503);
  for (const id of acknowledged) assert.ok(await isKnown(id), id);
  limit('unlimited');
  assert.deepEqual([await ready(), (await send('last')).status], [200, 200]);
  for (const id of [...acknowledged, 'last']) assert.ok(await isKnown(id), id);
  child.kill('SIGTERM');
  assert.equal((await end).code, 0);
});
