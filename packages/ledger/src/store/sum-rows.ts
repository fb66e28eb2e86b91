import type { DatabaseSync } from 'node:sqlite';
import { SUMMED_COLUMNS } from './message-rows.ts';
import { type PackedId, unpackHex, unpackId } from './packed-id.ts';
import { type RowValue, rowSum } from './row-sums.ts';

interface Summed {
  /** The column that is summed as text, and how that is read. */
  readonly text: string;
  readonly textOf: (stored: PackedId) => string;
  readonly values: string;
}

const WHOLE = 'key, first_message, first_at';
const TABLES = {
  names: { text: 'text', textOf: String, values: 'key' },
  business_keys: { text: 'text', textOf: String, values: 'key' },
  workflows: { text: 'correlation_id', textOf: unpackId, values: WHOLE },
  traces: { text: 'trace_id', textOf: unpackHex, values: WHOLE },
  messages: { text: 'message_id', textOf: unpackId, values: SUMMED_COLUMNS },
} as const satisfies Readonly<Record<string, Summed>>;

type SummedTable = keyof typeof TABLES;

export const SUMMED = Object.keys(TABLES) as readonly SummedTable[]; // it has no other keys

/** Schema 9: rows on which answers rest have a sum. */
export function sumRows(database: DatabaseSync): void {
  for (const table of SUMMED) addSums(database, table);
  database.exec('PRAGMA user_version = 9');
}

/** Gives the rows of a table their sums, where they have none. */
export function addSums(database: DatabaseSync, table: SummedTable): void {
  const isThere = database.prepare(`SELECT 1 FROM pragma_table_info(?) WHERE name = 'sum'`).get(table);
  if (isThere !== undefined) return;
  database.exec(`ALTER TABLE ${table} ADD COLUMN sum INTEGER NOT NULL DEFAULT 0`);
  writeSums(database, table);
}

/** As what the rows say now. */
export function writeSums(database: DatabaseSync, table: SummedTable): void {
  const { text, textOf, values } = TABLES[table];
  const select = database.prepare(`SELECT ${text}, ${values} FROM ${table}`);
  select.setReturnArrays(true);
  const update = database.prepare(`UPDATE ${table} SET sum = ? WHERE key = ?`);
  for (const row of select.all()) {
    // Sound: rows are arrays of these columns, of which all but the first are integers or null.
    const [stored, ...summed] = row as unknown as [PackedId, ...RowValue[]];
    update.run(rowSum(textOf(stored), summed), summed[0] ?? 0);
  }
}
