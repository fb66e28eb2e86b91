import type { DatabaseSync } from 'node:sqlite';
import { isLedgerError, ledgerError } from '../errors.ts';
import { damageIn } from './damage.ts';

/** Joins what is written meanwhile into one transaction: a flush to disk costs the same for one row and a thousand. */
export interface GroupCommit {
  /** Resolves with what `write` gave when that is on disk; `rows` is about how many it writes. */
  commit<Result>(rows: number, write: () => Result): Promise<Result>;
  /** As `commit`, of what makes the file grow: it rejects where only the room is left that deletes need. */
  grow<Result>(rows: number, write: () => Result): Promise<Result>;
  /** As `grow`, of what is noted first, and written with what others note in the same group. */
  note<Result>(rows: number, note: () => Result): Promise<Result>;
  /** Groups that are on disk, and the rows of all of them. */
  done(): { readonly groups: number; readonly rows: number };
  /** Resolves when all that was to be written is; more is refused. */
  close(): Promise<void>;
}

interface Waiting {
  readonly rows: number;
  readonly isNoted: boolean;
  /** Writes into the open transaction, and gives what tells its caller so once that is committed. */
  readonly write: () => () => void;
  readonly reject: (error: Error) => void;
}

/** A group ends here, so that questions are answered between two of them. */
const groupRowsMax = 5_000;

/** What was noted in a group. */
export interface Notes {
  /** Writes them into the open transaction. */
  flush(): void;
  /** After a rollback what was remembered may not be in the file. */
  forget(): void;
}

/** `checkRoom` throws where there is none to grow. */
export function openGroupCommit(database: DatabaseSync, notes: Notes, checkRoom: () => void): GroupCommit {
  const commitGroup = openTransaction(database, notes);
  const waiting: Waiting[] = [];
  let isClosed = false;
  let isScheduled = false;
  let drained: (() => void) | undefined;
  let groups = 0;
  let rowsDone = 0;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    // One turn of the event loop: requests that are being read now join the group.
    setImmediate(() => {
      isScheduled = false;
      const group = nextGroup();
      for (const committed of commitGroup(group)) {
        groups++;
        for (const { rows } of committed) rowsDone += rows;
      }
      if (waiting.length > 0) schedule();
      else drained?.();
    });
  }

  function nextGroup(): Waiting[] {
    let rows = 0;
    let count = 0;
    for (; count < waiting.length && rows < groupRowsMax; count++) rows += waiting[count]?.rows ?? 0;
    return waiting.splice(0, count);
  }

  function enter<Result>(rows: number, isNoted: boolean, write: () => Result): Promise<Result> {
    if (isClosed) return Promise.reject(ledgerError('LEDGER_CLOSED'));
    return new Promise((resolve, reject) => {
      const told = () => {
        const result = write();
        return () => resolve(result);
      };
      waiting.push({ rows, isNoted, write: told, reject });
      schedule();
    });
  }

  async function whereIsRoom<Result>(write: () => Promise<Result>): Promise<Result> {
    if (!isClosed) roomOrThrow(checkRoom);
    return write();
  }

  return {
    commit: (rows, write) => enter(rows, false, write),
    grow: (rows, write) => whereIsRoom(() => enter(rows, false, write)),
    note: (rows, note) => whereIsRoom(() => enter(rows, true, note)),
    done: () => ({ groups, rows: rowsDone }),
    close() {
      isClosed = true;
      if (!isScheduled) return Promise.resolve();
      return new Promise((resolve) => {
        drained = resolve;
      });
    },
  };
}

type CommitGroup = (group: readonly Waiting[]) => (readonly Waiting[])[];

/**
 * Writes a group in one transaction, tells each of it what became of its rows, and gives those that are on disk by their
 * transactions: one bad write must not take its neighbours with it, so after one each is tried by itself.
 */
function openTransaction(database: DatabaseSync, notes: Notes): CommitGroup {
  const dataVersion = database.prepare('PRAGMA data_version');
  let seenVersion: unknown;

  function writeAll(group: readonly Waiting[]): (() => void)[] {
    database.exec('BEGIN IMMEDIATE');
    // Another process that wrote to the file made what is remembered of it worthless.
    const version = dataVersion.get()?.['data_version'];
    if (version !== seenVersion) notes.forget();
    seenVersion = version;
    const settled = group.map(({ isNoted, write }) => {
      // What deletes has to find what was noted before it.
      if (!isNoted) notes.flush();
      return write();
    });
    notes.flush();
    database.exec('COMMIT');
    return settled;
  }

  const commitGroup: CommitGroup = (group) => {
    let settled: (() => void)[];
    try {
      settled = writeAll(group);
    } catch (error) {
      notes.forget();
      const isOver = !database.isTransaction || isOfDisk(error);
      if (database.isTransaction) database.exec('ROLLBACK');
      if (group.length > 1 && !isOver) return group.flatMap((each) => commitGroup([each]));
      for (const { reject } of group) reject(unwritable(error));
      return [];
    }
    for (const settle of settled) settle();
    return [group];
  };
  return commitGroup;
}

const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;

/** Then it is no write of the group that is bad. */
function isOfDisk(error: unknown): boolean {
  // The lower byte says what it is, the upper ones which.
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return code === SQLITE_FULL || code === SQLITE_IOERR;
}

function roomOrThrow(checkRoom: () => void): void {
  try {
    checkRoom();
  } catch (error) {
    throw unwritable(error);
  }
}

function unwritable(error: unknown): Error {
  const known = isLedgerError(error) ? error : damageIn(error);
  if (known) return known;
  return Object.assign(ledgerError('LEDGER_UNWRITABLE', error instanceof Error ? error.message : String(error)), {
    cause: error,
  });
}
