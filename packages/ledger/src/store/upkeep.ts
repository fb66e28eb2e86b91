import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { applicationId } from './database.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Upkeep } from './store.ts';

export function openUpkeep(database: DatabaseSync, { commit, done }: GroupCommit, path: string): Upkeep {
  return {
    // What the header holds already: SQLite writes its page all the same, where an UPDATE that changes nothing does not.
    probe: () => commit(1, () => database.exec(`PRAGMA application_id = ${applicationId}`)),
    sizes: () => ({ bytes: bytesOf(path), walBytes: bytesOf(`${path}-wal`) }),
    commits: done,
  };
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
