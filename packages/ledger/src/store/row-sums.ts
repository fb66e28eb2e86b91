import { damaged } from './damage.ts';

export type RowValue = number | null;

/** Of FNV-1a. */
const basis = 0x811c9dc5;
const prime = 0x01000193;
/** What a null counts as: no key and no count is as small. */
const nothing = -0x5eed;

/**
 * A sum of what a row says: SQLite looks at the structure of its pages, and a bit that a disk turned over in a row would
 * be another answer. Sixteen bits, which take two bytes of it.
 */
export function rowSum(text: string, values: readonly RowValue[]): number {
  let sum = textSum(text);
  for (const value of values) sum = addedTo(sum, value);
  return folded(sum);
}

/** The same in steps, for whoever writes a row with each fact: begins with its text, */
export function textSum(text: string): number {
  let sum = basis;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), prime);
  return sum;
}

/** goes on with one value after another, */
export function addedTo(before: number, given: RowValue): number {
  const value = given ?? nothing;
  const low = value | 0;
  let sum = Math.imul(before ^ low, prime);
  // Instants are longer than an integer's bits.
  if (low !== value) sum = Math.imul(sum ^ Math.floor(value / 0x1_0000_0000), prime);
  return sum ^ (sum >>> 15);
}

/** and ends with what is kept of it. */
export function folded(sum: number): number {
  return (sum << 16) >> 16;
}

/** @throws LEDGER_DAMAGED where a row of this kind is not what was written. */
export function checkRow(kind: string, sum: unknown, text: string, values: readonly RowValue[]): void {
  if (sum !== rowSum(text, values)) throw damaged(`the row of a ${kind} is not what was written`);
}
