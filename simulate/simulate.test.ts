import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { summed, type Tally, tally } from './tally.ts';

const WORKFLOWS = 300;
const FAULTS = { lostFacts: 0.05, lostContext: 0.1, skewMs: 5_000 };
let complete: Tally;
let faulty: Tally;

before(() => {
  complete = tally(7, WORKFLOWS, undefined);
  faulty = tally(7, WORKFLOWS, FAULTS);
});

for (const question of ['why', 'time', 'run', 'blast', 'gaps', 'overdue', 'failures']) {
  test(`where no fact is lost, every answer to "${question}" is what happened`, () => {
    assert.deepEqual(complete.wrong[question], []);
    const { right, total } = complete.answers[question] ?? { right: 0, total: 0 };
    assert.equal(right, total);
    assert.ok(total >= WORKFLOWS, `only ${total} answers were asked for`);
  });

  test(`where facts and contexts are lost and clocks disagree, nothing of "${question}" that is called observed is wrong`, () => {
    const { observed, observedWrong, inferred } = faulty.claims[question] ?? {};
    assert.equal(observedWrong, 0, faulty.wrong[question]?.join('\n'));
    assert.ok((observed ?? 0) + (inferred ?? 0) >= 20, 'it says something');
  });
}

test('of what is inferred at least 95 % is right, and at most 10 % of all is left unknown', () => {
  const { observed, inferred, inferredRight, unknown } = summed(faulty.claims);
  assert.ok(inferredRight / inferred >= 0.95, `${inferredRight} of ${inferred} are right`);
  assert.ok(unknown / (observed + inferred + unknown) <= 0.1, `${unknown} unknown`);
});

test('the parts of every message’s time add up to its wall time exactly, whatever is missing', () => {
  for (const { sums } of [complete, faulty]) {
    assert.equal(sums.right, sums.total);
    assert.ok(sums.total > WORKFLOWS * 10);
  }
});

const command = join(import.meta.dirname, 'simulate.ts');
const run = (...args: string[]) =>
  spawnSync(process.execPath, ['--conditions=@waybill/source', command, ...args], { encoding: 'utf8' });

test('the command prints the same figures for the same seed, as JSON', () => {
  const args = ['--conditions=@waybill/source', command, '--seed', '7', '--workflows', '20', '--json'];
  const [first, second] = [0, 1].map(() => execFileSync(process.execPath, args, { encoding: 'utf8' }));
  assert.equal(first, second);
  const printed = JSON.parse(first ?? '');
  assert.deepEqual(Object.keys(printed.complete), ['why', 'time', 'run', 'blast', 'gaps', 'overdue', 'failures']);
  assert.deepEqual(Object.keys(printed.faulty), ['observed_wrong', 'inferred_right', 'unknown']);
});

test('the command says what is wrong with its arguments, and of what kind they are', () => {
  const { status, stderr } = run('--workflows', 'many');
  assert.equal(status, 2);
  assert.match(stderr, /^error: --workflows is to be a whole number of at least 1, and not "many"\n$/);
});
