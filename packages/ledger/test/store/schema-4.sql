-- A ledger's file as schema 4 had it: old-ledger.ts fills it.
CREATE TABLE names (
  key INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE business_keys (
  key INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE,
  bare TEXT
) STRICT;
CREATE INDEX business_keys_by_bare ON business_keys (bare) WHERE bare IS NOT NULL;
CREATE TABLE workflows (
  key INTEGER PRIMARY KEY,
  correlation_id ANY NOT NULL UNIQUE,
  ending INTEGER,
  first_message INTEGER,
  first_at INTEGER
) STRICT;
CREATE INDEX workflows_by_ending ON workflows (ending) WHERE ending IS NOT NULL;
CREATE TABLE traces (
  key INTEGER PRIMARY KEY,
  trace_id ANY NOT NULL UNIQUE,
  first_message INTEGER,
  first_at INTEGER
) STRICT;
CREATE TABLE messages (
  key INTEGER PRIMARY KEY,
  message_id ANY NOT NULL UNIQUE,
  ending INTEGER,
  workflow INTEGER,
  cause INTEGER,
  first_at INTEGER,
  tenant INTEGER,
  event_type INTEGER,
  business_key INTEGER,
  unsettled INTEGER NOT NULL DEFAULT 0,
  ended INTEGER NOT NULL DEFAULT 0,
  open INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX messages_by_ending ON messages (ending) WHERE ending IS NOT NULL;
CREATE INDEX messages_by_workflow ON messages (workflow, first_at) WHERE first_at IS NOT NULL;
CREATE INDEX messages_by_cause ON messages (cause, first_at) WHERE cause IS NOT NULL AND first_at IS NOT NULL;
CREATE INDEX messages_by_business_key ON messages (business_key, first_at) WHERE business_key IS NOT NULL;
CREATE INDEX messages_open ON messages (first_at) WHERE open = 1;
CREATE TABLE executions (
  key INTEGER PRIMARY KEY,
  execution_id ANY NOT NULL,
  message INTEGER NOT NULL,
  ending INTEGER,
  UNIQUE (execution_id, message)
) STRICT;
CREATE INDEX executions_by_ending ON executions (ending) WHERE ending IS NOT NULL;
CREATE TABLE broker_ids (
  key INTEGER PRIMARY KEY,
  broker_id TEXT NOT NULL,
  message INTEGER NOT NULL,
  UNIQUE (broker_id, message)
) STRICT;
CREATE TABLE facts (
  key INTEGER PRIMARY KEY,
  fact_id ANY NOT NULL UNIQUE,
  message INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  at INTEGER NOT NULL,
  workflow INTEGER NOT NULL,
  cause INTEGER,
  execution INTEGER,
  trace INTEGER NOT NULL,
  span_id ANY,
  seq INTEGER NOT NULL,
  service INTEGER NOT NULL,
  instance INTEGER NOT NULL,
  version INTEGER,
  tenant INTEGER,
  operation INTEGER,
  event_type INTEGER,
  business_key INTEGER,
  system INTEGER NOT NULL,
  destination INTEGER NOT NULL,
  subscription INTEGER,
  broker INTEGER,
  bindings TEXT,
  attrs TEXT
) STRICT;
CREATE INDEX facts_by_message ON facts (message);
CREATE INDEX facts_by_span ON facts (span_id) WHERE span_id IS NOT NULL;
CREATE INDEX gaps_by_traceparent ON facts (attrs ->> '$.gap.traceparent') WHERE kind = 5;
CREATE INDEX gaps_by_time ON facts (at, tenant, message) WHERE kind = 5;
CREATE INDEX sends_by_destination ON facts (destination, at, tenant, message) WHERE kind = 2;
CREATE TABLE failures (
  at INTEGER NOT NULL,
  message INTEGER NOT NULL,
  tenant INTEGER,
  PRIMARY KEY (at, message)
) STRICT, WITHOUT ROWID;
CREATE TABLE minutes (
  tenant INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  facts INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  first_fact INTEGER,
  last_fact INTEGER,
  PRIMARY KEY (tenant, minute)
) STRICT, WITHOUT ROWID;
CREATE TABLE batch_items (
  batch_id ANY NOT NULL,
  message INTEGER NOT NULL,
  place INTEGER NOT NULL,
  PRIMARY KEY (batch_id, message)
) STRICT, WITHOUT ROWID;
CREATE TABLE recorders (
  service INTEGER NOT NULL,
  system INTEGER NOT NULL,
  PRIMARY KEY (service, system)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE dropped (
  key INTEGER PRIMARY KEY,
  fact_id ANY NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  since INTEGER NOT NULL,
  count INTEGER NOT NULL,
  service INTEGER NOT NULL,
  instance INTEGER NOT NULL,
  version INTEGER,
  why TEXT NOT NULL
) STRICT;
CREATE INDEX dropped_by_end ON dropped (at);
CREATE TABLE extent (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  facts INTEGER NOT NULL,
  since INTEGER,
  until INTEGER
) STRICT;
INSERT INTO extent VALUES (1, 0, NULL, NULL);
PRAGMA application_id = 0x57415942;
PRAGMA user_version = 4;
