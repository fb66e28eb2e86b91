import type { DatabaseSync } from 'node:sqlite';
import type { MessageFact } from 'waybill';
import { kindOf } from './fact-kinds.ts';
import { type PackedId, packId, unpackHex, unpackId } from './packed-id.ts';
import { createRecent } from './recent.ts';

interface FactRow {
  readonly key: number;
  readonly kind: number;
  readonly at: number;
  readonly fact_id: PackedId;
  readonly correlation_id: PackedId;
  readonly causation_id: PackedId | null;
  readonly execution_id: PackedId | null;
  readonly trace_id: PackedId;
  readonly span_id: PackedId | null;
  readonly seq: number;
  readonly service: number;
  readonly instance: number;
  readonly version: number | null;
  readonly tenant: number | null;
  readonly operation: number | null;
  readonly event_type: number | null;
  readonly system: number;
  readonly destination: number;
  readonly subscription: number | null;
  readonly business_key: string | null;
  readonly broker_id: string | null;
  readonly bindings: string | null;
  readonly attrs: string | null;
}

const rememberedNamesMax = 20_000;

/** Reads facts back as they were recorded. */
export function openFactReader(database: DatabaseSync): (messageIds: readonly string[]) => MessageFact[] {
  const select = database.prepare(
    `-- What happened to this message? One row a fact, by time, then by arrival.
     SELECT facts.key, facts.kind, facts.at, facts.fact_id, workflows.correlation_id, causes.message_id AS causation_id,
            executions.execution_id, traces.trace_id, facts.span_id, facts.seq, facts.service, facts.instance,
            facts.version, facts.tenant, facts.operation, facts.event_type, facts.system, facts.destination,
            facts.subscription, business_keys.text AS business_key, broker_ids.broker_id, facts.bindings, facts.attrs
     FROM messages
     JOIN facts ON facts.message = messages.key
     JOIN workflows ON workflows.key = facts.workflow
     JOIN traces ON traces.key = facts.trace
     LEFT JOIN messages AS causes ON causes.key = facts.cause
     LEFT JOIN executions ON executions.key = facts.execution
     LEFT JOIN business_keys ON business_keys.key = facts.business_key
     LEFT JOIN broker_ids ON broker_ids.key = facts.broker
     WHERE messages.message_id = ?
     ORDER BY facts.at, facts.key`,
  );
  const nameOf = openNameReader(database);
  return (messageIds) => {
    const found: { readonly at: number; readonly key: number; readonly fact: MessageFact }[] = [];
    for (const id of new Set(messageIds)) {
      // Sound: the columns are named as the fields of FactRow, and STRICT tables hold their types.
      for (const row of select.all(packId(id)) as unknown as FactRow[]) {
        found.push({ at: row.at, key: row.key, fact: factOf(row, id, nameOf) });
      }
    }
    return found.sort((a, b) => a.at - b.at || a.key - b.key).map(({ fact }) => fact);
  };
}

function openNameReader(database: DatabaseSync): (key: number) => string {
  const select = database.prepare('SELECT text FROM names WHERE key = ?');
  const remembered = createRecent<string>(rememberedNamesMax);
  return (key) => {
    let text = remembered.get(String(key));
    if (text === undefined) {
      text = String(select.get(key)?.['text']);
      remembered.set(String(key), text);
    }
    return text;
  };
}

function factOf(row: FactRow, messageId: string, nameOf: (key: number) => string): MessageFact {
  const nullable = (key: number | null) => (key === null ? null : nameOf(key));
  const fact = {
    fact_id: unpackId(row.fact_id),
    kind: kindOf(row.kind),
    at: row.at,
    service: nameOf(row.service),
    instance: nameOf(row.instance),
    seq: row.seq,
    ...(row.version !== null && { version: nameOf(row.version) }),
    message_id: messageId,
    correlation_id: unpackId(row.correlation_id),
    causation_id: row.causation_id === null ? null : unpackId(row.causation_id),
    trace_id: unpackHex(row.trace_id),
    ...(row.span_id !== null && { span_id: unpackHex(row.span_id) }),
    tenant_id: nullable(row.tenant),
    operation: nullable(row.operation),
    event_type: nullable(row.event_type),
    ...(row.business_key !== null && { business_key: row.business_key }),
    system: nameOf(row.system),
    destination: nameOf(row.destination),
    ...(row.subscription !== null && { subscription: nameOf(row.subscription) }),
    ...(row.broker_id !== null && { broker_id: row.broker_id }),
    ...(row.bindings !== null && { bindings: row.bindings }),
    ...(row.execution_id !== null && { execution_id: unpackId(row.execution_id) }),
    ...(row.attrs !== null && JSON.parse(row.attrs)),
  };
  // Sound: the writer split a fact of this kind into these columns, and nothing else writes them.
  return fact as MessageFact;
}
