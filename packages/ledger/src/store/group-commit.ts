import type { DatabaseSync } from 'node:sqlite';
import { isLedgerError, ledgerError } from '../errors.ts';
import { damageIn } from './damage.ts';

/** Joins what is written meanwhile into one transaction: a flush to disk costs the same for one row and a thousand. */
export interface GroupCommit {
  /** Resolves with what `write` gave when that is on disk; `rows` is about how many it writes. */
  commit<Result>(rows: number, write: () => Result): Promise<Result>;
  /** As `commit`, of what makes the file grow: it rejects where only the room is left that deletes need. */
  grow<Result>(rows: number, write: () => Result): Promise<Result>;
  /**
   * As `grow`, of what is noted first, and written with what others note in the same group. It is made when it is its
   * turn, perhaps twice; where that fails, nothing else does.
   */
  note<Item, Result>(make: () => readonly Item[], note: (items: readonly Item[]) => Result): Promise<Result>;
  /** Groups of which something is on disk, and the rows of all of them. */
  done(): { readonly groups: number; readonly rows: number };
  /** Resolves when all that was to be written is; more is refused. */
  close(): Promise<void>;
}

interface Waiting {
  readonly isNoted: boolean;
  /** Writes into the open transaction. */
  readonly write: () => Written;
  readonly reject: (error: Error) => void;
}

interface Written {
  readonly rows: number;
  /** Tells its caller so once that is committed. */
  readonly settle: () => void;
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
      for (const rows of commitGroup(waiting)) {
        if (rows > 0) groups++;
        rowsDone += rows;
      }
      if (waiting.length > 0) schedule();
      else drained?.();
    });
  }

  function enter<Result>(isNoted: boolean, writing: Writing<Result>): Promise<Result> {
    if (isClosed) return Promise.reject(ledgerError('LEDGER_CLOSED'));
    return new Promise((resolve, reject) => {
      waiting.push({ isNoted, write: () => writing(resolve, reject), reject });
      schedule();
    });
  }

  async function whereIsRoom<Result>(write: () => Promise<Result>): Promise<Result> {
    if (!isClosed) roomOrThrow(checkRoom);
    return write();
  }

  return {
    commit: (rows, write) => enter(false, writingOf(rows, write)),
    grow: (rows, write) => whereIsRoom(() => enter(false, writingOf(rows, write))),
    note: (make, note) => whereIsRoom(() => enter(true, notingOf(make, note))),
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

type Writing<Result> = (resolve: (result: Result) => void, reject: (error: unknown) => void) => Written;

function writingOf<Result>(rows: number, write: () => Result): Writing<Result> {
  return (resolve) => {
    const result = write();
    return { rows, settle: () => resolve(result) };
  };
}

function notingOf<Item, Result>(
  make: () => readonly Item[],
  note: (items: readonly Item[]) => Result,
): Writing<Result> {
  return (resolve, reject) => {
    let items: readonly Item[];
    try {
      items = make();
    } catch (error) {
      return { rows: 0, settle: () => reject(error) };
    }
    const result = note(items);
    return { rows: items.length, settle: () => resolve(result) };
  };
}

/**
 * Takes a group of those that wait longest, writes it in one transaction, tells each of it what became of its rows, and
 * gives how many rows each transaction wrote that is on disk: one bad write must not take its neighbours with it, so after
 * one each is tried by itself.
 */
type CommitGroup = (waiting: Waiting[]) => number[];

function openTransaction(database: DatabaseSync, notes: Notes): CommitGroup {
  const dataVersion = database.prepare('PRAGMA data_version');
  let seenVersion: unknown;

  function begin(): void {
    database.exec('BEGIN IMMEDIATE');
    // Another process that wrote to the file made what is remembered of it worthless.
    const version = dataVersion.get()?.['data_version'];
    if (version !== seenVersion) notes.forget();
    seenVersion = version;
  }

  const commitGroup: CommitGroup = (waiting) => {
    const written: Written[] = [];
    let tried = 0;
    let rows = 0;
    try {
      begin();
      for (const { isNoted, write } of waiting) {
        if (rows >= groupRowsMax) break;
        tried++;
        // What deletes has to find what was noted before it.
        if (!isNoted) notes.flush();
        const one = write();
        rows += one.rows;
        written.push(one);
      }
      notes.flush();
      database.exec('COMMIT');
    } catch (error) {
      notes.forget();
      const isOver = !database.isTransaction || isOfDisk(error);
      if (database.isTransaction) database.exec('ROLLBACK');
      // Where no transaction began, none of them has one.
      const group = waiting.splice(0, tried || waiting.length);
      if (group.length > 1 && !isOver) return group.flatMap((each) => commitGroup([each]));
      for (const { reject } of group) reject(unwritable(error));
      return [];
    }
    waiting.splice(0, tried);
    for (const { settle } of written) settle();
    return [rows];
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
