import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { missingBroker } from '../packages/waybill/test/brokers/available.ts';

const root = join(import.meta.dirname, '..');
const execute = promisify(execFile);

/** What an example talks to, by what it imports. */
const BROKERS: readonly (readonly [imports: RegExp, name: string, port: number])[] = [
  [/from '(pg|pg-boss|graphile-worker|agenda)'/, 'PostgreSQL', 5432],
  [/from '(bullmq|ioredis)'/, 'Redis', 6379],
];

/** The lines behind the last `// Output:`. */
function outputOf(source: string): string {
  const [, output] = /\n\/\/ Output:\n((?:\/\/.*\n)+)$/.exec(source) ?? [];
  assert.ok(output !== undefined, 'it ends in a comment that says what it prints');
  return output.replace(/^\/\/ ?/gm, '');
}

for (const file of globSync('*.ts', { cwd: join(root, 'examples') }).sort()) {
  const source = readFileSync(join(root, 'examples', file), 'utf8');
  const needed = BROKERS.filter(([imports]) => imports.test(source));
  const missing = await Promise.all(needed.map(([, name, port]) => missingBroker(name, port)));
  const skip = missing.find((reason) => reason !== undefined) ?? false;

  test(`examples/${file} prints what it says`, { skip }, async () => {
    const { stdout } = await execute(process.execPath, ['--conditions=@waybill/source', join('examples', file)], {
      cwd: root,
      timeout: 60_000,
    });
    assert.equal(stdout, outputOf(source));
  });

  test(`examples/${file} says why it is there, and is short`, () => {
    assert.match(source, /^\/\/ Why/);
    assert.ok(source.split('\n').length <= 101);
  });
}
