import type { DatabaseSync } from 'node:sqlite';
import { spanCode } from './id-codes.ts';
import { CODED } from './id-index.ts';
import { idText, packId } from './packed-id.ts';
import type { FactsReader } from './read-facts.ts';
import type { FactReader } from './store.ts';

/** Ways from message to message, along causes and within a workflow: index look-ups, whatever the ledger's size. */
export function openWalks(
  database: DatabaseSync,
  facts: FactsReader,
): Pick<FactReader, 'ancestors' | 'effects' | 'batchItems' | 'messagesOf' | 'messagesAt'> {
  const { messages } = facts;
  // By key, because what is found by a code may be several, and then SQLite sorts what it finds in a table of its own.
  const effects = database.prepare(
    `-- What did this message cause directly? Oldest first.
     SELECT key, ${idText('message_id')} FROM messages WHERE cause = :cause AND first_at IS NOT NULL ORDER BY first_at, key LIMIT :limit`,
  );
  const batchItems = database.prepare(
    `-- Which messages did this batch take? In their order in it.
     SELECT messages.key, ${idText('messages.message_id')} FROM batch_items LEFT JOIN messages ON messages.key = batch_items.message
     WHERE batch_items.batch_id = :id ORDER BY batch_items.place, messages.key LIMIT :limit`,
  );
  const messagesOf = database.prepare(
    `-- Which messages belong to this workflow? Oldest first.
     SELECT messages.key, ${idText('messages.message_id')} FROM workflows JOIN messages ON messages.workflow = workflows.key
     WHERE workflows.correlation_id = :id AND messages.first_at IS NOT NULL
     ORDER BY messages.first_at, messages.key LIMIT :limit`,
  );
  for (const statement of [effects, batchItems, messagesOf]) statement.setReturnArrays(true);
  // Sound: rows are arrays, and each of these statements tells a key and the text of an id.
  const idsOf = (rows: unknown[]) => (rows as Named[]).map(([key, id]) => messages.note(key, id));
  return {
    ancestors(messageId, depth) {
      const ids = new Set<string>();
      let key = messages.keyOf(messageId) ?? null;
      // Row by row: whoever asks reads the facts of each, for which its row is needed anyway.
      for (let step = 0; key !== null && step <= depth; step++) {
        const row = facts.rowOf(key);
        // Forged causes may come back to where they began.
        if (row === undefined || ids.has(row.id)) break;
        ids.add(row.id);
        key = row.columns[2];
      }
      return [...ids];
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

type Named = readonly [key: number, id: string | null];

function openSpanWalk(database: DatabaseSync, { ofMessage, messages }: FactsReader): FactReader['messagesAt'] {
  const select = database.prepare(
    `-- Which messages may have a fact of this span, or have come from it without a waybill?
     SELECT messages.key, ${idText('message_id')} AS id, first_at FROM ${CODED} AS ids JOIN messages ON messages.key = ids.message
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
    return rows.map(({ key, id }) => messages.note(Number(key), String(id)));
  };
}
