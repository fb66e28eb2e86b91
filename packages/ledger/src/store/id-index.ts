import type { DatabaseSync } from 'node:sqlite';
import { type CodedMessage, openFreshIds } from './fresh-ids.ts';

/** Which messages an id may name: their own, an execution's, a broker's, or a span's. Codes are those of id-codes.ts. */
export interface IdIndex {
  add(code: number, message: number): void;
  /** Messages of this code that the table may not have yet. */
  fresh(code: number): number[];
  /** Writes what was added. */
  write(): void;
  /** Removes what is there. */
  remove(coded: readonly CodedMessage[]): void;
  forget(): void;
}

/** The messages of `:code`, as a table; and the codes from `:low` to `:high` with theirs. */
export const CODED = `(SELECT message FROM ids WHERE code = :code
  UNION SELECT value ->> 1 FROM json_each(fresh_ids(:code, :code)))`;
export const CODED_BETWEEN = `(SELECT code, message FROM ids WHERE code BETWEEN :low AND :high
  UNION SELECT value ->> 0, value ->> 1 FROM json_each(fresh_ids(:low, :high)))`;

const rowsAtOnce = 16;

/** Of each database one, and before what reads ids by `CODED`: it brings the function of these statements. */
export function openIdIndex(database: DatabaseSync, freshMax?: number): IdIndex {
  const fresh = openFreshIds(database, freshMax);
  const write = openRowWriter(database);
  const remove = database.prepare('DELETE FROM ids WHERE code = ? AND message = ?');
  database.function('fresh_ids', (low, high) => {
    const coded = fresh.between(Number(low), Number(high));
    return coded.length === 0 ? null : JSON.stringify(coded);
  });
  // Codes and messages by turns, as `FreshIds` takes them.
  let unwritten: number[] = [];
  return {
    add: (code, message) => void unwritten.push(code, message),
    fresh: (code) => fresh.between(code, code).map(([, message]) => message),
    write() {
      fresh.add(unwritten, write);
      unwritten = [];
    },
    remove(coded) {
      for (const [code, message] of coded) remove.run(code, message);
      fresh.remove(coded);
    },
    forget() {
      unwritten = [];
      fresh.forget();
    },
  };
}

function openRowWriter(database: DatabaseSync): (pairs: readonly number[]) => void {
  const insert = database.prepare('INSERT OR IGNORE INTO ids (code, message) VALUES (?, ?)');
  const insertMany = database.prepare(
    `INSERT OR IGNORE INTO ids (code, message) VALUES ${Array(rowsAtOnce).fill('(?, ?)').join(', ')}`,
  );
  return (pairs) => {
    const numbersAtOnce = 2 * rowsAtOnce;
    let at = 0;
    for (; at + numbersAtOnce <= pairs.length; at += numbersAtOnce)
      insertMany.run(...pairs.slice(at, at + numbersAtOnce));
    for (; at < pairs.length; at += 2) insert.run(...pairs.slice(at, at + 2));
  };
}
