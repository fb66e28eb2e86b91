import type { ClickHouseClient } from '@clickhouse/client';
import { ledgerError } from '../../errors.ts';

type Parameters = Readonly<Record<string, unknown>>;

/** A database of ClickHouse, in statements and rows. Values go as parameters: no text of a sender is ever in a statement. */
export interface Connection {
  /** One array of cells a row. @throws STORE_UNREACHABLE, or what ClickHouse says. */
  rows(statement: string, parameters?: Parameters): Promise<unknown[][]>;
  /** Resolves when ClickHouse has acknowledged it. @throws what the client throws. */
  insert(table: string, rows: readonly (readonly unknown[])[]): Promise<void>;
  run(statement: string, parameters?: Parameters): Promise<void>;
  close(): Promise<void>;
}

/** An insert that takes longer is reported as failed; sent again, it finds what was written after all. */
const requestMsMax = 15_000;
const connectionsMax = 8;
/** Statements carry lists of ids; the server's own limit is 256 KiB. */
const statementBytesMax = 8 * 1024 * 1024;

/** @throws ARGUMENT_INVALID where the URL is none. */
export async function connect(url: string): Promise<Connection> {
  // Late: whoever keeps facts in SQLite loads none of it.
  const { createClient, ClickHouseLogLevel } = await import('@clickhouse/client');
  const client: ClickHouseClient = createClient({
    url: checkedUrl(url),
    application: 'waybill',
    request_timeout: requestMsMax,
    max_open_connections: connectionsMax,
    use_multipart_params_auto: true,
    // Its own words come with the error that it throws.
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      // Numbers of JavaScript hold every instant and count that there is here.
      output_format_json_quote_64bit_integers: 0,
      max_query_size: String(statementBytesMax),
      // An insert is acknowledged when it is on the shards, and not when it is on its way.
      distributed_foreground_insert: 1,
      wait_for_async_insert: 1,
      // A statement of a cluster may ask its own shard alone only where it says so.
      distributed_product_mode: 'global',
    },
  });
  return {
    async rows(query, parameters) {
      try {
        const result = await client.query({ query, query_params: { ...parameters }, format: 'JSONCompactEachRow' });
        return await result.json<unknown[]>();
      } catch (error) {
        // What it says itself is no matter of whoever asked: it may repeat what others sent.
        throw isOwnWord(error) ? error : ledgerError('STORE_UNREACHABLE', hostOf(url), reasonOf(error));
      }
    },
    async insert(table, rows) {
      if (rows.length > 0) await client.insert({ table, values: [...rows], format: 'JSONCompactEachRow' });
    },
    async run(query, parameters) {
      await client.command({ query, query_params: { ...parameters } });
    },
    close: () => client.close(),
  };
}

function isOwnWord(error: unknown): boolean {
  return error instanceof Error && 'type' in error;
}

/** What it says of itself, without the statement that it may repeat. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [first = ''] = (error.message || ('code' in error ? String(error.code) : error.name)).split('\n');
  return first.slice(0, 300);
}

/** Where it is, without the password that a URL may hold. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

function checkedUrl(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw ledgerError(
    'ARGUMENT_INVALID',
    'the URL of ClickHouse',
    'like http://user:password@host:8123/database',
    'none',
  );
}
