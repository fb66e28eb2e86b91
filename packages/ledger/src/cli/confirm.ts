import { createInterface } from 'node:readline/promises';
import { ledgerError } from '../errors.ts';
import type { Call } from './call.ts';
import { pasted } from './suggestions.ts';

/**
 * Whether whoever runs the command wants it: `--yes` says so, and a terminal is asked.
 *
 * @throws NOT_CONFIRMED without either.
 */
export async function confirmed({ given, verb, operands }: Call, consequence: string): Promise<boolean> {
  if (given.has('yes')) return true;
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) {
    const flags = [...given].flatMap(([flag, value]) => (value === '' ? [`--${flag}`] : [`--${flag}`, value]));
    const fix = pasted('waybill', verb ?? '', ...operands, ...flags, '--yes');
    throw Object.assign(ledgerError('NOT_CONFIRMED', consequence), { fix });
  }
  const terminal = createInterface({ input: stdin, output: stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`This ${consequence}. Go on? [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
