import type { DatabaseSync } from 'node:sqlite';
import { damaged } from './damage.ts';
import { idCode } from './id-codes.ts';
import { idOfText, idText } from './packed-id.ts';
import { checkRow, type RowValue } from './row-sums.ts';

/** All columns of a message but its id and its sum, which is made of these, in this order, and of the id. */
export const SUMMED_COLUMNS = [
  ...['key', 'workflow', 'cause', 'first_at', 'tenant', 'event_type', 'business_key', 'trace', 'last_fact'],
  ...['unsettled', 'ended', 'starts', 'marks', 'open'],
]
  .map((column) => `messages.${column}`)
  .join(', ');

/** What a statement selects whose rows are read by `storedMessage`. */
export const STORED_COLUMNS = `${idText('messages.message_id')}, messages.sum, ${SUMMED_COLUMNS}`;

export type MessageColumns = [
  key: number,
  ...what: [workflow: RowValue, cause: RowValue, firstAt: RowValue, tenant: RowValue, eventType: RowValue],
  ...and: [businessKey: RowValue, trace: RowValue, lastFact: RowValue],
  ...stands: [unsettled: number, ended: number, starts: number, marks: number, open: number],
];

export interface StoredMessage {
  readonly id: string;
  readonly columns: MessageColumns;
}

/**
 * A message as its row says, which a statement gave as an array.
 *
 * @throws LEDGER_DAMAGED where it is not what was written, or where what led to it is without a row.
 */
export function storedMessage(row: unknown): StoredMessage {
  // Sound: the statement selects these columns, and the tables are strict. By place: to take an array apart by a pattern
  // with a rest goes through an iterator.
  const values = row as [string | null, number, ...MessageColumns];
  const stored = values[0];
  const columns = values.slice(2) as MessageColumns;
  if (stored === null) throw messageMissing();
  const id = idOfText(stored);
  checkRow('message', values[1], id, columns);
  return { id, columns };
}

/** An entry of an index, or another row, names a message that has none. */
export function messageMissing(): Error {
  return damaged('an index names a message that is not there');
}

/** Reads a message by its key; undefined where there is none. */
export function openMessageReader(database: DatabaseSync): (key: number) => StoredMessage | undefined {
  const keyed = database.prepare(`SELECT ${STORED_COLUMNS} FROM messages WHERE key = ?`);
  keyed.setReturnArrays(true);
  return (key) => {
    const row = keyed.get(key);
    return row === undefined ? undefined : storedMessage(row);
  };
}

/**
 * Finds a message by its id among entries of `:code`. Whatever lies under that is looked at: a damaged row would not seem
 * to be there.
 */
export function openMessageLookUp(database: DatabaseSync, entries: string): (id: string) => MessageColumns | undefined {
  const coded = database.prepare(
    `-- Which messages may have this id?
     SELECT ${STORED_COLUMNS} FROM ${entries} AS ids LEFT JOIN messages ON messages.key = ids.message`,
  );
  coded.setReturnArrays(true);
  return (id) => {
    for (const row of coded.all({ code: idCode(id) })) {
      const message = storedMessage(row);
      if (message.id === id) return message.columns;
    }
    return undefined;
  };
}
