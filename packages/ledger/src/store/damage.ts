import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type LedgerError, ledgerError } from '../errors.ts';

/** SQLite's code for a file that is malformed. What does not look like a database at all is taken to be none. */
const CORRUPT = 11;
/** Of the header: where a database's page size stands, and how many pages it has. */
const headerBytes = 100;
const pageSizeAt = 16;
const pagesAt = 28;

export function damaged(why: string): LedgerError {
  return ledgerError('LEDGER_DAMAGED', why);
}

/** The error that says so, where it comes of a damaged file. */
export function damageIn(error: unknown): LedgerError | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  // What stands above the first eight bits tells kinds of it apart.
  return (Number(error.errcode) & 0xff) === CORRUPT ? damaged(error.message) : undefined;
}

/**
 * Refuses a file whose end is missing, which SQLite would only notice when it gets there. While there is a log, what is
 * missing may be in that.
 *
 * @throws LEDGER_DAMAGED.
 */
export function refuseCut(path: string): void {
  const { size } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size < headerBytes || (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  const header = Buffer.alloc(headerBytes);
  const file = openSync(path, 'r');
  readSync(file, header, 0, headerBytes, 0);
  closeSync(file);
  if (!header.toString('latin1').startsWith('SQLite format 3')) return;
  const written = header.readUInt16BE(pageSizeAt);
  const pageSize = written === 1 ? 65_536 : written;
  const whole = header.readUInt32BE(pagesAt) * pageSize;
  if (size < whole) throw damaged(`${whole - size} bytes are missing at its end`);
}
