import type { DatabaseSync } from 'node:sqlite';
import { createRecent } from './recent.ts';
import { checkRow, rowSum } from './row-sums.ts';

/** Writes each text or id once, and gives the integer key under which facts refer to it. */
export interface Interned {
  keyOf(text: string): number;
  /** As `keyOf`, of one field, whose text is mostly that of the fact before: to look that up takes longer than to compare. */
  ofField(): (text: string) => number;
  /** Forgets what it remembers: after a rollback it may be wrong. */
  forget(): void;
}

const rememberedMax = 20_000;

export function internNames(database: DatabaseSync): Interned {
  const select = database.prepare('SELECT key, sum FROM names WHERE text = ?');
  const last = database.prepare('SELECT ifnull(max(key), 0) AS key FROM names');
  const insert = database.prepare('INSERT INTO names (key, text, sum) VALUES (?, ?, ?)');
  return remembering({
    kind: 'name',
    find: (text) => select.get(text),
    last: () => Number(last.get()?.['key']),
    insert: (key, text, sum) => void insert.run(key, text, sum),
  });
}

export function internBusinessKeys(database: DatabaseSync): Interned {
  const select = database.prepare('SELECT key, sum FROM business_keys WHERE text = ?');
  const last = database.prepare('SELECT ifnull(max(key), 0) AS key FROM business_keys');
  const insert = database.prepare('INSERT INTO business_keys (key, text, bare, sum) VALUES (?, ?, ?, ?)');
  return remembering({
    kind: 'business key',
    find: (text) => select.get(text),
    last: () => Number(last.get()?.['key']),
    insert(key, text, sum) {
      const colonAt = text.indexOf(':');
      insert.run(key, text, colonAt < 0 ? null : text.slice(colonAt + 1), sum);
    },
  });
}

interface Rows {
  readonly kind: string;
  find(text: string): Record<string, unknown> | undefined;
  /** The largest key that there is. */
  last(): number;
  insert(key: number, text: string, sum: number): void;
}

function remembering(rows: Rows): Interned {
  const remembered = createRecent<number>(rememberedMax);
  let forgotten = 0;
  let newestKey: number | undefined;

  function lookUp(text: string): number {
    const found = rows.find(text);
    if (found) {
      const key = Number(found['key']);
      checkRow(rows.kind, found['sum'], text, [key]);
      return key;
    }
    newestKey = (newestKey ?? rows.last()) + 1;
    rows.insert(newestKey, text, rowSum(text, [newestKey]));
    return newestKey;
  }

  function keyOf(text: string): number {
    let key = remembered.get(text);
    if (key === undefined) {
      key = lookUp(text);
      remembered.set(text, key);
    }
    return key;
  }

  return {
    keyOf,
    ofField() {
      let last: { readonly text: string; readonly key: number; readonly since: number } | undefined;
      return (text) => {
        if (last === undefined || last.text !== text || last.since !== forgotten)
          last = { text, key: keyOf(text), since: forgotten };
        return last.key;
      };
    },
    forget() {
      forgotten++;
      newestKey = undefined;
      remembered.clear();
    },
  };
}
