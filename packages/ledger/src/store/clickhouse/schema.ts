/** Where the tables are: of one server, or of a cluster, in which each shard has those of its workflows. */
export interface Placement {
  /** As its configuration calls it; null for one server. */
  readonly cluster: string | null;
  /** How long facts are kept; for ever, if left out. */
  readonly keepDays?: number | undefined;
  /** A volume of the server's storage policy to which facts move after so many days. */
  readonly tier?: { readonly afterDays: number; readonly volume: string; readonly policy: string } | undefined;
}

/** Counts milliseconds in its upper part: so arrivals of several ledgers follow each other. */
export const arrivalsPerMs = 1_024;
export const arrivalsPerSecond = 1_000 * arrivalsPerMs;
export const schemaVersion = 1;

interface Table {
  readonly name: string;
  readonly columns: string;
  /** What merges keep one row of, and by which rows are found. */
  readonly orderBy: string;
  readonly primaryKey?: string;
  /** Of equal rows the one of the highest stays; the last, if left out. */
  readonly version?: string;
  /** An expression that is the day of a row's arrival. */
  readonly day?: string;
  readonly settings?: string;
  /** By what rows are spread over a cluster. */
  readonly shardBy: string;
}

const compactBytesMax = 100 * 2 ** 30;
const arrivalDay = `toDate(intDiv(arrival, ${arrivalsPerSecond}))`;

/**
 * A workflow's facts lie together, message by message, which is what makes a fact small: most of it is in the row before.
 * Partitions are of arrival, and not of \`at\`: a sender with a wrong clock would open thousands of them.
 */
const TABLES: readonly Table[] = [
  {
    name: 'facts',
    columns: `correlation_id String CODEC(ZSTD(3)),
  message_id String CODEC(ZSTD(3)),
  at Int64 CODEC(Delta, ZSTD(3)),
  arrival Int64 CODEC(Delta, ZSTD(3)),
  fact_id String CODEC(ZSTD(3)), -- of an own id what is random
  fact_lag Int64 CODEC(ZSTD(3)), -- from \`at\` to the time that the id begins with
  kind LowCardinality(String) CODEC(ZSTD(3)),
  outcome LowCardinality(String) CODEC(ZSTD(3)), -- of a settlement; else empty
  causation_id Nullable(String) CODEC(ZSTD(3)),
  execution_id Nullable(String) CODEC(ZSTD(3)), -- of a send that of the execution which made it
  batch_id Nullable(String) CODEC(ZSTD(3)),
  trace_id String CODEC(ZSTD(3)),
  span_id Nullable(String) CODEC(ZSTD(3)),
  seq Int64 CODEC(Delta, ZSTD(3)),
  service LowCardinality(String) CODEC(ZSTD(3)),
  instance LowCardinality(String) CODEC(ZSTD(3)),
  version LowCardinality(Nullable(String)) CODEC(ZSTD(3)),
  tenant_id LowCardinality(Nullable(String)) CODEC(ZSTD(3)),
  operation LowCardinality(Nullable(String)) CODEC(ZSTD(3)),
  event_type LowCardinality(Nullable(String)) CODEC(ZSTD(3)),
  business_key Nullable(String) CODEC(ZSTD(3)),
  system LowCardinality(String) CODEC(ZSTD(3)),
  destination LowCardinality(String) CODEC(ZSTD(3)),
  subscription LowCardinality(Nullable(String)) CODEC(ZSTD(3)),
  broker_id Nullable(String) CODEC(ZSTD(3)),
  inferred UInt8 CODEC(ZSTD(3)),
  bindings Nullable(String) CODEC(ZSTD(3)),
  attrs String CODEC(ZSTD(3)), -- the fields that are not asked for, as JSON
  INDEX facts_at at TYPE minmax,
  INDEX facts_arrival arrival TYPE minmax`,
    orderBy: 'correlation_id, message_id, at, fact_id, fact_lag',
    primaryKey: 'correlation_id, message_id',
    day: arrivalDay,
    // In one file: a row has many columns, and to begin each in a file of its own takes longer than to read it.
    settings: `index_granularity = 2048, min_bytes_for_wide_part = ${compactBytesMax}`,
    shardBy: 'cityHash64(correlation_id)',
  },
  {
    name: 'ids',
    columns: `key UInt64 CODEC(Delta, ZSTD(3)),
  correlation_id String CODEC(ZSTD(3)),
  day Date CODEC(ZSTD(3))`,
    orderBy: 'key, correlation_id',
    primaryKey: 'key',
    day: 'day',
    settings: 'index_granularity = 512',
    shardBy: 'key',
  },
  {
    // Own ids by their last digits: which of them a person has typed is looked for among those of that minute.
    name: 'endings',
    columns: `ending UInt32 CODEC(Delta, ZSTD(3)),
  minute UInt32 CODEC(ZSTD(3)),
  day Date CODEC(ZSTD(3))`,
    orderBy: 'ending, minute',
    primaryKey: 'ending',
    day: 'day',
    settings: 'index_granularity = 512',
    shardBy: 'ending',
  },
  {
    name: 'dropped',
    columns: `fact_id String,
  at Int64,
  since Int64,
  arrival Int64,
  count Int64,
  service String,
  instance String,
  version Nullable(String),
  why String`,
    orderBy: 'fact_id',
    day: arrivalDay,
    shardBy: 'cityHash64(fact_id)',
  },
  {
    // Counting is cheap, and the earliest and the latest of all facts is not: one row for each group that was written.
    name: 'extents',
    columns: `arrival Int64,
  since Int64,
  until Int64`,
    orderBy: 'arrival',
    shardBy: 'arrival',
  },
  {
    name: 'recorders',
    columns: `service String,
  system String`,
    orderBy: 'service, system',
    shardBy: 'cityHash64(service)',
  },
  {
    name: 'destination_values',
    columns: `destination String,
  source String,
  field String,
  value String, -- as JSON; null where it was taken away
  at Int64`,
    orderBy: 'destination, source, field',
    version: 'at',
    shardBy: 'cityHash64(destination)',
  },
  {
    name: 'spans',
    columns: `trace_id String,
  span_id String,
  arrived_at Int64,
  text String CODEC(ZSTD(3))`,
    orderBy: 'trace_id, span_id',
    shardBy: 'cityHash64(trace_id)',
  },
  {
    name: 'span_traces',
    columns: `trace_id String,
  version Int64,
  last_at Int64,
  look_at Nullable(Int64)`,
    orderBy: 'trace_id',
    version: 'version',
    shardBy: 'cityHash64(trace_id)',
  },
];

/** The statements that make the tables, each as often as one likes. */
export function schemaOf(placement: Placement): string[] {
  return [
    ...TABLES.flatMap((table) =>
      placement.cluster === null
        ? [localTable(table, table.name, placement)]
        : [localTable(table, `${table.name}_local`, placement), distributedTable(table, placement.cluster)],
    ),
    ...versionTable(placement.cluster),
  ];
}

function localTable(table: Table, name: string, { cluster, keepDays, tier }: Placement): string {
  const { columns, orderBy, primaryKey, version, day, settings } = table;
  const replicated = `ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/${name}', '{replica}'`;
  const engine = cluster === null ? 'ReplacingMergeTree(' : `${replicated}${version === undefined ? '' : ', '}`;
  const ttl = [
    ...(tier === undefined ? [] : [`${day} + INTERVAL ${tier.afterDays} DAY TO VOLUME '${tier.volume}'`]),
    ...(keepDays === undefined ? [] : [`${day} + INTERVAL ${keepDays} DAY DELETE`]),
  ];
  // What was acknowledged survives a power cut.
  const durable = 'fsync_after_insert = 1, fsync_part_directory = 1';
  const tiered = tier === undefined ? [] : [`storage_policy = '${tier.policy}'`];
  const dropped = keepDays === undefined ? [] : ['ttl_only_drop_parts = 1'];
  return [
    `CREATE TABLE IF NOT EXISTS ${name}${onCluster(cluster)} (\n  ${columns}\n)`,
    `ENGINE = ${engine}${version ?? ''})`,
    ...(day === undefined ? [] : [`PARTITION BY toMonday(${day})`]),
    ...(primaryKey === undefined ? [] : [`PRIMARY KEY (${primaryKey})`]),
    `ORDER BY (${orderBy})`,
    ...(day === undefined || ttl.length === 0 ? [] : [`TTL ${ttl.join(', ')}`]),
    `SETTINGS ${[...(settings === undefined ? [] : [settings]), durable, ...(day === undefined ? [] : [...tiered, ...dropped])].join(', ')}`,
  ].join('\n');
}

function distributedTable({ name, shardBy }: Table, cluster: string): string {
  return `CREATE TABLE IF NOT EXISTS ${name}${onCluster(cluster)} AS ${name}_local
ENGINE = Distributed('${cluster}', currentDatabase(), '${name}_local', ${shardBy})`;
}

function onCluster(cluster: string | null): string {
  return cluster === null ? '' : ` ON CLUSTER '${cluster}'`;
}

function versionTable(cluster: string | null): string[] {
  const replicated = `ReplicatedReplacingMergeTree('/clickhouse/tables/{database}/schema_versions', '{shard}-{replica}'`;
  const engine = cluster === null ? 'ReplacingMergeTree(' : replicated;
  return [
    `CREATE TABLE IF NOT EXISTS schema_versions${onCluster(cluster)} (version UInt32)\nENGINE = ${engine})\nORDER BY version`,
    `INSERT INTO schema_versions VALUES (${schemaVersion})`,
  ];
}
