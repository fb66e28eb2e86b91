-- The ledger's file. Only the ledger reads these tables: their shape may change with any version.
--
-- Every id is written once, in the table of what it names, and facts refer to it by an integer key. That is what
-- keeps a fact small, a walk along causes a chain of integer look-ups, and ids that are not ordered by time (those of
-- brokers and callers) out of all wide indexes. An `ANY` id is a packed blob when it is one of our own, else text.
-- `sum` tells a row that is not what was written (row-sums.ts).

CREATE TABLE names (
  key INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE,
  sum INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE business_keys (
  key INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE,
  bare TEXT, -- what follows the first colon: people search for ORD-48213, and the app says order:ORD-48213
  sum INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX business_keys_by_bare ON business_keys (bare) WHERE bare IS NOT NULL;

-- `first_message` is the earliest message so far: what the whole stands for.
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

-- A cause is known by its id before its own facts arrive, and perhaps they never do: then `first_at` is null. An id is
-- there once: whoever writes one has looked it up in the same transaction.
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
  last_fact INTEGER, -- where the newest of its facts lies, which tells where the one before it does
  unsettled INTEGER NOT NULL DEFAULT 0, -- starts less settlements: negative while a start is still on its way here
  ended INTEGER NOT NULL DEFAULT 0, -- settlements that leave nothing to run, and discards
  open INTEGER NOT NULL DEFAULT 0,
  starts INTEGER NOT NULL DEFAULT 0,
  marks INTEGER NOT NULL DEFAULT 0, -- what was recorded of it, a bit each (marks.ts)
  sum INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX messages_by_workflow ON messages (workflow, first_at) WHERE first_at IS NOT NULL;
CREATE INDEX messages_by_cause ON messages (cause, first_at) WHERE cause IS NOT NULL AND first_at IS NOT NULL;
CREATE INDEX messages_by_business_key ON messages (business_key, first_at) WHERE business_key IS NOT NULL;
CREATE INDEX messages_by_time ON messages (first_at, tenant, event_type) WHERE first_at IS NOT NULL;
CREATE INDEX messages_open ON messages (first_at) WHERE open = 1;

-- Which messages have an id: their own, that of an execution, of a broker, or of a span. A code is the ending of an id of
-- our own, or a hash (id-codes.ts), so what is found is compared with what was looked for: in the message or its facts.
CREATE TABLE ids (
  code INTEGER NOT NULL,
  message INTEGER NOT NULL,
  PRIMARY KEY (code, message)
) STRICT, WITHOUT ROWID;

-- Those that came last, until many can be written into the table above together (fresh-ids.ts). `least` is the least key
-- of a message among them.
CREATE TABLE fresh_ids (
  batch INTEGER PRIMARY KEY,
  least INTEGER NOT NULL,
  coded BLOB NOT NULL
) STRICT;

-- Facts, a line each (fact-lines.ts), and so many to a block, which is packed once it is full (blocks.ts).
CREATE TABLE blocks (
  block INTEGER PRIMARY KEY,
  lines BLOB NOT NULL
) STRICT;

-- What blocks are packed with (dictionaries.ts): `since` is the first that was.
CREATE TABLE dictionaries (
  key INTEGER PRIMARY KEY,
  since INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;

-- Which facts are there, by the seconds in which their ids were made, and where (fact-ids.ts).
CREATE TABLE fact_ids (
  bucket INTEGER NOT NULL,
  place INTEGER NOT NULL,
  marks BLOB NOT NULL,
  PRIMARY KEY (bucket, place)
) STRICT, WITHOUT ROWID;

-- What a stretch of time is asked for; no index holds all facts by time.
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
CREATE TABLE failures (
  at INTEGER NOT NULL,
  message INTEGER NOT NULL,
  tenant INTEGER,
  PRIMARY KEY (at, message)
) STRICT, WITHOUT ROWID;

-- Kept at commit. Tenant 0 stands for all of them, and for those that have none. By minute first: a commit then writes
-- one or two pages, where it would write one for each tenant.
CREATE TABLE minutes (
  minute INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  facts INTEGER NOT NULL,
  messages INTEGER NOT NULL, -- that began in it
  first_fact INTEGER,
  last_fact INTEGER,
  PRIMARY KEY (minute, tenant)
) STRICT, WITHOUT ROWID;

-- Messages caused by a batch name the batch, and only the starts of its items say which these were.
CREATE TABLE batch_items (
  batch_id ANY NOT NULL,
  message INTEGER NOT NULL,
  place INTEGER NOT NULL,
  PRIMARY KEY (batch_id, message)
) STRICT, WITHOUT ROWID;

-- Services that record facts themselves, and of which systems.
CREATE TABLE recorders (
  service INTEGER NOT NULL,
  system INTEGER NOT NULL,
  PRIMARY KEY (service, system)
) STRICT, WITHOUT ROWID;

-- Spans of which facts are derived, and their traces. `look_at` is null where nothing of a trace waits any more.
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

-- What was declared, learned or probed of destinations: one row a value, so that each has its own age. `value` is JSON.
CREATE TABLE destination_values (
  destination TEXT NOT NULL,
  source TEXT NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (destination, source, field)
) STRICT, WITHOUT ROWID;

-- What recorders say they dropped belongs to no message.
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

-- Kept at commit, because counting the facts would read all of them.
CREATE TABLE extent (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  facts INTEGER NOT NULL,
  since INTEGER,
  until INTEGER
) STRICT;
INSERT INTO extent VALUES (1, 0, NULL, NULL);

PRAGMA application_id = 0x57415942; -- "WAYB": a file of another program is refused, not filled
PRAGMA user_version = 10;
