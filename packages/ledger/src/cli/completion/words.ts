import type { Verb } from '../call.ts';
import { FLAGS, type FlagName } from '../flags.ts';

/** What a flag takes, as far as a shell can help with it. */
type Taken = 'file' | 'folder' | 'text' | readonly string[];

const BY_VALUE: Readonly<Record<string, Taken>> = {
  PATH: 'file',
  FILE: 'file',
  DIR: 'folder',
  WHEN: ['always', 'never', 'auto'],
  '1': ['1'],
};

// Sound: the keys of a constant are its names.
const NAMES = Object.keys(FLAGS) as FlagName[];

/** The flags that take a value. */
export function valuedFlags(): FlagName[] {
  return NAMES.filter((name) => FLAGS[name].type === 'string');
}

export function takenBy(name: FlagName): Taken {
  const flag = FLAGS[name];
  return 'value' in flag ? (BY_VALUE[flag.value] ?? 'text') : 'text';
}

/** The words that may follow a verb, beside its operands. */
export function wordsOf({ name, flags }: Verb): string[] {
  return [...(name === 'completion' ? SHELLS : []), ...flags.map((flag) => `--${flag}`)];
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
