import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const module = new URL('../../src/cli/small-heap.ts', import.meta.url);

/** How much room young objects have once many were needed for a while, by how much they had, in a process of its own. */
function growth(flags: readonly string[]): number {
  const program = `import { getHeapSpaceStatistics } from 'node:v8';
    import { keepHeapSmall } from '${module}';
    const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size;
    const before = young();
    keepHeapSmall(process);
    let kept = [];
    for (let round = 0; round < 30; round++) kept = Array.from({ length: 30_000 }, (_, n) => ({ n, round }));
    console.log(young() / before, kept.length);`;
  const words = [...flags, '--input-type=module', '--eval', program];
  return Number.parseFloat(execFileSync(process.execPath, words, { encoding: 'utf8', env: {} }));
}

test('what is young takes no more room under load than it had, unless whoever starts the ledger says otherwise', () => {
  // Twice, because what lives on is moved to a second half.
  assert.ok(growth([]) <= 2);
  assert.ok(growth(['--max-semi-space-size=32']) > 2);
});
