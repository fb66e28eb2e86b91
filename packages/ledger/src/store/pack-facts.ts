import type { DatabaseSync } from 'node:sqlite';
import type { MessageFact } from 'waybill';
import { openBlocks } from './blocks.ts';
import { openFactIds } from './fact-ids.ts';
import { kindOf } from './fact-kinds.ts';
import { openIdIndex } from './id-index.ts';
import { type PackedId, unpackHex, unpackId } from './packed-id.ts';
import { BLOCKS } from './split-blocks.ts';
import { addSums } from './sum-rows.ts';
import { openFactWriter } from './write-facts.ts';

/** Indexes of tables that are made anew: their names have to be free. */
const INDEXES = ['workflow', 'cause', 'business_key'].map((name) => `messages_by_${name}`);
const TABLES = ['messages', 'workflows', 'traces', 'facts', 'executions', 'broker_ids'];
const factsAtOnce = 500;

/**
 * Schema 6: facts lie in blocks, and ids have one index. All facts are read as they were and written anew, one after
 * another: it takes as long as to append them, and room for both until the transaction ends. The writer is today's, so these
 * tables are those of schema 10; whoever gives it more has to make them here.
 */
export function packFacts(database: DatabaseSync): void {
  for (const index of [...INDEXES, 'messages_open', 'workflows_by_ending', 'messages_by_ending'])
    database.exec(`DROP INDEX ${index}`);
  for (const table of TABLES) database.exec(`ALTER TABLE ${table} RENAME TO old_${table}`);
  database.exec(TABLES_OF_6 + BLOCKS);
  for (const table of ['names', 'business_keys'] as const) addSums(database, table);
  database.exec(FRESH_IDS);
  const extent = { ...database.prepare('SELECT facts, since, until FROM extent').get() };
  database.exec('DELETE FROM minutes; DELETE FROM failures; DELETE FROM batch_items');
  const { write, flush } = openFactWriter(database, openBlocks(database), openIdIndex(database));
  let facts: MessageFact[] = [];
  for (const fact of oldFacts(database)) {
    facts.push(fact);
    if (facts.length < factsAtOnce) continue;
    write(facts);
    facts = [];
  }
  write(facts);
  flush();
  nameDropped(database);
  database
    .prepare('UPDATE extent SET facts = :facts, since = :since, until = :until')
    .run(extent as typeof extent & Record<string, number | null>);
  for (const table of TABLES.toReversed()) database.exec(`DROP TABLE old_${table}`);
  database.exec('PRAGMA user_version = 6');
}

/** In the order in which they came, as they were recorded. */
function* oldFacts(database: DatabaseSync): Generator<MessageFact> {
  const name = (column: string, as: string) => `(SELECT text FROM names WHERE key = facts.${column}) AS ${as}`;
  const select = database.prepare(
    `SELECT facts.fact_id, facts.kind, facts.at, ${name('service', 'service')}, ${name('instance', 'instance')},
            facts.seq, ${name('version', 'version')}, messages.message_id, workflows.correlation_id,
            causes.message_id AS causation_id, traces.trace_id, facts.span_id, ${name('tenant', 'tenant_id')},
            ${name('operation', 'operation')}, ${name('event_type', 'event_type')}, business_keys.text AS business_key,
            ${name('system', 'system')}, ${name('destination', 'destination')}, ${name('subscription', 'subscription')},
            broker_ids.broker_id, facts.bindings, executions.execution_id, facts.attrs
     FROM old_facts AS facts
     JOIN old_messages AS messages ON messages.key = facts.message
     JOIN old_workflows AS workflows ON workflows.key = facts.workflow
     JOIN old_traces AS traces ON traces.key = facts.trace
     LEFT JOIN old_messages AS causes ON causes.key = facts.cause
     LEFT JOIN old_executions AS executions ON executions.key = facts.execution
     LEFT JOIN business_keys ON business_keys.key = facts.business_key
     LEFT JOIN old_broker_ids AS broker_ids ON broker_ids.key = facts.broker
     ORDER BY facts.key`,
  );
  for (const { attrs, kind, ...row } of select.iterate()) {
    const fact: Record<string, unknown> = { kind: kindOf(Number(kind)) };
    for (const [field, value] of Object.entries(row)) {
      if (value === null && !NULLABLE.has(field)) continue;
      const unpack = UNPACKED[field];
      fact[field] = unpack === undefined || value === null ? value : unpack(value as PackedId); // such columns hold these
    }
    // Sound: the writer of schema 4 split a fact of this kind into these columns.
    yield { ...fact, ...(attrs === null ? {} : JSON.parse(String(attrs))) } as MessageFact;
  }
}

const NULLABLE: ReadonlySet<string> = new Set(['causation_id', 'tenant_id', 'operation', 'event_type']);
const UNPACKED: Readonly<Record<string, (packed: PackedId) => string>> = {
  ...{ fact_id: unpackId, message_id: unpackId, correlation_id: unpackId, causation_id: unpackId },
  ...{ execution_id: unpackId, trace_id: unpackHex, span_id: unpackHex },
};

/** What recorders say they dropped stays where it is, and is found by its id like a fact. */
function nameDropped(database: DatabaseSync): void {
  const factIds = openFactIds(database);
  for (const { key, fact_id: id } of database.prepare('SELECT key, fact_id FROM dropped').all())
    factIds.add([{ id: unpackId(id as PackedId), place: -Number(key) }]); // the column holds packed ids only
}

/** Of schema 8: today's writer and reader of facts need it before. */
export const FRESH_IDS = `
CREATE TABLE IF NOT EXISTS fresh_ids (
  batch INTEGER PRIMARY KEY,
  least INTEGER NOT NULL,
  coded BLOB NOT NULL
) STRICT;`;

const TABLES_OF_6 = `
CREATE TABLE workflows (
  key INTEGER PRIMARY KEY,
  correlation_id ANY NOT NULL UNIQUE,
  ending INTEGER,
  first_message INTEGER,
  first_at INTEGER,
  sum INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX workflows_by_ending ON workflows (ending) WHERE ending IS NOT NULL;
CREATE TABLE traces (
  key INTEGER PRIMARY KEY,
  trace_id ANY NOT NULL UNIQUE,
  first_message INTEGER,
  first_at INTEGER,
  sum INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE messages (
  key INTEGER PRIMARY KEY,
  message_id ANY NOT NULL,
  workflow INTEGER,
  cause INTEGER,
  first_at INTEGER,
  tenant INTEGER,
  event_type INTEGER,
  business_key INTEGER,
  trace INTEGER,
  last_fact INTEGER,
  unsettled INTEGER NOT NULL DEFAULT 0,
  ended INTEGER NOT NULL DEFAULT 0,
  open INTEGER NOT NULL DEFAULT 0,
  starts INTEGER NOT NULL DEFAULT 0,
  marks INTEGER NOT NULL DEFAULT 0,
  sum INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX messages_by_workflow ON messages (workflow, first_at) WHERE first_at IS NOT NULL;
CREATE INDEX messages_by_cause ON messages (cause, first_at) WHERE cause IS NOT NULL AND first_at IS NOT NULL;
CREATE INDEX messages_by_business_key ON messages (business_key, first_at) WHERE business_key IS NOT NULL;
CREATE INDEX messages_open ON messages (first_at) WHERE open = 1;
CREATE TABLE ids (
  code INTEGER NOT NULL,
  message INTEGER NOT NULL,
  PRIMARY KEY (code, message)
) STRICT, WITHOUT ROWID;
CREATE TABLE fact_ids (
  bucket INTEGER NOT NULL,
  place INTEGER NOT NULL,
  marks BLOB NOT NULL,
  PRIMARY KEY (bucket, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE gaps (
  at INTEGER NOT NULL,
  message INTEGER NOT NULL,
  tenant INTEGER,
  PRIMARY KEY (at, message)
) STRICT, WITHOUT ROWID;
CREATE TABLE sends (
  destination INTEGER NOT NULL,
  at INTEGER NOT NULL,
  message INTEGER NOT NULL,
  tenant INTEGER,
  PRIMARY KEY (destination, at, message)
) STRICT, WITHOUT ROWID;
`;
