import type { Verb } from '../call.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

const SCRIPTS = new Map([
  ['bash', bashCompletion],
  ['zsh', zshCompletion],
  ['fish', fishCompletion],
]);

/** Undefined for a shell that is not known. */
export function scriptFor(shell: string, verbs: readonly Verb[]): string | undefined {
  return SCRIPTS.get(shell)?.(verbs);
}
