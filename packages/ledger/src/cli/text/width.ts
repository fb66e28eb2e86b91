import { createRequire } from 'node:module';

/** Letters, digits and signs of one column, what trees are drawn with, and the ellipsis: most text has nothing else. */
const NARROW = /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2500-\u257f\u2026]*$/;

let measure: ((text: string) => number) | undefined;

/** Columns that a text takes on a terminal: a wide character two, an escape none. */
export function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  // Late: its expressions for emoji take a third of the time in which this process would else start and answer.
  // Sound: the package's default export is this function.
  measure ??= createRequire(import.meta.url)('string-width').default as (text: string) => number;
  return measure(text);
}
