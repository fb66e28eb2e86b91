import { instantOf, isOwnId, timeDigitsOf } from '../packed-id.ts';

/** A fact's id as its row has it. */
export interface SplitId {
  /** What is random in an own id; of any other all of it, marked. */
  readonly rest: string;
  /** The instant that an own id begins with, Unix ms; 0 in any other. */
  readonly ms: number;
}

const randomDigits = 16;
const prefix = 'fct_';
const foreignMark = '=';

/** The time in an own id is mostly that of its fact, which the row has: so only what is random takes bytes. */
export function splitId(factId: string): SplitId {
  if (factId.startsWith(prefix) && isOwnId(factId)) return { rest: factId.slice(-randomDigits), ms: instantOf(factId) };
  return { rest: `${foreignMark}${factId.toWellFormed()}`, ms: 0 };
}

export function joinedId(rest: string, ms: number): string {
  return rest.startsWith(foreignMark) ? rest.slice(foreignMark.length) : `${prefix}${timeDigitsOf(ms)}${rest}`;
}
