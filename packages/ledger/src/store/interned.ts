import type { DatabaseSync } from 'node:sqlite';
import { createRecent } from './recent.ts';

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
  const select = database.prepare('SELECT key FROM names WHERE text = ?');
  const insert = database.prepare('INSERT INTO names (text) VALUES (?)');
  return remembering((text) => {
    const found = select.get(text);
    return Number(found ? found['key'] : insert.run(text).lastInsertRowid);
  });
}

export function internBusinessKeys(database: DatabaseSync): Interned {
  const select = database.prepare('SELECT key FROM business_keys WHERE text = ?');
  const insert = database.prepare('INSERT INTO business_keys (text, bare) VALUES (?, ?)');
  return remembering((text) => {
    const found = select.get(text);
    if (found) return Number(found['key']);
    const colonAt = text.indexOf(':');
    return Number(insert.run(text, colonAt < 0 ? null : text.slice(colonAt + 1)).lastInsertRowid);
  });
}

function remembering(lookUp: (text: string) => number): Interned {
  const remembered = createRecent<number>(rememberedMax);
  let forgotten = 0;

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
      remembered.clear();
    },
  };
}
