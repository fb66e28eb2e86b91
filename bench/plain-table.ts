import { DatabaseSync } from 'node:sqlite';
import type { MessageFact } from 'waybill';

/** What the targets were measured against: facts as rows of text in one table of SQLite, with four indexes. */
export interface PlainTable {
  /** In one transaction. */
  insert(facts: readonly MessageFact[]): void;
  /** All that is known of a workflow, oldest first. */
  workflow(correlationId: string): unknown[];
  close(): void;
}

export function openPlainTable(path: string): PlainTable {
  const database = new DatabaseSync(path);
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536;
     CREATE TABLE facts (
       id INTEGER PRIMARY KEY, kind TEXT, message_id TEXT, correlation_id TEXT, causation_id TEXT, execution_id TEXT,
       tenant TEXT, operation TEXT, destination TEXT, time INTEGER, outcome TEXT, attrs TEXT
     ) STRICT;
     CREATE INDEX facts_by_message ON facts (message_id);
     CREATE INDEX facts_by_workflow ON facts (correlation_id);
     CREATE INDEX facts_by_cause ON facts (causation_id);
     CREATE INDEX facts_by_time ON facts (time);`,
  );
  const insert = database.prepare(`INSERT INTO facts VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const workflow = database.prepare('SELECT * FROM facts WHERE correlation_id = ? ORDER BY time');
  return {
    insert(facts) {
      database.exec('BEGIN IMMEDIATE');
      for (const fact of facts) {
        const { kind, message_id, correlation_id, causation_id, tenant_id, operation, destination, at } = fact;
        const { outcome, execution_id } = fact as { readonly outcome?: string; readonly execution_id?: string };
        const ids = [message_id, correlation_id, causation_id, execution_id ?? null] as const;
        insert.run(kind, ...ids, tenant_id, operation, destination, at, outcome ?? null, attributesOf(fact));
      }
      database.exec('COMMIT');
    },
    workflow: (correlationId) => workflow.all(correlationId),
    close: () => database.close(),
  };
}

/** About 200 bytes. */
function attributesOf({ service, seq, event_type, business_key, bindings }: MessageFact): string {
  return JSON.stringify({ service, seq, event_type, business_key, bindings });
}
