import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { current } from '../../../src/core/scope.ts';
import { repeat } from '../../../src/queues/asynq/loop.ts';
import { knownWaybill } from '../../known-waybill.ts';

const LONG_MS = 1_000_000;

test('a step is repeated after the time that it gives, and at once where it gives none', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let steps = 0;
  const loop = repeat('count', async () => (++steps === 1 ? 0 : LONG_MS));
  await turn();
  assert.equal(steps, 2);
  t.mock.timers.tick(LONG_MS);
  await turn();
  assert.equal(steps, 3);
  await loop.stop();
});

test('who wakes it while it waits, or while a step runs, has it look again', async () => {
  let steps = 0;
  const step = Promise.withResolvers<void>();
  const loop = repeat('count', async () => {
    if (++steps === 1) await step.promise;
    return LONG_MS;
  });
  loop.wake();
  step.resolve();
  await turn();
  assert.equal(steps, 2);
  loop.wake();
  await turn();
  assert.equal(steps, 3);
  await loop.stop();
});

test('a stop waits for the step that runs, and no other begins', async () => {
  let steps = 0;
  const step = Promise.withResolvers<void>();
  const loop = repeat('count', async () => {
    steps++;
    await step.promise;
    return 0;
  });
  let isStopped = false;
  const stopped = loop.stop().then(() => {
    isStopped = true;
  });
  await turn();
  assert.equal(isStopped, false);
  step.resolve();
  await stopped;
  await turn();
  assert.equal(steps, 1);
});

test('a step that fails is repeated, and warned of once until it succeeds', async () => {
  const warnings: string[] = [];
  const listen = (warning: Error) => warnings.push(warning.message);
  process.on('warning', listen);
  const fails = [true, true, false, true];
  const loop = repeat('take a task', async () => {
    if (fails.shift()) throw new Error('away');
    return LONG_MS;
  });
  while (fails.length > 0) {
    await turn();
    loop.wake();
  }
  await loop.stop();
  process.emitWarning('the last');
  while (warnings.at(-1) !== 'the last') await once(process, 'warning');
  process.off('warning', listen);
  const text = 'waybill/asynq could not take a task, and goes on trying: Error: away';
  assert.deepEqual(warnings, [text, text, 'the last']);
});

test('it belongs to no scope, whoever starts it', async () => {
  let seen: unknown = 'nothing yet';
  const { waybill } = knownWaybill();
  const loop = waybill.ingress({ operation: 'start' }, () =>
    repeat('look', async () => {
      seen = current();
      return LONG_MS;
    }),
  );
  await loop.stop();
  assert.equal(seen, undefined);
});
