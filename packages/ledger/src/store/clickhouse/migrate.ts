import { ledgerError } from '../../errors.ts';
import type { Connection } from './connection.ts';
import { schemaOf, schemaVersion } from './schema.ts';

/** Makes what is not there. What a newer version made is left as it is. @throws LEDGER_NEWER. */
export async function migrate({ rows, run }: Connection, host: string): Promise<{ readonly made: boolean }> {
  const tables = (await rows(TABLES)).map(([name]) => String(name));
  if (tables.includes('schema_versions')) {
    const version = Number((await rows(VERSION))[0]?.[0]);
    if (version > schemaVersion)
      throw ledgerError('LEDGER_NEWER', `ClickHouse at ${host}`, String(version), String(schemaVersion));
    if (version === schemaVersion) return { made: false };
  }
  // The version comes last: what broke off is begun anew, and every statement can be said twice.
  for (const statement of schemaOf({ cluster: null })) await run(statement);
  return { made: true };
}

/** The cluster over which the tables are spread; null where they are of one server. */
export async function clusterOf({ rows }: Connection): Promise<string | null> {
  const [[engine] = ['']] = await rows(ENGINE);
  return /^Distributed\('?([^',]+)/.exec(String(engine))?.[1] ?? null;
}

const TABLES = `-- Which tables are there?
SELECT name FROM system.tables WHERE database = currentDatabase()`;

const VERSION = `-- Of which version is the schema?
SELECT max(version) FROM schema_versions`;

const ENGINE = `-- Where do facts lie?
SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = 'facts'`;
