import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { VERBS } from '../../src/cli/verbs.ts';
import { temporaryFolder } from './command.ts';
import { performed } from './performed.ts';

const script = async (shell: string) => (await performed(['completion', shell])).stdout;
const bash = await script('bash');

/** What bash offers when Tab is pressed after these words, the last of which is not whole. */
function offered(cwd: string, ...words: string[]): string[] {
  const press = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _waybill; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const printed = execFileSync('bash', ['--norc', '-c', `${bash}\n${press}`, 'bash', 'waybill', ...words], { cwd });
  return String(printed).trim().split('\n');
}

test('bash offers verbs, then the flags of the verb, and what a flag takes', (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, 'trial.sqlite'), '');
  mkdirSync(join(folder, 'trials'));
  const cases: readonly (readonly [words: string[], offered: string[]])[] = [
    [['w'], ['why']],
    [['re'], ['replay', 'restore']],
    [['x'], ['']],
    [['why', '--as'], ['--as-of']],
    [['gaps', '--che'], ['--check']],
    [['why', '--che'], ['']],
    [
      ['why', '--color', 'a'],
      ['always', 'auto'],
    ],
    [
      ['why', '--db', 't'],
      ['trial.sqlite', 'trials'],
    ],
    [['serve', '--data', 't'], ['trials']],
    [['why', '--tenant', ''], ['']],
    [['import', 't'], ['']],
  ];
  for (const [words, expected] of cases) assert.deepEqual(offered(folder, ...words).sort(), expected, words.join(' '));
});

for (const shell of ['bash', 'zsh', 'fish'])
  test(`${shell} is told of every verb and each of its flags`, async () => {
    const lines = (await script(shell)).split('\n');
    for (const { name, flags } of VERBS) {
      const own = lines.filter((line) => new RegExp(`\\b${name}(\\)|'| )`).test(line)).join('\n');
      for (const flag of flags) assert.match(own, new RegExp(`(--|-l )${flag}\\b`), `${name} ${flag}`);
    }
  });

test('a shell that is not known is answered with those that are', async () => {
  for (const words of [[], ['tcsh'], ['bash', 'zsh']]) {
    const { code, stderr } = await performed(['completion', ...words]);
    assert.equal(code, 2);
    assert.match(stderr, /bash, zsh or fish/);
  }
});

test('where several words may have been meant, all of them are named, and at most three', async () => {
  const command = await performed(['wal']);
  assert.match(command.stderr, /^did you mean why or tail\?\nfix: {3}waybill why$/m);
  assert.doesNotMatch((await performed(['wyh'])).stderr, /did you mean/);
  const flag = await performed(['gaps', '--sin']);
  assert.match(flag.stderr, /^did you mean --since or --json\?\nfix: {3}waybill gaps --since$/m);
  const { did_you_mean } = JSON.parse((await performed(['wal', '--json'])).stderr);
  assert.deepEqual(did_you_mean, [
    { kind: 'command', id: 'why' },
    { kind: 'command', id: 'tail' },
  ]);
});
