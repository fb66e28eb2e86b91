import { DatabaseSync } from 'node:sqlite';

/** Runs a statement on a ledger's file, beside whatever has it open. */
export function alter(path: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(path);
  const rows = database.prepare(sql).all();
  database.close();
  return rows.map((row) => ({ ...row }));
}
