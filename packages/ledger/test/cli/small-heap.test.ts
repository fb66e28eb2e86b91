import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const module = new URL('../../src/cli/small-heap.ts', import.meta.url);

/** How many MB young objects had room for at most, while many were needed, in a process of its own; V8 takes some away again. */
function youngMegabytes(flags: readonly string[], rounds: number, enough = Infinity): number {
  const program = `import { getHeapSpaceStatistics } from 'node:v8';
    import { setImmediate } from 'node:timers/promises';
    import { keepHeapSmall } from '${module}';
    keepHeapSmall(process);
    let [kept, most] = [[], 0];
    for (let round = 0; round < ${rounds} && most <= ${enough}; round++) {
      kept = Array.from({ length: 30_000 }, (_, n) => ({ n, round }));
      await setImmediate();
      const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
      most = Math.max(most, (young.space_used_size + young.space_available_size) / 2 ** 20);
    }
    console.log(most, kept.length);`;
  const words = [...flags, '--input-type=module', '--eval', program];
  return Number.parseFloat(execFileSync(process.execPath, words, { encoding: 'utf8', env: {} }));
}

test('what is young gets 8 MB for each half under load, and no more', () => {
  for (const rounds of [50, 200]) assert.equal(Math.round(youngMegabytes([], rounds)), 8);
});

test('whoever starts the ledger with flags for its heap has said what they want', () => {
  assert.ok(youngMegabytes(['--max-semi-space-size=32'], 2_000, 16) > 16);
});
