import type { DatabaseSync } from 'node:sqlite';
import { type Own, SAID_NOTHING, type Said } from './fact-lines.ts';
import { idCode } from './id-codes.ts';
import type { IdIndex } from './id-index.ts';
import { type MessageColumns, openMessageLookUp, openMessageReader } from './message-rows.ts';
import { packId } from './packed-id.ts';
import { createRecent } from './recent.ts';
import { addedTo, folded, textSum } from './row-sums.ts';

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
  /** With which the sum of its row begins. */
  readonly idSum: number;
  /** What its newest fact said, nothing while it has none; undefined where that has to be read. */
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

export function openMessages(database: DatabaseSync, ids: IdIndex): Messages {
  const coded = openMessageLookUp(database, '(SELECT message FROM ids WHERE code = :code)');
  const keyed = openMessageReader(database);
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

  function found(id: string, code: number): MessageColumns | undefined {
    for (const key of ids.fresh(code)) {
      const message = keyed(key);
      if (message?.id === id) return message.columns;
    }
    return coded(id);
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
      row = known ? readRow(known, id) : made(id, code);
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
       unsettled, ended, starts, marks, open, sum)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const updateAll = database.prepare(
    `UPDATE messages SET workflow = ?, cause = ?, first_at = ?, tenant = ?, event_type = ?, business_key = ?, trace = ?,
       last_fact = ?, unsettled = ?, ended = ?, starts = ?, marks = ?, open = ?, sum = ? WHERE key = ?`,
  );
  const updateOpenness = database.prepare(
    'UPDATE messages SET last_fact = ?, unsettled = ?, ended = ?, starts = ?, marks = ?, open = ?, sum = ? WHERE key = ?',
  );
  const updateState = database.prepare(
    'UPDATE messages SET last_fact = ?, unsettled = ?, ended = ?, starts = ?, marks = ?, sum = ? WHERE key = ?',
  );
  return (row) => {
    const { key, workflow, cause, firstAt, tenant, eventType, businessKey, trace } = row;
    const { lastFact, unsettled, ended, starts, marks, written } = row;
    const isNowOpen = isOpen(row);
    const open = isNowOpen ? 1 : 0;
    const sum = sumOf(row, open);
    if (written === 'nothing') {
      const named = [key, packId(row.id), workflow, cause, firstAt, tenant, eventType, businessKey, trace] as const;
      insert.run(...named, lastFact, unsettled, ended, starts, marks, open, sum);
    } else if (written === 'less than is known') {
      const named = [workflow, cause, firstAt, tenant, eventType, businessKey, trace] as const;
      updateAll.run(...named, lastFact, unsettled, ended, starts, marks, open, sum, key);
    } else if (isNowOpen !== row.wasOpen) {
      updateOpenness.run(lastFact, unsettled, ended, starts, marks, open, sum, key);
    } else {
      updateState.run(lastFact, unsettled, ended, starts, marks, sum, key);
    }
    row.written = 'all but its state';
    row.wasOpen = isNowOpen;
    row.isChanged = false;
  };
}

/** As of a row with all of SUMMED_COLUMNS, in their order. */
function sumOf(row: MessageDraft, open: number): number {
  let sum = addedTo(addedTo(addedTo(row.idSum, row.key), row.workflow), row.cause);
  sum = addedTo(addedTo(addedTo(sum, row.firstAt), row.tenant), row.eventType);
  sum = addedTo(addedTo(addedTo(sum, row.businessKey), row.trace), row.lastFact);
  sum = addedTo(addedTo(addedTo(sum, row.unsettled), row.ended), row.starts);
  return folded(addedTo(addedTo(sum, row.marks), open));
}

function newRow(key: number, id: string): MessageDraft {
  return {
    key,
    id,
    idSum: textSum(id),
    workflow: null,
    cause: null,
    firstAt: null,
    tenant: null,
    eventType: null,
    businessKey: null,
    trace: null,
    lastFact: null,
    said: SAID_NOTHING,
    unsettled: 0,
    ended: 0,
    starts: 0,
    marks: 0,
    written: 'nothing',
    wasOpen: false,
    isChanged: false,
  };
}

function readRow(columns: MessageColumns, id: string): MessageDraft {
  return {
    key: columns[0],
    id,
    idSum: textSum(id),
    workflow: columns[1],
    cause: columns[2],
    firstAt: columns[3],
    tenant: columns[4],
    eventType: columns[5],
    businessKey: columns[6],
    trace: columns[7],
    lastFact: columns[8],
    said: columns[8] === null ? SAID_NOTHING : undefined,
    unsettled: columns[9],
    ended: columns[10],
    starts: columns[11],
    marks: columns[12],
    written: 'all but its state',
    wasOpen: columns[13] === 1,
    isChanged: false,
  };
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
