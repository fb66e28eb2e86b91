import type { DatabaseSync } from 'node:sqlite';
import { codeOf } from './fact-kinds.ts';
import { packId } from './packed-id.ts';

/** What turns a file of the schema at its position into one of the next; at 0 it is empty, and gets the newest at once. */
export const MIGRATIONS: readonly ((database: DatabaseSync) => void)[] = [() => {}, indexBatches];

/** Schema 2: the messages of a batch are found by its id. */
function indexBatches(database: DatabaseSync): void {
  database.exec(
    `CREATE TABLE batch_items (
       batch_id ANY NOT NULL,
       message INTEGER NOT NULL,
       place INTEGER NOT NULL,
       PRIMARY KEY (batch_id, message)
     ) STRICT, WITHOUT ROWID;
     PRAGMA user_version = 2;`,
  );
  const insert = database.prepare('INSERT OR IGNORE INTO batch_items (batch_id, message, place) VALUES (?, ?, ?)');
  const starts = database.prepare('SELECT message, attrs FROM facts WHERE kind = ? AND attrs LIKE ?');
  for (const { message, attrs } of starts.iterate(codeOf('started'), '%"batch":{%')) {
    const { batch } = JSON.parse(String(attrs));
    if (typeof batch?.id === 'string') insert.run(packId(batch.id), Number(message), Number(batch.index));
  }
}
