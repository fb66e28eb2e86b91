import type { DatabaseSync } from 'node:sqlite';
import type { Blocks } from './blocks.ts';
import { openFactIds } from './fact-ids.ts';
import type { CodedMessage } from './fresh-ids.ts';
import { idCode } from './id-codes.ts';
import type { IdIndex } from './id-index.ts';
import { codesOf } from './lay-facts.ts';
import { type Begun, openMinutes } from './minutes.ts';
import { type PackedId, packHex, packId, unpackId } from './packed-id.ts';
import { openFactsReader, type ReadFact } from './read-facts.ts';
import { type RowValue, rowSum } from './row-sums.ts';

/** Deletes messages by their keys, within the open transaction, and says how many facts went with them. */
export type DeleteMessages = (keys: readonly number[]) => number;

/** What messages are deleted from. */
export interface Kept {
  readonly database: DatabaseSync;
  readonly blocks: Blocks;
  readonly ids: IdIndex;
  /** What was remembered of rows may be gone. */
  forgetRows(): void;
}

interface MessageOf extends Begun {
  readonly id: PackedId;
  readonly workflow: number | null;
  readonly cause: number | null;
  readonly businessKey: number | null;
}

/**
 * With a message go its facts, and what only they refer to. It stays as a bare id where others name it as their cause: a
 * chain that ends in "unknown" is true, and one that ends in a root would not be. A trace stays without a message, for
 * which of the remaining facts refer to it only reading all of them would tell.
 */
export function openMessageDeleter({ database, blocks, ids, forgetRows }: Kept): DeleteMessages {
  const message = database.prepare(
    `SELECT message_id AS id, workflow, cause, business_key AS businessKey, first_at AS firstAt, tenant
     FROM messages WHERE key = ? AND first_at IS NOT NULL`,
  );
  const blank = database.prepare(
    `UPDATE messages SET workflow = NULL, cause = NULL, first_at = NULL, tenant = NULL, event_type = NULL,
            business_key = NULL, trace = NULL, last_fact = NULL, unsettled = 0, ended = 0, open = 0, starts = 0, marks = 0,
            sum = ?
     WHERE key = ?`,
  );
  const shrink = database.prepare(
    `UPDATE extent SET facts = facts - :facts, since = iif(facts > :facts, since, NULL),
            until = iif(facts > :facts, until, NULL)`,
  );
  const minutes = openMinutes(database);
  const reader = openFactsReader(database, blocks);
  const factIds = openFactIds(database);
  const deleteBeside = openBesideDeleter(database);
  const tidy = openTidying(database);
  return (keys) => {
    const places: { readonly id: string; readonly place: number }[] = [];
    const left: MessageOf[] = [];
    const coded: CodedMessage[] = [];
    reader.forget();
    for (const key of keys) {
      // Sound: the columns are named as the fields, and hold a packed id, and else integers or null.
      const row = message.get(key) as unknown as MessageOf | undefined;
      if (row === undefined) continue;
      left.push(row);
      minutes.moveMessage(row, NOWHEN);
      const facts = reader.ofMessage(key);
      for (const { fact, tenant, place } of facts) {
        minutes.removeFact(fact.at, tenant);
        places.push({ id: fact.fact_id, place });
      }
      const id = unpackId(row.id);
      coded.push(...deleteBeside({ key, id }, facts));
      blank.run(rowSum(id, [key, ...BLANK]), key);
    }
    blocks.clear(places.map(({ place }) => place));
    factIds.remove(places);
    // Only now: what caused one of them may be another of them.
    coded.push(...tidy.bareIds([...keys, ...distinct(left.map(({ cause }) => cause))]));
    ids.remove(coded);
    tidy.workflows(distinct(left.map(({ workflow }) => workflow)));
    tidy.businessKeys(distinct(left.map(({ businessKey }) => businessKey)));
    minutes.write();
    shrink.run({ facts: places.length });
    // Here, and not after the commit: what is written next may be in the same transaction.
    forgetRows();
    return places.length;
  };
}

/** All summed columns but the key, as of a message of which only its id is known. */
const BLANK: readonly RowValue[] = [...Array(8).fill(null), ...Array(5).fill(0)];

const NOWHEN: Begun = { firstAt: null, tenant: null };

function distinct(keys: readonly (number | null)[]): number[] {
  return [...new Set(keys)].filter((key) => key !== null);
}

/**
 * Deletes what is of one message alone, and gives the codes by which its facts are found: but for its own id, for it may
 * be a cause.
 */
function openBesideDeleter(
  database: DatabaseSync,
): (message: { readonly key: number; readonly id: string }, facts: readonly ReadFact[]) => CodedMessage[] {
  const deleteFailure = database.prepare('DELETE FROM failures WHERE at = ? AND message = ?');
  const deleteGap = database.prepare('DELETE FROM gaps WHERE at = ? AND message = ?');
  const deleteSend = database.prepare('DELETE FROM sends WHERE destination = ? AND at = ? AND message = ?');
  const deleteItem = database.prepare('DELETE FROM batch_items WHERE batch_id = ? AND message = ?');
  const trace = database.prepare('SELECT key FROM traces WHERE trace_id = ? AND first_message = ?');
  const leaveTrace = database.prepare('UPDATE traces SET first_message = NULL, first_at = NULL, sum = ? WHERE key = ?');
  // Of spans that are still there the same facts would be derived again.
  const spanTrace = database.prepare('SELECT key FROM span_traces WHERE trace_id = ?');
  const deleteSpans = database.prepare('DELETE FROM spans WHERE trace = ?');
  const deleteSpanTrace = database.prepare('DELETE FROM span_traces WHERE key = ?');
  return ({ key: message, id }, facts) => {
    const traces = new Set<string>();
    const codes = new Set<number>();
    for (const { fact, said } of facts) {
      if (fact.kind === 'sent') deleteSend.run(said.destination, fact.at, message);
      if (fact.kind === 'gap') deleteGap.run(fact.at, message);
      if (fact.kind === 'settled') deleteFailure.run(fact.at, message);
      if (fact.kind === 'started' && fact.batch !== undefined) deleteItem.run(packId(fact.batch.id), message);
      for (const code of codesOf({ fact, row: { said } })) codes.add(code);
      traces.add(fact.trace_id);
    }
    const own = idCode(id);
    for (const traceId of traces) {
      const packed = packHex(traceId, 32);
      const left = trace.get(packed, message)?.['key'];
      if (left !== undefined) leaveTrace.run(rowSum(traceId, [Number(left), null, null]), Number(left));
      const key = spanTrace.get(packed)?.['key'];
      if (key === undefined) continue;
      deleteSpans.run(Number(key));
      deleteSpanTrace.run(Number(key));
    }
    return [...codes].filter((code) => code !== own).map((code) => [code, message]);
  };
}

/** Deletes of what messages refer to that to which no message refers any more. */
function openTidying(database: DatabaseSync) {
  const bareId = database.prepare(
    `DELETE FROM messages WHERE key = :key AND first_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM messages AS effect WHERE effect.cause = :key AND effect.first_at IS NOT NULL)
     RETURNING message_id`,
  );
  const first = database.prepare(
    `-- Which message of this workflow came first?
     SELECT key, first_at FROM messages WHERE workflow = ? AND first_at IS NOT NULL ORDER BY first_at, key LIMIT 1`,
  );
  const workflow = database.prepare('SELECT correlation_id AS id FROM workflows WHERE key = ?');
  const nameWorkflow = database.prepare('UPDATE workflows SET first_message = ?, first_at = ?, sum = ? WHERE key = ?');
  const deleteWorkflow = database.prepare('DELETE FROM workflows WHERE key = ?');
  const businessKey = database.prepare(
    'DELETE FROM business_keys WHERE key = :key AND NOT EXISTS (SELECT 1 FROM messages WHERE business_key = :key)',
  );
  return {
    /** Those whose messages nobody names any more, by their codes. */
    bareIds(keys: readonly number[]): CodedMessage[] {
      return keys.flatMap((key) => {
        const gone = bareId.get({ key });
        return gone === undefined ? [] : [[idCode(unpackId(gone['message_id'] as PackedId)), key] as const]; // packed ids only
      });
    },
    businessKeys: (keys: readonly number[]) => keys.forEach((key) => void businessKey.run({ key })),
    workflows(keys: readonly number[]) {
      for (const key of keys) {
        const row = first.get(key);
        const id = workflow.get(key)?.['id'];
        if (row === undefined || id === undefined) deleteWorkflow.run(key);
        else {
          const [message, at] = [Number(row['key']), Number(row['first_at'])];
          nameWorkflow.run(message, at, rowSum(unpackId(id as PackedId), [key, message, at]), key); // packed ids only
        }
      }
    },
  };
}
