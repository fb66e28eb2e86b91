import type { DatabaseSync } from 'node:sqlite';
import { endingOf } from './endings.ts';
import { packId } from './packed-id.ts';
import { createRecent } from './recent.ts';

/** A message as its row says. What is null is not known yet; `firstAt` is null while it has no facts of its own. */
export interface MessageRow {
  readonly key: number;
  workflow: number | null;
  cause: number | null;
  firstAt: number | null;
  tenant: number | null;
  eventType: number | null;
  businessKey: number | null;
  unsettled: number;
  ended: number;
}

export interface Messages {
  /** The row of a message, made where there is none. Whoever changes it says so with `changed`. */
  rowOf(id: string): MessageRow;
  changed(row: MessageRow): void;
  /** Writes the changed rows: once for a batch, in which a message often starts and settles. */
  write(): void;
  forget(): void;
}

const rememberedMax = 50_000;

export function openMessages(database: DatabaseSync): Messages {
  const select = database.prepare(
    `SELECT key, workflow, cause, first_at AS firstAt, tenant, event_type AS eventType, business_key AS businessKey,
            unsettled, ended
     FROM messages WHERE message_id = ?`,
  );
  const insert = database.prepare('INSERT INTO messages (message_id, ending) VALUES (?, ?)');
  const update = database.prepare(
    `UPDATE messages SET workflow = :workflow, cause = :cause, first_at = :firstAt, tenant = :tenant,
            event_type = :eventType, business_key = :businessKey, unsettled = :unsettled, ended = :ended, open = :open
     WHERE key = :key`,
  );
  const remembered = createRecent<MessageRow>(rememberedMax);
  const unwritten = new Set<MessageRow>();
  return {
    rowOf(id) {
      let row = remembered.get(id);
      if (row !== undefined) return row;
      const packed = packId(id);
      // Sound: the columns are named as the fields, and hold integers or null.
      const found = select.get(packed) as unknown as MessageRow | undefined;
      row = found ? { ...found } : newRow(Number(insert.run(packed, endingOf(id)).lastInsertRowid));
      remembered.set(id, row);
      return row;
    },
    changed: (row) => void unwritten.add(row),
    write() {
      for (const row of unwritten) update.run({ ...row, open: isOpen(row) ? 1 : 0 });
      unwritten.clear();
    },
    forget() {
      remembered.clear();
      unwritten.clear();
    },
  };
}

function newRow(key: number): MessageRow {
  const unknown = { workflow: null, cause: null, firstAt: null, tenant: null, eventType: null, businessKey: null };
  return { key, ...unknown, unsettled: 0, ended: 0 };
}

/**
 * Whether something may still be waited for. Never false too early, in whatever order the facts arrive; an execution
 * that was lost keeps it true, and the question that reads it looks closer.
 */
function isOpen({ firstAt, ended, unsettled }: MessageRow): boolean {
  return firstAt !== null && (ended === 0 || unsettled > 0);
}
