import type { DatabaseSync } from 'node:sqlite';
import { codeOf } from './fact-kinds.ts';
import { type Begun, openMinutes } from './minutes.ts';
import { packId } from './packed-id.ts';

/** Deletes messages by their keys, within the open transaction, and says how many facts went with them. */
export type DeleteMessages = (keys: readonly number[]) => number;

interface MessageOf extends Begun {
  readonly workflow: number | null;
  readonly cause: number | null;
  readonly businessKey: number | null;
}

/**
 * With a message go its facts, and what only they refer to. It stays as a bare id where others name it as their cause: a
 * chain that ends in "unknown" is true, and one that ends in a root would not be. A trace stays without a message, for
 * which of the remaining facts refer to it only reading all of them would tell. `forgetCaches`: what was remembered may be
 * gone.
 */
export function openMessageDeleter(database: DatabaseSync, forgetCaches: () => void): DeleteMessages {
  const message = database.prepare(
    `SELECT workflow, cause, business_key AS businessKey, first_at AS firstAt, tenant
     FROM messages WHERE key = ? AND first_at IS NOT NULL`,
  );
  const blank = database.prepare(
    `UPDATE messages SET workflow = NULL, cause = NULL, first_at = NULL, tenant = NULL, event_type = NULL,
            business_key = NULL, unsettled = 0, ended = 0, open = 0
     WHERE key = ?`,
  );
  const shrink = database.prepare(
    `UPDATE extent SET facts = facts - :facts, since = iif(facts > :facts, since, NULL),
            until = iif(facts > :facts, until, NULL)`,
  );
  const minutes = openMinutes(database);
  const deleteFacts = openFactDeleter(database, (at, tenant) => minutes.removeFact(at, tenant));
  const tidy = openTidying(database);
  return (keys) => {
    let facts = 0;
    const left: MessageOf[] = [];
    for (const key of keys) {
      // Sound: the columns are named as the fields, and hold integers or null.
      const row = message.get(key) as unknown as MessageOf | undefined;
      if (row === undefined) continue;
      left.push(row);
      minutes.moveMessage(row, NOWHEN);
      facts += deleteFacts(key);
      blank.run(key);
    }
    // Only now: what caused one of them may be another of them.
    tidy.bareIds([...keys, ...distinct(left.map(({ cause }) => cause))]);
    tidy.workflows(distinct(left.map(({ workflow }) => workflow)));
    tidy.businessKeys(distinct(left.map(({ businessKey }) => businessKey)));
    minutes.write();
    shrink.run({ facts });
    // Here, and not after the commit: what is written next may be in the same transaction.
    forgetCaches();
    return facts;
  };
}

const NOWHEN: Begun = { firstAt: null, tenant: null };

function distinct(keys: readonly (number | null)[]): number[] {
  return [...new Set(keys)].filter((key) => key !== null);
}

/** The facts of one message, and what is of that message alone: its executions, broker ids, and places in batches. */
function openFactDeleter(
  database: DatabaseSync,
  deleted: (at: number, tenant: number | null) => void,
): (message: number) => number {
  const select = database.prepare(
    `SELECT at, tenant, execution, broker, trace, attrs ->> '$.batch.id' AS batch FROM facts WHERE message = ?`,
  );
  const deleteFacts = database.prepare('DELETE FROM facts WHERE message = ?');
  const deleteFailures = database.prepare(
    `DELETE FROM failures WHERE message = :message
       AND at IN (SELECT at FROM facts WHERE message = :message AND kind = ${codeOf('settled')})`,
  );
  const deleteExecution = database.prepare('DELETE FROM executions WHERE key = ?');
  const deleteBrokerId = database.prepare('DELETE FROM broker_ids WHERE key = ?');
  const deleteItem = database.prepare('DELETE FROM batch_items WHERE batch_id = ? AND message = ?');
  const leaveTrace = database.prepare(
    'UPDATE traces SET first_message = NULL, first_at = NULL WHERE key = ? AND first_message = ?',
  );
  // Of spans that are still there the same facts would be derived again.
  const spanTrace = database.prepare(
    'SELECT key FROM span_traces WHERE trace_id = (SELECT trace_id FROM traces WHERE key = ?)',
  );
  const deleteSpans = database.prepare('DELETE FROM spans WHERE trace = ?');
  const deleteSpanTrace = database.prepare('DELETE FROM span_traces WHERE key = ?');
  return (message) => {
    const traces = new Set<number>();
    deleteFailures.run({ message });
    for (const { at, tenant, execution, broker, trace, batch } of select.all(message)) {
      deleted(Number(at), tenant === null ? null : Number(tenant));
      if (execution !== null) deleteExecution.run(Number(execution));
      if (broker !== null) deleteBrokerId.run(Number(broker));
      if (batch !== null) deleteItem.run(packId(String(batch)), message);
      traces.add(Number(trace));
    }
    for (const trace of traces) {
      leaveTrace.run(trace, message);
      const key = spanTrace.get(trace)?.['key'];
      if (key === undefined) continue;
      deleteSpans.run(Number(key));
      deleteSpanTrace.run(Number(key));
    }
    return Number(deleteFacts.run(message).changes);
  };
}

/** Deletes of what messages refer to that to which no message refers any more. */
function openTidying(database: DatabaseSync) {
  const bareId = database.prepare(
    `DELETE FROM messages WHERE key = :key AND first_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM messages AS effect WHERE effect.cause = :key AND effect.first_at IS NOT NULL)`,
  );
  const first = database.prepare(
    `-- Which message of this workflow came first?
     SELECT key, first_at FROM messages WHERE workflow = ? AND first_at IS NOT NULL ORDER BY first_at, key LIMIT 1`,
  );
  const nameWorkflow = database.prepare('UPDATE workflows SET first_message = ?, first_at = ? WHERE key = ?');
  const deleteWorkflow = database.prepare('DELETE FROM workflows WHERE key = ?');
  const businessKey = database.prepare(
    'DELETE FROM business_keys WHERE key = :key AND NOT EXISTS (SELECT 1 FROM messages WHERE business_key = :key)',
  );
  return {
    bareIds: (keys: readonly number[]) => keys.forEach((key) => void bareId.run({ key })),
    businessKeys: (keys: readonly number[]) => keys.forEach((key) => void businessKey.run({ key })),
    workflows(keys: readonly number[]) {
      for (const key of keys) {
        const row = first.get(key);
        if (row === undefined) deleteWorkflow.run(key);
        else nameWorkflow.run(Number(row['key']), Number(row['first_at']), key);
      }
    },
  };
}
