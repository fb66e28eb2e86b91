import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { DroppedFact } from 'waybill';
import { applicationId } from './database.ts';
import type { Kept } from './delete-messages.ts';
import { openForgetting } from './forget.ts';
import type { GroupCommit } from './group-commit.ts';
import { type PackedId, unpackId } from './packed-id.ts';
import { openPruning } from './prune.ts';
import type { Upkeep } from './store.ts';

export function openUpkeep(kept: Kept, group: GroupCommit, path: string): Upkeep {
  const { database } = kept;
  const { grow, done } = group;
  const used = database.prepare(
    `-- How much of the file is in use?
     SELECT (page_count - freelist_count) * page_size AS bytes
     FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()`,
  );
  return {
    // What the header holds already: SQLite writes its page all the same, where an UPDATE that changes nothing does not.
    probe: () => grow(1, () => database.exec(`PRAGMA application_id = ${applicationId}`)),
    sizes: async () => ({
      bytes: bytesOf(path),
      walBytes: bytesOf(`${path}-wal`),
      usedBytes: Number(used.get()?.['bytes']),
    }),
    commits: async () => done(),
    messagesAfter: openMessagePages(database),
    droppedFacts: openDroppedReader(database),
    ...openForgetting(kept, group),
    prune: openPruning(kept, group),
  };
}

function openMessagePages(database: DatabaseSync): Upkeep['messagesAfter'] {
  const select = database.prepare(
    `-- Which messages came after this one?
     SELECT key, message_id FROM messages WHERE key > :after AND first_at IS NOT NULL ORDER BY key LIMIT :limit`,
  );
  return async (after, limit) =>
    select.all({ after, limit }).map(({ key, message_id }) => ({
      key: Number(key),
      message_id: unpackId(message_id as PackedId), // sound: the column holds packed ids only
    }));
}

function openDroppedReader(database: DatabaseSync): Upkeep['droppedFacts'] {
  const select = database.prepare(
    `-- What do recorders say they dropped in this window?
     SELECT fact_id, at, since, count, services.text AS service, instances.text AS instance, versions.text AS version, why
     FROM dropped
     JOIN names AS services ON services.key = dropped.service JOIN names AS instances ON instances.key = dropped.instance
     LEFT JOIN names AS versions ON versions.key = dropped.version
     WHERE at BETWEEN :since AND :until ORDER BY at, dropped.key`,
  );
  return async (since, until) =>
    select.all({ since, until }).map(({ fact_id, version, ...row }) => {
      const fact = { kind: 'dropped', ...row, fact_id: unpackId(fact_id as PackedId) };
      // Sound: the columns are named as the fields, and STRICT tables hold their types.
      return (version === null ? fact : { ...fact, version }) as DroppedFact;
    });
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
