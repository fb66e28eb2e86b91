import type { DatabaseSync } from 'node:sqlite';
import { createRecent } from './recent.ts';
import { checkRow, rowSum } from './row-sums.ts';

/** Writes each text or id once, and gives the integer key under which facts refer to it. */
export interface Interned {
  keyOf(text: string): number;
  /** Forgets what it remembers: after a rollback it may be wrong. */
  forget(): void;
}

const rememberedMax = 20_000;

export function internNames(database: DatabaseSync): Interned {
  const select = database.prepare('SELECT key, sum FROM names WHERE text = ?');
  const next = database.prepare('SELECT ifnull(max(key), 0) + 1 AS key FROM names');
  const insert = database.prepare('INSERT INTO names (key, text, sum) VALUES (?, ?, ?)');
  return remembering((text) => {
    const found = select.get(text);
    if (found) return checkedKey('name', found, text);
    const key = Number(next.get()?.['key']);
    insert.run(key, text, rowSum(text, [key]));
    return key;
  });
}

export function internBusinessKeys(database: DatabaseSync): Interned {
  const select = database.prepare('SELECT key, sum FROM business_keys WHERE text = ?');
  const next = database.prepare('SELECT ifnull(max(key), 0) + 1 AS key FROM business_keys');
  const insert = database.prepare('INSERT INTO business_keys (key, text, bare, sum) VALUES (?, ?, ?, ?)');
  return remembering((text) => {
    const found = select.get(text);
    if (found) return checkedKey('business key', found, text);
    const key = Number(next.get()?.['key']);
    const colonAt = text.indexOf(':');
    insert.run(key, text, colonAt < 0 ? null : text.slice(colonAt + 1), rowSum(text, [key]));
    return key;
  });
}

function checkedKey(kind: string, found: Record<string, unknown>, text: string): number {
  const key = Number(found['key']);
  checkRow(kind, found['sum'], text, [key]);
  return key;
}

function remembering(lookUp: (text: string) => number): Interned {
  const remembered = createRecent<number>(rememberedMax);
  return {
    keyOf(text) {
      let key = remembered.get(text);
      if (key === undefined) {
        key = lookUp(text);
        remembered.set(text, key);
      }
      return key;
    },
    forget: remembered.clear,
  };
}
