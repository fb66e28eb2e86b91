import type { DatabaseSync } from 'node:sqlite';
import { endingOf } from './endings.ts';
import { type PackedId, packId } from './packed-id.ts';
import { createRecent } from './recent.ts';

/** Writes each text or id once, and gives the integer key under which facts refer to it. */
export interface Interned {
  keyOf(text: string): number;
  /** Forgets what it remembers: after a rollback it may be wrong. */
  forget(): void;
}

/** The same for what is unique only together with a message. */
interface InternedPair {
  keyOf(id: string, message: number): number;
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

export function internExecutions(database: DatabaseSync): InternedPair {
  const select = database.prepare('SELECT key FROM executions WHERE execution_id = ? AND message = ?');
  const insert = database.prepare('INSERT INTO executions (execution_id, message, ending) VALUES (?, ?, ?)');
  return rememberingPairs((id, message) => {
    const packed: PackedId = packId(id);
    const found = select.get(packed, message);
    return Number(found ? found['key'] : insert.run(packed, message, endingOf(id)).lastInsertRowid);
  });
}

export function internBrokerIds(database: DatabaseSync): InternedPair {
  const select = database.prepare('SELECT key FROM broker_ids WHERE broker_id = ? AND message = ?');
  const insert = database.prepare('INSERT INTO broker_ids (broker_id, message) VALUES (?, ?)');
  return rememberingPairs((id, message) => {
    const found = select.get(id, message);
    return Number(found ? found['key'] : insert.run(id, message).lastInsertRowid);
  });
}

/** Remembers the last message of each id: outside batches an execution has one, and so has a broker's id. */
function rememberingPairs(lookUp: (id: string, message: number) => number): InternedPair {
  const remembered = createRecent<{ readonly message: number; readonly key: number }>(rememberedMax);
  return {
    keyOf(id, message) {
      const known = remembered.get(id);
      if (known?.message === message) return known.key;
      const key = lookUp(id, message);
      remembered.set(id, { message, key });
      return key;
    },
    forget: remembered.clear,
  };
}
