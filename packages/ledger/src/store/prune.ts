import { type Kept, openMessageDeleter } from './delete-messages.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Upkeep } from './store.ts';

/** So many workflows are looked at in one turn, and so many messages deleted: others are answered in between. */
const workflowsAtOnce = 100;
const messagesAtOnce = 200;

/** Deletes whole workflows in the order in which they came. */
export function openPruning(kept: Kept, { commit }: GroupCommit): Upkeep['prune'] {
  const { database } = kept;
  const deleteMessages = openMessageDeleter(kept);
  const page = database.prepare(
    `-- Which workflows came next, when did the last message of each begin, and may one of them still be waited for?
     SELECT workflows.key, max(messages.first_at) AS lastAt, max(messages.open) AS isOpen, count(messages.key) AS messages
     FROM (SELECT key FROM workflows WHERE key > :after ORDER BY key LIMIT ${workflowsAtOnce}) AS workflows
     LEFT JOIN messages ON messages.workflow = workflows.key AND messages.first_at IS NOT NULL
     GROUP BY workflows.key ORDER BY workflows.key`,
  );
  const messagesOf = database.prepare('SELECT key FROM messages WHERE workflow = ? AND first_at IS NOT NULL');
  return async (after, { quietBefore, openBefore }) => {
    let last: number | null = null;
    let old = 0;
    const keys: number[] = [];
    for (const { key, lastAt, isOpen, messages } of page.all({ after })) {
      // At least one, however large it is.
      if (keys.length > 0 && keys.length + Number(messages) > messagesAtOnce) break;
      last = Number(key);
      if (lastAt === null || Number(lastAt) >= (isOpen === 1 ? openBefore : quietBefore)) continue;
      old++;
      for (const message of messagesOf.all(last)) keys.push(Number(message['key']));
    }
    let facts = 0;
    // A large workflow takes several turns. What would be left of it, if this ended between them, is as old as before.
    for (let done = 0; done < keys.length; done += messagesAtOnce) {
      facts += await commit(messagesAtOnce, () => deleteMessages(keys.slice(done, done + messagesAtOnce)));
    }
    return { last, workflows: old, facts };
  };
}
