import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../src/cli/run-command.ts';
import { temporaryFolder } from './command.ts';

test('a command that does not end when it is asked to is asked harder', async (context) => {
  const ready = join(temporaryFolder(context), 'ready');
  const signals = new EventEmitter();
  const remarks: string[] = [];
  const deaf = `process.on('SIGINT', () => {}); process.on('SIGTERM', () => {});
    setInterval(() => {}, 1_000); require('node:fs').writeFileSync(${JSON.stringify(ready)}, '');`;
  const code = runCommand([process.execPath, '--eval', deaf], {
    ...{ env: process.env, isOnTerminal: false, signals, patienceMs: 50 },
    remark: (text) => remarks.push(text),
  });
  while (!existsSync(ready)) await new Promise(setImmediate);
  signals.emit('SIGINT');
  assert.equal(await code, 137);
  assert.deepEqual(remarks, [
    'waybill: it still runs, so it gets SIGTERM\n',
    'waybill: it still runs, so it gets SIGKILL\n',
  ]);
  assert.equal(signals.listenerCount('SIGINT'), 0);
});

test('on a terminal, where an interrupt reaches both, it is not passed on a second time', async (context) => {
  const folder = temporaryFolder(context);
  const [ready, enough] = [join(folder, 'ready'), join(folder, 'enough')];
  const signals = new EventEmitter();
  const counts = `const { existsSync, writeFileSync } = require('node:fs');
    let interrupts = 0; process.on('SIGINT', () => interrupts++);
    setInterval(() => existsSync(${JSON.stringify(enough)}) && process.exit(10 + interrupts), 10);
    writeFileSync(${JSON.stringify(ready)}, '');`;
  const options = { env: process.env, isOnTerminal: true, signals, patienceMs: 60_000, remark: () => {} };
  const code = runCommand([process.execPath, '--eval', counts], options);
  while (!existsSync(ready)) await new Promise(setImmediate);
  signals.emit('SIGINT');
  writeFileSync(enough, '');
  assert.equal(await code, 10);
});
