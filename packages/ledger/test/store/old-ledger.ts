import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { MessageFact } from 'waybill';
import { codeOf } from '../../src/store/fact-kinds.ts';
import { packHex, packId } from '../../src/store/packed-id.ts';

/** A file of schema 4 with these facts, as far as migrations read it. */
export function makeOldLedger(path: string, facts: readonly MessageFact[]): void {
  const database = new DatabaseSync(path);
  database.exec(readFileSync(new URL('./schema-4.sql', import.meta.url), 'utf8'));
  const keyed = keysOf(database);
  for (const fact of facts) insertFact(database, keyed, fact);
  database.exec(`UPDATE extent SET (facts, since, until) = (SELECT count(*), min(at), max(at) FROM facts);
    UPDATE messages SET (first_at, tenant) =
      (SELECT min(at), max(tenant) FROM facts WHERE facts.message = messages.key)`);
  database.close();
}

type Keyed = (table: string, columns: Readonly<Record<string, unknown>>) => number;

/** The key of the row with these columns, made where there is none. */
function keysOf(database: DatabaseSync): Keyed {
  const known = new Map<string, number>();
  return (table, columns) => {
    const place = `${table} ${Object.values(columns).join(' ')}`;
    let key = known.get(place);
    if (key === undefined) {
      const sql = `INSERT INTO ${table} (${Object.keys(columns)}) VALUES (${Object.keys(columns).map(() => '?')})`;
      // Sound: ids, texts and keys are what SQLite takes.
      key = Number(database.prepare(sql).run(...(Object.values(columns) as string[])).lastInsertRowid);
      known.set(place, key);
    }
    return key;
  };
}

function insertFact(database: DatabaseSync, keyed: Keyed, fact: MessageFact): void {
  const { fact_id, kind, at, service, instance, seq, version, message_id, correlation_id, ...more } = fact;
  const { causation_id, trace_id, span_id, tenant_id, operation, event_type, business_key, ...rest } = more;
  const { system, destination, subscription, broker_id, bindings, ...others } = rest;
  const { execution_id, ...attrs } = others as typeof others & { execution_id?: string };
  const name = (text: string | null | undefined) => (text == null ? null : keyed('names', { text }));
  const message = keyed('messages', { message_id: packId(message_id) });
  const row = {
    fact_id: packId(fact_id),
    ...{ message, kind: codeOf(kind), at, seq },
    workflow: keyed('workflows', { correlation_id: packId(correlation_id) }),
    cause: causation_id === null ? null : keyed('messages', { message_id: packId(causation_id) }),
    execution: execution_id === undefined ? null : keyed('executions', { execution_id: packId(execution_id), message }),
    trace: keyed('traces', { trace_id: packHex(trace_id, 32) }),
    span_id: span_id === undefined ? null : packHex(span_id, 16),
    ...{ service: name(service), instance: name(instance), version: name(version), tenant: name(tenant_id) },
    ...{ operation: name(operation), event_type: name(event_type), system: name(system) },
    ...{ destination: name(destination), subscription: name(subscription) },
    business_key: business_key === undefined ? null : keyed('business_keys', { text: business_key }),
    broker: broker_id === undefined ? null : keyed('broker_ids', { broker_id, message }),
    bindings: bindings ?? null,
    attrs: JSON.stringify(attrs),
  };
  const columns = Object.keys(row);
  database.prepare(`INSERT INTO facts (${columns}) VALUES (${columns.map((column) => `:${column}`)})`).run(row);
  if (kind === 'sent' || kind === 'started')
    database.prepare('INSERT OR IGNORE INTO recorders (service, system) VALUES (?, ?)').run(row.service, row.system);
}
