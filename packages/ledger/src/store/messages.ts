import type { DatabaseSync } from 'node:sqlite';
import type { Own, Said } from './fact-lines.ts';
import { idCode } from './id-codes.ts';
import type { IdIndex } from './id-index.ts';
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
  trace: number | null;
  /** Where its newest fact lies, which tells where the one before it does. */
  lastFact: number | null;
  unsettled: number;
  ended: number;
  starts: number;
  marks: number;
}

/** A row that is being written to. */
export interface MessageDraft extends MessageRow {
  readonly id: string;
  /** What its newest fact said; undefined where that has to be read. */
  said: Said | undefined;
  /** Whether it is among those that are written next. */
  isChanged: boolean;
  /** What the file has of it: with the indexes that name it, all is written once, and what changes later is little. */
  written: 'nothing' | 'less than is known' | 'all but its state';
  wasOpen: boolean;
}

export interface Messages {
  /** The row of a message, made where there is none. Whoever changes it says so with `changed`. */
  rowOf(id: string): MessageDraft;
  changed(row: MessageDraft): void;
  /** Writes the changed rows: once for a batch, in which a message often starts and settles. */
  write(): void;
  forget(): void;
}

/** More than twice as many as the facts of a batch, each of which names its message and a cause. */
const rememberedMax = 15_000;

const FIELDS = `key, workflow, cause, first_at AS firstAt, tenant, event_type AS eventType, business_key AS businessKey,
  trace, last_fact AS lastFact, unsettled, ended, starts, marks, open AS wasOpen`;

export function openMessages(database: DatabaseSync, ids: IdIndex): Messages {
  const coded = database.prepare(
    `SELECT ${FIELDS} FROM ids JOIN messages ON messages.key = ids.message WHERE ids.code = ? AND messages.message_id = ?`,
  );
  const keyed = database.prepare(`SELECT ${FIELDS} FROM messages WHERE key = ? AND message_id = ?`);
  const lastKey = database.prepare('SELECT ifnull(max(key), 0) AS key FROM messages');
  const write = openRowWriter(database);
  const remembered = createRecent<MessageDraft>(rememberedMax);
  let unwritten: MessageDraft[] = [];
  let newestKey: number | undefined;

  function changed(row: MessageDraft): void {
    if (row.isChanged) return;
    row.isChanged = true;
    unwritten.push(row);
  }

  function found(id: string, code: number): Record<string, unknown> | undefined {
    const packed = packId(id);
    for (const key of ids.fresh(code)) {
      const row = keyed.get(key, packed);
      if (row !== undefined) return row;
    }
    return coded.get(code, packed);
  }

  function made(id: string, code: number): MessageDraft {
    newestKey = (newestKey ?? Number(lastKey.get()?.['key'])) + 1;
    ids.add(code, newestKey);
    return newRow(newestKey, id);
  }

  return {
    rowOf(id) {
      let row = remembered.get(id);
      if (row !== undefined) return row;
      const code = idCode(id);
      const known = found(id, code);
      // Sound: the columns are named as the fields, and hold integers or null.
      row = known ? readRow(known as unknown as MessageRow & { wasOpen: number }, id) : made(id, code);
      remembered.set(id, row);
      if (!known) changed(row);
      return row;
    },
    changed,
    write() {
      for (const row of unwritten) write(row);
      unwritten = [];
    },
    forget() {
      remembered.clear();
      unwritten = [];
      newestKey = undefined;
    },
  };
}

/** An UPDATE writes every index that has a column of it anew, so there is one for each degree of change. */
function openRowWriter(database: DatabaseSync): (row: MessageDraft) => void {
  const insert = database.prepare(
    `INSERT INTO messages (key, message_id, workflow, cause, first_at, tenant, event_type, business_key, trace, last_fact,
       unsettled, ended, starts, marks, open)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const updateAll = database.prepare(
    `UPDATE messages SET workflow = ?, cause = ?, first_at = ?, tenant = ?, event_type = ?, business_key = ?, trace = ?,
       last_fact = ?, unsettled = ?, ended = ?, starts = ?, marks = ?, open = ? WHERE key = ?`,
  );
  const updateOpenness = database.prepare(
    'UPDATE messages SET last_fact = ?, unsettled = ?, ended = ?, starts = ?, marks = ?, open = ? WHERE key = ?',
  );
  const updateState = database.prepare(
    'UPDATE messages SET last_fact = ?, unsettled = ?, ended = ?, starts = ?, marks = ? WHERE key = ?',
  );
  return (row) => {
    const { key, workflow, cause, firstAt, tenant, eventType, businessKey, trace } = row;
    const { lastFact, unsettled, ended, starts, marks } = row;
    const open = isOpen(row);
    const is = open ? 1 : 0;
    if (row.written === 'nothing') {
      const [id, first] = [packId(row.id), firstAt];
      insert.run(
        key,
        id,
        workflow,
        cause,
        first,
        tenant,
        eventType,
        businessKey,
        trace,
        lastFact,
        unsettled,
        ended,
        starts,
        marks,
        is,
      );
    } else if (row.written === 'less than is known') {
      updateAll.run(
        workflow,
        cause,
        firstAt,
        tenant,
        eventType,
        businessKey,
        trace,
        lastFact,
        unsettled,
        ended,
        starts,
        marks,
        is,
        key,
      );
    } else if (open !== row.wasOpen) updateOpenness.run(lastFact, unsettled, ended, starts, marks, is, key);
    else updateState.run(lastFact, unsettled, ended, starts, marks, key);
    row.written = 'all but its state';
    row.wasOpen = open;
    row.isChanged = false;
  };
}

function newRow(key: number, id: string): MessageDraft {
  const unknown = { workflow: null, cause: null, firstAt: null, tenant: null, eventType: null, businessKey: null };
  const place = { trace: null, lastFact: null, said: undefined };
  return {
    key,
    id,
    ...unknown,
    ...place,
    unsettled: 0,
    ended: 0,
    starts: 0,
    marks: 0,
    written: 'nothing',
    wasOpen: false,
    isChanged: false,
  };
}

function readRow({ wasOpen, ...row }: MessageRow & { readonly wasOpen: number }, id: string): MessageDraft {
  const nothingNew = { said: undefined, written: 'all but its state', isChanged: false } as const;
  return { ...row, id, ...nothingNew, wasOpen: wasOpen === 1 };
}

/** What facts of this message mostly say as well, so that they need not. */
export function ownOf({ workflow, cause, trace, eventType, businessKey }: MessageRow): Own {
  // Sound: whoever asks has told the row of a fact, which has a workflow and a trace.
  return { workflow: workflow as number, cause, trace: trace as number, eventType, businessKey };
}

/**
 * Whether something may still be waited for. Never false too early, in whatever order the facts arrive; an execution
 * that was lost keeps it true, and the question that reads it looks closer.
 */
function isOpen({ firstAt, ended, unsettled }: MessageRow): boolean {
  return firstAt !== null && (ended === 0 || unsettled > 0);
}
