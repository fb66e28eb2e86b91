import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createSafeguard } from '../../src/core/safeguard.ts';

test('failures are told once a minute, with how many there were', async () => {
  const warnings: string[] = [];
  const listen = ({ message }: Error) => void warnings.push(message);
  process.on('warning', listen);
  let at = 0;
  const guard = createSafeguard(() => at);
  const ask = guard(
    'clock',
    (): number => {
      throw new Error('out of order');
    },
    () => 7,
  );
  for (at = 0; at < 120_000; at += 1000) assert.equal(ask(), 7);
  await turn();
  process.off('warning', listen);
  assert.deepEqual(warnings, [
    'The clock given to Waybill failed once so far: Error: out of order',
    'The clock given to Waybill failed 61 times so far: Error: out of order',
  ]);
});

test('an error that cannot even be read is stood in for too', () => {
  const hostile = new Proxy({}, { get: () => assert.fail('do not read me') });
  const ask = createSafeguard(() => 0)(
    'recorder',
    () => {
      throw hostile;
    },
    () => 'stand-in',
  );
  assert.equal(ask(), 'stand-in');
});
