import type { DatabaseSync } from 'node:sqlite';
import { spanCode } from './id-codes.ts';
import { CODED } from './id-index.ts';
import { type PackedId, packId } from './packed-id.ts';
import type { FactsReader } from './read-facts.ts';
import type { FactReader } from './store.ts';

/** Ways from message to message, along causes and within a workflow: index look-ups, whatever the ledger's size. */
export function openWalks(
  database: DatabaseSync,
  facts: FactsReader,
): Pick<FactReader, 'ancestors' | 'effects' | 'batchItems' | 'messagesOf' | 'messagesAt'> {
  const { messages } = facts;
  const ancestors = database.prepare(
    `-- What caused this message, and what caused that? Nearest first, the message itself at step 0.
     WITH RECURSIVE caused (key, message_id, cause, step) AS (
       SELECT key, message_id, cause, 0 FROM messages WHERE key = :key AND first_at IS NOT NULL
       UNION ALL
       SELECT parent.key, parent.message_id, parent.cause, caused.step + 1
       FROM caused JOIN messages AS parent ON parent.key = caused.cause
       WHERE caused.step < :depth AND parent.first_at IS NOT NULL
     )
     SELECT key, message_id FROM caused ORDER BY step`,
  );
  // By key, because what is found by a code may be several, and then SQLite sorts what it finds in a table of its own.
  const effects = database.prepare(
    `-- What did this message cause directly? Oldest first.
     SELECT key, message_id FROM messages WHERE cause = :cause AND first_at IS NOT NULL ORDER BY first_at, key LIMIT :limit`,
  );
  const batchItems = database.prepare(
    `-- Which messages did this batch take? In their order in it.
     SELECT messages.key, messages.message_id FROM batch_items LEFT JOIN messages ON messages.key = batch_items.message
     WHERE batch_items.batch_id = :id ORDER BY batch_items.place, messages.key LIMIT :limit`,
  );
  const messagesOf = database.prepare(
    `-- Which messages belong to this workflow? Oldest first.
     SELECT messages.key, messages.message_id FROM workflows JOIN messages ON messages.workflow = workflows.key
     WHERE workflows.correlation_id = :id AND messages.first_at IS NOT NULL
     ORDER BY messages.first_at, messages.key LIMIT :limit`,
  );
  for (const statement of [ancestors, effects, batchItems, messagesOf]) statement.setReturnArrays(true);
  // Sound: rows are arrays, and each of these statements tells a key and a packed id.
  const idsOf = (rows: unknown[]) => (rows as Named[]).map(([key, stored]) => messages.note(key, stored));
  return {
    ancestors(messageId, depth) {
      const key = messages.keyOf(messageId);
      // A loop of forged causes repeats itself up to the depth; each message is told once.
      return key === undefined ? [] : [...new Set(idsOf(ancestors.all({ key, depth })))];
    },
    effects(messageId, limit) {
      const cause = messages.keyOf(messageId);
      return cause === undefined ? [] : idsOf(effects.all({ cause, limit }));
    },
    batchItems: (batchId, limit) => idsOf(batchItems.all({ id: packId(batchId), limit })),
    messagesOf: (correlationId, limit) => idsOf(messagesOf.all({ id: packId(correlationId), limit })),
    messagesAt: openSpanWalk(database, facts),
  };
}

type Named = readonly [key: number, id: PackedId | null];

function openSpanWalk(database: DatabaseSync, { ofMessage, messages }: FactsReader): FactReader['messagesAt'] {
  const select = database.prepare(
    `-- Which messages may have a fact of this span, or have come from it without a waybill?
     SELECT messages.key, message_id, first_at FROM ${CODED} AS ids JOIN messages ON messages.key = ids.message
     WHERE first_at IS NOT NULL ORDER BY ids.message LIMIT :limit`,
  );
  return (traceId, spanId, limit) => {
    const code = spanCode(traceId, spanId);
    const rows = select
      .all({ code, limit })
      .filter(({ key }) =>
        ofMessage(Number(key)).some(
          ({ fact }) =>
            (fact.trace_id === traceId && fact.span_id === spanId) ||
            (fact.kind === 'gap' && fact.gap.traceparent?.startsWith(`00-${traceId}-${spanId}-`)),
        ),
      );
    rows.sort((a, b) => Number(a['first_at']) - Number(b['first_at']));
    return rows.map(({ key, message_id }) => messages.note(Number(key), message_id as PackedId)); // sound: as above
  };
}
