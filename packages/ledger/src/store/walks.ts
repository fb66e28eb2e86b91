import type { DatabaseSync } from 'node:sqlite';
import { codeOf } from './fact-kinds.ts';
import { type PackedId, packHex, packId, unpackId } from './packed-id.ts';
import type { FactReader } from './store.ts';

/** Ways from message to message, along causes and within a workflow: index look-ups, whatever the ledger's size. */
export function openWalks(
  database: DatabaseSync,
): Pick<FactReader, 'ancestors' | 'effects' | 'batchItems' | 'messagesOf' | 'messagesAt'> {
  const ancestors = database.prepare(
    `-- What caused this message, and what caused that? Nearest first, the message itself at step 0.
     WITH RECURSIVE caused (message_id, cause, step) AS (
       SELECT message_id, cause, 0 FROM messages WHERE message_id = :id AND first_at IS NOT NULL
       UNION ALL
       SELECT parent.message_id, parent.cause, caused.step + 1
       FROM caused JOIN messages AS parent ON parent.key = caused.cause
       WHERE caused.step < :depth AND parent.first_at IS NOT NULL
     )
     SELECT message_id FROM caused ORDER BY step`,
  );
  const effects = database.prepare(
    `-- What did this message cause directly? Oldest first.
     SELECT effect.message_id FROM messages AS cause JOIN messages AS effect ON effect.cause = cause.key
     WHERE cause.message_id = :id AND effect.first_at IS NOT NULL ORDER BY effect.first_at, effect.key LIMIT :limit`,
  );
  const batchItems = database.prepare(
    `-- Which messages did this batch take? In their order in it.
     SELECT messages.message_id FROM batch_items JOIN messages ON messages.key = batch_items.message
     WHERE batch_items.batch_id = :id ORDER BY batch_items.place, messages.key LIMIT :limit`,
  );
  const messagesOf = database.prepare(
    `-- Which messages belong to this workflow? Oldest first.
     SELECT messages.message_id FROM workflows JOIN messages ON messages.workflow = workflows.key
     WHERE workflows.correlation_id = :id AND messages.first_at IS NOT NULL
     ORDER BY messages.first_at, messages.key LIMIT :limit`,
  );
  const messagesAt = openSpanWalk(database);
  return {
    // A loop of forged causes repeats itself up to the depth; each message is told once.
    ancestors: (messageId, depth) => [...new Set(idsOf(ancestors.all({ id: packId(messageId), depth })))],
    effects: (messageId, limit) => idsOf(effects.all({ id: packId(messageId), limit })),
    batchItems: (batchId, limit) => idsOf(batchItems.all({ id: packId(batchId), limit })),
    messagesOf: (correlationId, limit) => idsOf(messagesOf.all({ id: packId(correlationId), limit })),
    messagesAt,
  };
}

/** Sorted here: a statement that sorts makes a temporary table each time, which costs more than the look-up. */
function openSpanWalk(database: DatabaseSync): FactReader['messagesAt'] {
  const here = database.prepare(
    `-- Which messages have a fact of this span?
     SELECT messages.message_id, messages.first_at FROM facts
     JOIN traces ON traces.key = facts.trace JOIN messages ON messages.key = facts.message
     WHERE facts.span_id = :span AND traces.trace_id = :trace LIMIT :limit`,
  );
  const fromHere = database.prepare(
    `-- Which messages came without a waybill, and from this span?
     SELECT messages.message_id, messages.first_at FROM facts JOIN messages ON messages.key = facts.message
     WHERE facts.kind = ${codeOf('gap')} AND facts.attrs ->> '$.gap.traceparent' BETWEEN :low AND :high LIMIT :limit`,
  );
  return (traceId, spanId, limit) => {
    const parent = `00-${traceId}-${spanId}-`;
    const rows = [
      ...here.all({ trace: packHex(traceId, 32), span: packHex(spanId, 16), limit }),
      ...fromHere.all({ low: parent, high: `${parent}~`, limit }),
    ];
    rows.sort((a, b) => Number(a['first_at']) - Number(b['first_at']));
    return [...new Set(idsOf(rows))].slice(0, limit);
  };
}

function idsOf(rows: readonly Record<string, unknown>[]): string[] {
  // Sound: the column holds packed ids only.
  return rows.map(({ message_id }) => unpackId(message_id as PackedId));
}
