import type { DatabaseSync } from 'node:sqlite';
import { openBlocks } from './blocks.ts';
import { codeOf } from './fact-kinds.ts';
import { FAILING } from './failing.ts';
import { openIdIndex } from './id-index.ts';
import { markOf } from './marks.ts';
import { FRESH_IDS, packFacts } from './pack-facts.ts';
import { type PackedId, packId, unpackId } from './packed-id.ts';
import { openFactsReader } from './read-facts.ts';
import { splitBlocks, splitOldBlocks } from './split-blocks.ts';
import { addSums, SUMMED, sumRows, writeSums } from './sum-rows.ts';

/** What turns a file of the schema at its position into one of the next; at 0 it is empty, and gets the newest at once. */
export const MIGRATIONS: readonly ((database: DatabaseSync) => void)[] = [
  ...[() => {}, indexBatches, keepSpans, indexTime],
  ...[keepDestinations, packFacts, markMessages, writeLess, sumRows, splitBlocks],
];

/** Schema 2: the messages of a batch are found by its id. */
function indexBatches(database: DatabaseSync): void {
  database.exec(
    `CREATE TABLE batch_items (
       batch_id ANY NOT NULL,
       message INTEGER NOT NULL,
       place INTEGER NOT NULL,
       PRIMARY KEY (batch_id, message)
     ) STRICT, WITHOUT ROWID;
     PRAGMA user_version = 2;`,
  );
  const insert = database.prepare('INSERT OR IGNORE INTO batch_items (batch_id, message, place) VALUES (?, ?, ?)');
  const starts = database.prepare('SELECT message, attrs FROM facts WHERE kind = ? AND attrs LIKE ?');
  for (const { message, attrs } of starts.iterate(codeOf('started'), '%"batch":{%')) {
    const { batch } = JSON.parse(String(attrs));
    if (typeof batch?.id === 'string') insert.run(packId(batch.id), Number(message), Number(batch.index));
  }
}

/** Schema 3: spans, facts by their span, and who records facts: until now nothing was derived. */
function keepSpans(database: DatabaseSync): void {
  database.exec(
    `CREATE INDEX facts_by_span ON facts (span_id) WHERE span_id IS NOT NULL;
     CREATE INDEX gaps_by_traceparent ON facts (attrs ->> '$.gap.traceparent') WHERE kind = 5;
     CREATE TABLE recorders (
       service INTEGER NOT NULL,
       system INTEGER NOT NULL,
       PRIMARY KEY (service, system)
     ) STRICT, WITHOUT ROWID;
     INSERT INTO recorders SELECT DISTINCT service, system FROM facts
       WHERE kind IN (${codeOf('sent')}, ${codeOf('started')});
     CREATE TABLE span_traces (
       key INTEGER PRIMARY KEY,
       trace_id ANY NOT NULL UNIQUE,
       last_at INTEGER NOT NULL,
       look_at INTEGER,
       span_count INTEGER NOT NULL
     ) STRICT;
     CREATE INDEX span_traces_to_look_at ON span_traces (look_at) WHERE look_at IS NOT NULL;
     CREATE INDEX span_traces_to_let_go ON span_traces (last_at) WHERE look_at IS NULL;
     CREATE TABLE spans (
       trace INTEGER NOT NULL,
       span_id ANY NOT NULL,
       arrived_at INTEGER NOT NULL,
       text TEXT NOT NULL,
       PRIMARY KEY (trace, span_id)
     ) STRICT, WITHOUT ROWID;
     PRAGMA user_version = 3;`,
  );
}

/** Schema 4: what happened in a stretch of time. */
function indexTime(database: DatabaseSync): void {
  const failing = FAILING.map((outcome) => `'${outcome}'`).join(', ');
  database.exec(
    `CREATE INDEX gaps_by_time ON facts (at, tenant, message) WHERE kind = 5;
     CREATE INDEX sends_by_destination ON facts (destination, at, tenant, message) WHERE kind = 2;
     CREATE TABLE failures (
       at INTEGER NOT NULL,
       message INTEGER NOT NULL,
       tenant INTEGER,
       PRIMARY KEY (at, message)
     ) STRICT, WITHOUT ROWID;
     INSERT OR IGNORE INTO failures SELECT at, message, tenant FROM facts
       WHERE kind = ${codeOf('settled')} AND attrs ->> '$.outcome' IN (${failing});
     CREATE TABLE minutes (
       tenant INTEGER NOT NULL,
       minute INTEGER NOT NULL,
       facts INTEGER NOT NULL,
       messages INTEGER NOT NULL, -- that began in it
       first_fact INTEGER,
       last_fact INTEGER,
       PRIMARY KEY (tenant, minute)
     ) STRICT, WITHOUT ROWID;`,
  );
  // SQL divides towards zero: an instant before 1970 is in the minute before.
  const minute = (at: string) => `(${at} / 60000 - (${at} % 60000 < 0))`;
  for (const [tenant, some] of [
    ['0', '1'],
    ['tenant', 'tenant IS NOT NULL'],
  ])
    database.exec(
      `INSERT INTO minutes SELECT ${tenant} AS whose, ${minute('at')} AS minute, count(*), 0, min(key), max(key)
         FROM facts WHERE ${some} GROUP BY whose, minute;
       INSERT INTO minutes SELECT ${tenant} AS whose, ${minute('first_at')} AS minute, 0, count(*), NULL, NULL
         FROM messages WHERE first_at IS NOT NULL AND ${some} GROUP BY whose, minute
         ON CONFLICT DO UPDATE SET messages = excluded.messages;`,
    );
  database.exec('PRAGMA user_version = 4');
}

/** Schema 5: what is known of destinations beside facts. */
function keepDestinations(database: DatabaseSync): void {
  database.exec(
    `CREATE TABLE destination_values (
       destination TEXT NOT NULL,
       source TEXT NOT NULL,
       field TEXT NOT NULL,
       value TEXT NOT NULL,
       at INTEGER NOT NULL,
       PRIMARY KEY (destination, source, field)
     ) STRICT, WITHOUT ROWID;
     PRAGMA user_version = 5;`,
  );
}

/** Schema 7: messages are searched by when they began, and their rows tell where they stand. */
function markMessages(database: DatabaseSync): void {
  const marked = database.prepare(`SELECT 1 FROM pragma_table_info('messages') WHERE name = 'marks'`);
  if (marked.get() === undefined) {
    database.exec(
      `ALTER TABLE messages ADD COLUMN starts INTEGER NOT NULL DEFAULT 0;
       ALTER TABLE messages ADD COLUMN marks INTEGER NOT NULL DEFAULT 0;`,
    );
    // The reader is today's, of today's blocks, and looks at sums.
    splitOldBlocks(database);
    for (const table of SUMMED) addSums(database, table);
    markAll(database);
    writeSums(database, 'messages');
  }
  database.exec(
    `CREATE INDEX messages_by_time ON messages (first_at, tenant, event_type) WHERE first_at IS NOT NULL;
     PRAGMA user_version = 7;`,
  );
}

/** By its facts, each of which is read. */
function markAll(database: DatabaseSync): void {
  database.exec(FRESH_IDS);
  openIdIndex(database);
  const { factsOf } = openFactsReader(database, openBlocks(database));
  const update = database.prepare('UPDATE messages SET starts = ?, marks = ? WHERE key = ?');
  const messages = database.prepare('SELECT key, message_id FROM messages WHERE first_at IS NOT NULL').all();
  for (const { key, message_id } of messages) {
    const facts = factsOf([unpackId(message_id as PackedId)]); // the column holds packed ids only
    const starts = facts.filter(({ kind }) => kind === 'started').length;
    update.run(
      starts,
      facts.reduce((marks, fact) => marks | markOf(fact), 0),
      Number(key),
    );
  }
}

/** Schema 8: ids are kept in a log until many can be written together, and minutes are counted by the minute first. */
function writeLess(database: DatabaseSync): void {
  database.exec(
    `${FRESH_IDS}
     ALTER TABLE minutes RENAME TO old_minutes;
     CREATE TABLE minutes (
       minute INTEGER NOT NULL,
       tenant INTEGER NOT NULL,
       facts INTEGER NOT NULL,
       messages INTEGER NOT NULL, -- that began in it
       first_fact INTEGER,
       last_fact INTEGER,
       PRIMARY KEY (minute, tenant)
     ) STRICT, WITHOUT ROWID;
     INSERT INTO minutes (minute, tenant, facts, messages, first_fact, last_fact)
       SELECT minute, tenant, facts, messages, first_fact, last_fact FROM old_minutes ORDER BY minute, tenant;
     DROP TABLE old_minutes;
     PRAGMA user_version = 8;`,
  );
}
