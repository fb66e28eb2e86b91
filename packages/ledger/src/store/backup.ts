import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ledgerError } from '../errors.ts';
import { schemaOf } from './database.ts';

/**
 * Copies a ledger as it is at this moment, also while a server writes to it. The copy is whole or not there, and takes
 * the place of what lies at `to`.
 *
 * @throws LEDGER_UNOPENABLE, LEDGER_NEWER, COPY_FAILED.
 */
export function copyLedger(from: string, to: string): { readonly bytes: number } {
  if (!existsSync(from)) throw ledgerError('LEDGER_UNOPENABLE', from, 'there is no such file');
  const part = `${to}.part`;
  try {
    rmSync(part, { force: true });
    copyInto(from, part);
    flush(part, 'r+');
    // What SQLite keeps beside a file belongs to that file alone.
    for (const beside of ['-wal', '-shm']) rmSync(`${to}${beside}`, { force: true });
    renameSync(part, to);
    flush(dirname(to), 'r');
    return { bytes: statSync(to).size };
  } catch (error) {
    rmSync(part, { force: true });
    if (error instanceof Error && 'code' in error && error.code === 'LEDGER_NEWER') throw error;
    throw ledgerError('COPY_FAILED', from, to, error instanceof Error ? error.message : String(error));
  }
}

/** Whether some process has the ledger open: what it holds in memory would be of a file that is no more. */
export function isInUse(path: string): boolean {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // A connection to a file with a write-ahead log holds a shared lock for as long as it lives.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK');
    return false;
  } catch {
    return true;
  } finally {
    database.close();
  }
}

function copyInto(from: string, part: string): void {
  const database = new DatabaseSync(from, { readOnly: true });
  try {
    if (schemaOf(database, from) === 0) throw new Error('it is no ledger');
    // Not SQLite's backup, which begins anew whenever another process writes.
    database.prepare('VACUUM INTO ?').run(part);
  } finally {
    database.close();
  }
  // Not opened for reading alone: then SQLite looks at no constraints.
  const copy = new DatabaseSync(part);
  try {
    const found = copy.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (found !== 'ok') throw new Error(`it is damaged: ${found}`);
  } finally {
    copy.close();
  }
}

function flush(path: string, mode: 'r' | 'r+'): void {
  const file = openSync(path, mode);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
