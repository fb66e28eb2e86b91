import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isLedgerError, type LedgerError, ledgerError } from '../errors.ts';
import { busyMsMax, damageIn, damageInLog, refuseCut } from './damage.ts';
import { MIGRATIONS } from './migrations.ts';

const schemaVersion = MIGRATIONS.length;
export const applicationId = 0x57415942; // as schema.sql sets it
const walBytesMax = 64 * 1024 * 1024;

/**
 * Opens the ledger's file, and makes its tables where it is new. What is no ledger is refused, and left as it is. What of
 * its log is lost is told before all else: the rest of it may be damaged as well.
 */
export function openDatabase(path: string, onLoss: (error: LedgerError) => void): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    if (path !== ':memory:') refuseCut(path);
    database = new DatabaseSync(path, { timeout: busyMsMax });
    const loss = path === ':memory:' ? undefined : damageInLog(database, path);
    if (loss !== undefined) onLoss(loss);
    prepareDatabase(database, path);
    return database;
  } catch (error) {
    database?.close();
    if (isLedgerError(error)) throw error;
    throw (
      damageIn(error) ?? ledgerError('LEDGER_UNOPENABLE', path, error instanceof Error ? error.message : String(error))
    );
  }
}

function prepareDatabase(database: DatabaseSync, path: string): void {
  const found = schemaOf(database, path);
  // FULL, so that an acknowledged fact survives a power cut; joined commits make that affordable. At SQLite's own 1,000
  // pages almost every group would end in a checkpoint: 8,000 are 32 MB of log, and took a tenth off the time of ingest.
  // Twice the cache took 38 MB more of a server's memory, and no less of its time.
  // A reader that stays long keeps the log growing; once it has gone, no more than the limit of it is left.
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768;
    PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = ${walBytesMax};
    PRAGMA temp_store = MEMORY;`);
  if (found === schemaVersion) return;
  database.exec('BEGIN IMMEDIATE');
  // Another process may have made them between the look and the lock.
  const locked = schemaOf(database, path);
  if (locked === 0) database.exec(readFileSync(new URL('./schema.sql', import.meta.url), 'utf8'));
  else for (const migrate of MIGRATIONS.slice(locked)) migrate(database);
  database.exec('COMMIT');
}

/** The schema of the file, 0 where it is new. */
export function schemaOf(database: DatabaseSync, path: string): number {
  const version = pragmaOf(database, 'user_version');
  const application = pragmaOf(database, 'application_id');
  const tables = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables'];
  if (application !== applicationId && (version !== 0 || application !== 0 || tables !== 0)) {
    throw new Error('it holds the data of another program');
  }
  if (version > schemaVersion) throw ledgerError('LEDGER_NEWER', path, String(version), String(schemaVersion));
  return version;
}

function pragmaOf(database: DatabaseSync, name: 'user_version' | 'application_id' | 'data_version'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
