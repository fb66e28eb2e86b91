import type { DatabaseSync } from 'node:sqlite';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { blockFacts } from './blocks.ts';
import { type Kept, openMessageDeleter } from './delete-messages.ts';
import { namesIn, readLine } from './fact-lines.ts';
import type { GroupCommit } from './group-commit.ts';
import { rowSum } from './row-sums.ts';
import type { Forgetting, Upkeep } from './store.ts';

/** So few in one transaction that those of a server beside us do not wait for long. */
const messagesAtOnce = 200;
/** So many are read in one turn: others are answered in between. */
const blocksAtOnce = 100;
const allTenants = null;

/** Deletes what somebody asks to have deleted. */
export function openForgetting(kept: Kept, { commit }: GroupCommit): Pick<Upkeep, 'forget' | 'countOf'> {
  const { database } = kept;
  const deleteMessages = openMessageDeleter(kept);
  const deleteName = openNameDeleter(kept, commit);
  const keysOf = openSelection(database);
  return {
    countOf: async (forgetting) => keysOf(forgetting).length,
    async forget(forgetting, onProgress) {
      // What is deleted is overwritten, for a file keeps the pages that it no longer uses.
      database.exec('PRAGMA secure_delete = ON');
      const keys = keysOf(forgetting);
      let facts = 0;
      for (let done = 0; done < keys.length; done += messagesAtOnce) {
        const began = performance.now();
        facts += await commit(messagesAtOnce, () => deleteMessages(keys.slice(done, done + messagesAtOnce)));
        onProgress(Math.min(done + messagesAtOnce, keys.length));
        // For as long as that took, others have the file to themselves.
        await setTimeout(performance.now() - began);
      }
      const { tenant, businessKey } = forgetting;
      if (tenant !== undefined && businessKey === undefined) await deleteName(tenant);
      // The log holds what the pages were before.
      database.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA secure_delete = OFF');
      return { messages: keys.length, facts };
    },
  };
}

/** The keys of messages by tenant, by business key, or by both. */
function openSelection(database: DatabaseSync): (forgetting: Forgetting) => number[] {
  const ofTenant = database.prepare(
    `-- Which messages are of this tenant? Reads all of them.
     SELECT messages.key FROM messages JOIN names ON names.key = messages.tenant
     WHERE names.text = ? AND first_at IS NOT NULL ORDER BY messages.key`,
  );
  const ofKey = database.prepare(
    `-- Which messages carry this key, of this tenant or of any?
     SELECT messages.key FROM business_keys JOIN messages ON messages.business_key = business_keys.key
     LEFT JOIN names ON names.key = messages.tenant
     WHERE business_keys.text = :businessKey AND first_at IS NOT NULL AND (:tenant IS NULL OR names.text = :tenant)
     ORDER BY messages.key`,
  );
  return ({ tenant = allTenants, businessKey }) => {
    const rows = businessKey === undefined ? ofTenant.all(tenant) : ofKey.all({ businessKey, tenant });
    return rows.map(({ key }) => Number(key));
  };
}

/**
 * A tenant's name goes where nothing else is named so: a service may be. That reads all facts, so it is done before the
 * transaction, which looks only at those that came since.
 */
function openNameDeleter(
  { database, blocks, forgetRows }: Kept,
  commit: GroupCommit['commit'],
): (name: string) => Promise<void> {
  const keyOf = database.prepare('SELECT key, key = (SELECT max(key) FROM names) AS isLast FROM names WHERE text = ?');
  const use = database.prepare(
    `-- Does anything but the line of a fact refer to this name?
     SELECT 1 FROM dropped WHERE :name IN (service, instance, version)
     UNION ALL SELECT 1 FROM recorders WHERE :name IN (service, system)
     UNION ALL SELECT 1 FROM messages WHERE :name IN (tenant, event_type) LIMIT 1`,
  );
  const isInBlock = (name: number, block: number) =>
    blocks
      .lines(block)
      .some((line, slot) => line !== '' && namesIn(readLine(line, block * blockFacts + slot)).includes(name));
  const remove = database.prepare('DELETE FROM names WHERE key = ?');
  // A reader may remember the last key, and it would be given out again: so that stays, and its text goes.
  const rename = database.prepare('UPDATE names SET text = ?, sum = ? WHERE key = ?');
  return async (name) => {
    const named = keyOf.get(name);
    if (named === undefined) return;
    const end = blocks.end();
    for (const [nth, block] of blocks.between(0, end).entries()) {
      if (isInBlock(Number(named['key']), block)) return;
      if (nth % blocksAtOnce === 0) await setImmediate();
    }
    await commit(1, () => {
      const found = keyOf.get(name);
      if (found === undefined || use.get({ name: Number(found['key']) }) !== undefined) return;
      const since = blocks.between(end - 1, blocks.end());
      if (since.some((block) => isInBlock(Number(found['key']), block))) return;
      const key = Number(found['key']);
      const text = `forgotten ${key}`;
      if (found['isLast'] === 1) rename.run(text, rowSum(text, [key]), key);
      else remove.run(key);
      forgetRows();
    });
  };
}
