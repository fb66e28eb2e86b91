import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ledgerError } from '../errors.ts';
import type { FactStore } from '../store/store.ts';
import type { Call } from './call.ts';
import { ledgerPath, type withLedger } from './ledger-file.ts';
import type { Setting, SettingName } from './settings.ts';

/** A store, and where it is, as a line of text says it. */
export interface OpenedStore {
  readonly store: FactStore;
  readonly place: string;
}

/** The ledger of a verb that reads and writes one itself: in ClickHouse where the flag or the environment says so. */
export async function withStore<Result>(
  { given, env }: Pick<Call, 'given' | 'env'>,
  inFile: typeof withLedger,
  work: (store: FactStore) => Promise<Result>,
): Promise<Result> {
  const url = given.get('clickhouse') ?? (given.has('db') ? undefined : env['WAYBILL_CLICKHOUSE_URL']);
  if (!url) return inFile(ledgerPath(given), work);
  const { openClickhouseStore } = await import('../store/clickhouse/clickhouse.ts');
  const store = await openClickhouseStore({ url });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** The store that a server is told to keep facts in: a database of ClickHouse, where one is named, else a file. */
export async function openStore(setting: (name: SettingName) => Setting | undefined): Promise<OpenedStore> {
  const clickhouse = setting('clickhouse');
  if (clickhouse !== undefined) return openInClickhouse(clickhouse, setting('max_bytes'));
  const folder = setting('data')?.value ?? '';
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'ledger.sqlite');
  // Late: questions to a server need no SQLite.
  const { openSqliteStore } = await import('../store/sqlite.ts');
  return { store: openSqliteStore({ path }), place: path };
}

async function openInClickhouse({ value: url }: Setting, bytesMax: Setting | undefined): Promise<OpenedStore> {
  // What is deleted there leaves the disk with a merge, some time later: until then the next look would delete more.
  if (bytesMax !== undefined)
    throw ledgerError('ARGUMENT_INVALID', bytesMax.name, 'left out where facts are kept in ClickHouse', bytesMax.value);
  const { openClickhouseStore } = await import('../store/clickhouse/clickhouse.ts');
  const store = await openClickhouseStore({ url });
  const { host, pathname } = new URL(url);
  return { store, place: `ClickHouse at ${host}${pathname === '/' ? '' : pathname}` };
}
