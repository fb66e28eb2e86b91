import { existsSync } from 'node:fs';
import { ledgerError } from '../errors.ts';
import type { FactStore } from '../store/store.ts';
import type { FlagName } from './flags.ts';

/** Where `waybill serve` keeps its ledger, unless it is told otherwise. */
const pathDefault = '.waybill/ledger.sqlite';

export function ledgerPath(given: ReadonlyMap<FlagName, string>): string {
  return given.get('db') ?? pathDefault;
}

/** Opens a ledger that is there, for as long as the work takes. */
export async function withLedger<Result>(path: string, work: (store: FactStore) => Promise<Result>): Promise<Result> {
  if (!existsSync(path)) throw ledgerError('LEDGER_UNOPENABLE', path, 'there is no such file');
  return withNewLedger(path, work);
}

/** The same, and makes one where there is none. */
export async function withNewLedger<Result>(
  path: string,
  work: (store: FactStore) => Promise<Result>,
): Promise<Result> {
  // Late: questions to a server need no SQLite.
  const { openSqliteStore } = await import('../store/sqlite.ts');
  const store = openSqliteStore({ path });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
