import type { DatabaseSync } from 'node:sqlite';
import { endingOf } from './endings.ts';
import { packHex, packId } from './packed-id.ts';
import { createRecent } from './recent.ts';
import { checkRow, type RowValue, rowSum } from './row-sums.ts';

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
  const select = database.prepare('SELECT key, first_message, first_at, sum FROM workflows WHERE correlation_id = ?');
  const last = database.prepare('SELECT ifnull(max(key), 0) AS key FROM workflows');
  const insert = database.prepare(
    'INSERT INTO workflows (key, correlation_id, ending, first_message, first_at, sum) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const update = database.prepare('UPDATE workflows SET first_message = ?, first_at = ?, sum = ? WHERE key = ?');
  return remembering('workflow', {
    find: (id) => select.get(packId(id)),
    last: () => Number(last.get()?.['key']),
    insert: (key, id, message, at, sum) => void insert.run(key, packId(id), endingOf(id), message, at, sum),
    update: (key, message, at, sum) => void update.run(message, at, sum, key),
  });
}

export function internTraces(database: DatabaseSync): Wholes {
  const select = database.prepare('SELECT key, first_message, first_at, sum FROM traces WHERE trace_id = ?');
  const last = database.prepare('SELECT ifnull(max(key), 0) AS key FROM traces');
  const insert = database.prepare(
    'INSERT INTO traces (key, trace_id, first_message, first_at, sum) VALUES (?, ?, ?, ?, ?)',
  );
  const update = database.prepare('UPDATE traces SET first_message = ?, first_at = ?, sum = ? WHERE key = ?');
  return remembering('trace', {
    find: (id) => select.get(packHex(id, 32)),
    last: () => Number(last.get()?.['key']),
    insert: (key, id, message, at, sum) => void insert.run(key, packHex(id, 32), message, at, sum),
    update: (key, message, at, sum) => void update.run(message, at, sum, key),
  });
}

interface Rows {
  find(id: string): Record<string, unknown> | undefined;
  /** The largest key that there is. */
  last(): number;
  insert(key: number, id: string, message: number, at: number, sum: number): void;
  update(key: number, message: number, at: number, sum: number): void;
}

/** @throws LEDGER_DAMAGED where the row is not what was written. */
export function checkWhole(kind: 'workflow' | 'trace', id: string, row: Record<string, unknown>): void {
  // Sound: the columns hold integers or null.
  const values = [row['key'], row['first_message'], row['first_at']] as RowValue[];
  checkRow(kind, row['sum'], id, values);
}

function remembering(kind: 'workflow' | 'trace', rows: Rows): Wholes {
  const remembered = createRecent<Whole>(rememberedMax);
  let newestKey: number | undefined;
  function made(id: string, message: number, at: number): Whole {
    const key = (newestKey ?? rows.last()) + 1;
    newestKey = key;
    rows.insert(key, id, message, at, rowSum(id, [key, message, at]));
    return { key, firstAt: at };
  }
  return {
    keyOf(id, message, at) {
      let whole = remembered.get(id);
      if (whole === undefined) {
        const found = rows.find(id);
        if (found) checkWhole(kind, id, found);
        whole = found
          ? { key: Number(found['key']), firstAt: Number(found['first_at'] ?? Number.POSITIVE_INFINITY) }
          : made(id, message, at);
        remembered.set(id, whole);
      }
      if (at < whole.firstAt) {
        whole.firstAt = at;
        rows.update(whole.key, message, at, rowSum(id, [whole.key, message, at]));
      }
      return whole.key;
    },
    forget() {
      remembered.clear();
      newestKey = undefined;
    },
  };
}
