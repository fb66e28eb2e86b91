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
  let sum = basis;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), prime);
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? nothing;
    const low = value | 0;
    sum = Math.imul(sum ^ low, prime);
    // Instants are longer than an integer's bits.
    if (low !== value) sum = Math.imul(sum ^ Math.floor(value / 0x1_0000_0000), prime);
    sum ^= sum >>> 15;
  }
  return (sum << 16) >> 16;
}

/** @throws LEDGER_DAMAGED where a row of this kind is not what was written. */
export function checkRow(kind: string, sum: unknown, text: string, values: readonly RowValue[]): void {
  if (sum !== rowSum(text, values)) throw damaged(`the row of a ${kind} is not what was written`);
}
