import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { type LedgerError, ledgerError } from '../errors.ts';
import { readLog } from './write-ahead-log.ts';

/** SQLite's code for a file that is malformed. What does not look like a database at all is taken to be none. */
const CORRUPT = 11;
const NO_STATEMENT = 1;
const BUSY = 5;
/** How long a connection waits for what another one has locked. */
export const busyMsMax = 5_000;
/** Of the header: where a database's page size stands, and how many pages it has. */
const headerBytes = 100;
const pageSizeAt = 16;
const pagesAt = 28;

export function damaged(why: string): LedgerError {
  return ledgerError('LEDGER_DAMAGED', why);
}

/** The error that says so, where it comes of a damaged file. */
export function damageIn(error: unknown): LedgerError | undefined {
  if (!(error instanceof Error)) return undefined;
  // An integer is longer than any that we write.
  const isBeyond = 'code' in error && error.code === 'ERR_OUT_OF_RANGE';
  return isBeyond || codeOf(error) === CORRUPT ? damaged(error.message) : undefined;
}

/** The same while statements are prepared, which fail only where the tables are not those of the schema that it has. */
export function damageInSchema(error: unknown): unknown {
  const isNoStatement = error instanceof Error && codeOf(error) === NO_STATEMENT;
  return isNoStatement ? damaged(`its tables are others: ${error.message}`) : (damageIn(error) ?? error);
}

/** SQLite's code for what went wrong, 0 where it is no error of SQLite. */
function codeOf(error: unknown): number {
  // What stands above the first eight bits tells kinds of it apart.
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
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

/**
 * What of the write-ahead log cannot be read, though it was written. SQLite says nothing of it: it goes on with what is
 * before. Asked before anything is written, because the next write takes the place of it.
 */
export function damageInLog(database: DatabaseSync, path: string): LedgerError | undefined {
  const log = `${path}-wal`;
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) === 0) return undefined;
  const reading = whileAlone(database, () => readLog(log));
  if (reading === undefined) return undefined;
  const { bytes, readableBytes, lostFrames, lostCommits, isCut } = reading;
  if (readableBytes === 0) return ledgerError('LEDGER_LOG_DAMAGED', `of its ${bytes} bytes none can be read`);
  // What was begun and taken back leaves pages as well, and no end of a transaction among them.
  if (lostCommits === 0 && !isCut) return undefined;
  const readable = `it can be read up to byte ${readableBytes} of ${bytes}`;
  const behind = `${counted(lostFrames, 'page')} behind that cannot, with ${counted(lostCommits, 'end')} of transactions`;
  return ledgerError('LEDGER_LOG_DAMAGED', `${readable}; ${behind}${isCut ? ', and it ends inside a page' : ''}`);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Undefined where another process has the ledger open: what one is writing looks as if it were damaged. */
function whileAlone<Answer>(database: DatabaseSync, ask: () => Answer): Answer | undefined {
  // One that begins alone keeps its index of the log to itself for good: so this one reads first, as it will again.
  database.exec('PRAGMA busy_timeout = 0; PRAGMA user_version; PRAGMA locking_mode = EXCLUSIVE');
  try {
    database.exec('BEGIN EXCLUSIVE; ROLLBACK');
    return ask();
  } catch (error) {
    if (codeOf(error) === BUSY) return undefined;
    throw error;
  } finally {
    database.exec(`PRAGMA locking_mode = NORMAL; PRAGMA user_version; PRAGMA busy_timeout = ${busyMsMax}`);
  }
}
