import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const library = join(import.meta.dirname, '../packages/waybill');
const folder = mkdtempSync(join(tmpdir(), 'waybill-alone-'));
after(() => rmSync(folder, { recursive: true }));

/** A request, a send and a handler, in a process that has no other package than ours. */
const WALK = `
  const modules = await Promise.all(process.argv.slice(1).map((specifier) => import(specifier)));
  const { createWaybill, memoryRecorder } = await import('waybill');
  const { enqueueTask, runTask } = await import('waybill/task-record');
  const recorder = memoryRecorder();
  const waybill = createWaybill({ service: 'alone', recorder });
  const place = { system: 'tasks', destination: 'orders' };
  let column;
  waybill.ingress({ operation: 'checkout' }, () => enqueueTask(place, waybill, (made) => { column = made; }));
  runTask({ ...place, column, attempt: 1 }, waybill, () => 'shipped');
  console.log(JSON.stringify({
    imported: modules.length,
    api: await import('@opentelemetry/api').catch(({ code }) => code),
    facts: recorder.facts.map(({ kind, trace_mode }) => [kind, trace_mode?.mode].join(' ').trim()),
  }));`;

test('without any other package there, OpenTelemetry’s API included, all subpaths load and context is carried', () => {
  for (const part of ['package.json', 'src']) cpSync(join(library, part), join(folder, part), { recursive: true });
  const { exports } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'));
  const specifiers = Object.keys(exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => `waybill${subpath.slice(1)}`);
  assert.ok(specifiers.includes('waybill/otel'));
  const args = ['--conditions=@waybill/source', '--input-type=module', '--eval', WALK, ...specifiers];
  const printed = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  assert.deepEqual(JSON.parse(printed), {
    imported: specifiers.length,
    api: 'ERR_MODULE_NOT_FOUND',
    facts: ['started L', 'sent', 'settled', 'started P', 'settled'],
  });
});
