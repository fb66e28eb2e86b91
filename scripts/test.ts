// Runs the tests from their sources, without a shell: `node scripts/test.ts [--without-brokers]`.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';

const PLACES = [
  'packages/*/test/**/*.test.ts',
  'test/*.test.ts',
  'simulate/*.test.ts',
  'faults/*.test.ts',
  'examples/**/*.test.ts',
];
// Each file is a process, and some start servers of their own: more than two at a time only wait for each other.
const CONCURRENCY = 2;
/** A test that hangs fails, and does not hold the others up. */
const TIMEOUT_MS = 120_000;

const root = join(import.meta.dirname, '..');
const hasBrokers = !process.argv.includes('--without-brokers');
const files = globSync(PLACES, { cwd: root })
  .filter((file) => hasBrokers || !file.endsWith('.broker.test.ts'))
  .sort();
const flags = [
  '--conditions=@waybill/source',
  '--test',
  `--test-concurrency=${CONCURRENCY}`,
  `--test-timeout=${TIMEOUT_MS}`,
];
const { status, error } = spawnSync(process.execPath, [...flags, ...files], { cwd: root, stdio: 'inherit' });
if (error !== undefined) throw error;
// No status: a signal ended it, which is no success either.
process.exitCode = status ?? 1;
