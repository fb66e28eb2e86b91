import type { DatabaseSync } from 'node:sqlite';

/** Which messages an id may name: their own, an execution's, a broker's, or a span's. Codes are those of id-codes.ts. */
export interface IdIndex {
  add(code: number, message: number): void;
  /** Writes what was added, in the order of the index. */
  write(): void;
  forget(): void;
}

const rowsAtOnce = 16;

export function openIdIndex(database: DatabaseSync): IdIndex {
  const insert = database.prepare('INSERT OR IGNORE INTO ids (code, message) VALUES (?, ?)');
  const insertMany = database.prepare(
    `INSERT OR IGNORE INTO ids (code, message) VALUES ${Array(rowsAtOnce).fill('(?, ?)').join(', ')}`,
  );
  let unwritten: [code: number, message: number][] = [];
  return {
    add: (code, message) => void unwritten.push([code, message]),
    write() {
      unwritten.sort((a, b) => a[0] - b[0]);
      let at = 0;
      for (; at + rowsAtOnce <= unwritten.length; at += rowsAtOnce)
        insertMany.run(...unwritten.slice(at, at + rowsAtOnce).flat());
      for (; at < unwritten.length; at++) insert.run(...(unwritten[at] ?? [0, 0]));
      unwritten = [];
    },
    forget() {
      unwritten = [];
    },
  };
}
