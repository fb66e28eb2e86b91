import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PlainSpan } from './spans.ts';

/** What a scenario's process has told. */
export interface Played<Said> {
  readonly spans: readonly PlainSpan[];
  readonly said: Said;
}

export interface BothRuns<Said> {
  readonly without: Played<Said>;
  readonly with: Played<Said>;
}

const PLAYED_MS_MAX = 45_000;

/** Plays a scenario twice, each in a process of its own: as an app has it today, and with Waybill added. */
export async function playBoth<Said>(
  scenario: string,
  instrumentations: readonly string[],
  ...args: string[]
): Promise<BothRuns<Said>> {
  const [without, added] = await Promise.all([
    play<Said>(scenario, instrumentations, '', args),
    play<Said>(scenario, instrumentations, 'waybill', args),
  ]);
  return { without, with: added };
}

/** Plays it once, with Waybill. */
export function playWith<Said>(
  scenario: string,
  instrumentations: readonly string[],
  ...args: string[]
): Promise<Played<Said>> {
  return play<Said>(scenario, instrumentations, 'waybill', args);
}

async function play<Said>(
  scenario: string,
  instrumentations: readonly string[],
  added: '' | 'waybill',
  args: readonly string[],
): Promise<Played<Said>> {
  const stage = join(import.meta.dirname, 'stage.ts');
  const file = join(import.meta.dirname, 'scenarios', `${scenario}.ts`);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@waybill/source', '--import', stage, file, ...args],
    { env: { ...process.env, BESIDE: `${instrumentations.join(',')};${added}` }, timeout: PLAYED_MS_MAX },
  );
  return JSON.parse(stdout);
}
