import type { DatabaseSync } from 'node:sqlite';
import { endingOf } from './endings.ts';
import { packHex, packId } from './packed-id.ts';
import { createRecent } from './recent.ts';

/** Workflows or traces: each is written once, and knows its earliest message, which stands for the whole. */
interface Wholes {
  /** The key of the whole, of which `message` had a fact at `at`. */
  keyOf(id: string, message: number, at: number): number;
  forget(): void;
}

interface Whole {
  readonly key: number;
  firstAt: number;
}

const rememberedMax = 10_000;

export function internWorkflows(database: DatabaseSync): Wholes {
  const select = database.prepare('SELECT key, first_at FROM workflows WHERE correlation_id = ?');
  const insert = database.prepare(
    'INSERT INTO workflows (correlation_id, ending, first_message, first_at) VALUES (?, ?, ?, ?)',
  );
  const update = database.prepare('UPDATE workflows SET first_message = ?, first_at = ? WHERE key = ?');
  return remembering(
    (id) => select.get(packId(id)),
    (id, message, at) => insert.run(packId(id), endingOf(id), message, at).lastInsertRowid,
    (key, message, at) => void update.run(message, at, key),
  );
}

export function internTraces(database: DatabaseSync): Wholes {
  const select = database.prepare('SELECT key, first_at FROM traces WHERE trace_id = ?');
  const insert = database.prepare('INSERT INTO traces (trace_id, first_message, first_at) VALUES (?, ?, ?)');
  const update = database.prepare('UPDATE traces SET first_message = ?, first_at = ? WHERE key = ?');
  return remembering(
    (id) => select.get(packHex(id, 32)),
    (id, message, at) => insert.run(packHex(id, 32), message, at).lastInsertRowid,
    (key, message, at) => void update.run(message, at, key),
  );
}

function remembering(
  select: (id: string) => Record<string, unknown> | undefined,
  insert: (id: string, message: number, at: number) => number | bigint,
  update: (key: number, message: number, at: number) => void,
): Wholes {
  const remembered = createRecent<Whole>(rememberedMax);
  return {
    keyOf(id, message, at) {
      let whole = remembered.get(id);
      if (whole === undefined) {
        const found = select(id);
        whole = found
          ? { key: Number(found['key']), firstAt: Number(found['first_at'] ?? Number.POSITIVE_INFINITY) }
          : { key: Number(insert(id, message, at)), firstAt: at };
        remembered.set(id, whole);
      }
      if (at < whole.firstAt) {
        whole.firstAt = at;
        update(whole.key, message, at);
      }
      return whole.key;
    },
    forget: remembered.clear,
  };
}
