import type { DatabaseSync } from 'node:sqlite';
import { ledgerError } from '../errors.ts';

/** Joins what is written meanwhile into one transaction: a flush to disk costs the same for one row and a thousand. */
export interface GroupCommit {
  /** Resolves with what `write` gave when that is on disk; `rows` is about how many it writes. */
  commit<Result>(rows: number, write: () => Result): Promise<Result>;
  /** As `commit`, of what makes the file grow: it rejects where only the room is left that deletes need. */
  grow<Result>(rows: number, write: () => Result): Promise<Result>;
  /** Groups that are on disk, and the rows of all of them. */
  done(): { readonly groups: number; readonly rows: number };
  /** Resolves when all that was to be written is; more is refused. */
  close(): Promise<void>;
}

interface Waiting {
  readonly rows: number;
  /** Writes into the open transaction, and gives what tells its caller so once that is committed. */
  readonly write: () => () => void;
  readonly reject: (error: Error) => void;
}

/** A group ends here, so that questions are answered between two of them. */
const groupRowsMax = 5_000;

/** `forget`: after a rollback what was remembered may not be in the file. `checkRoom` throws where there is none to grow. */
export function openGroupCommit(database: DatabaseSync, forget: () => void, checkRoom: () => void): GroupCommit {
  const commitGroup = openTransaction(database, forget);
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
      if (commitGroup(group)) {
        groups++;
        for (const { rows } of group) rowsDone += rows;
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

  function commit<Result>(rows: number, write: () => Result): Promise<Result> {
    if (isClosed) return Promise.reject(ledgerError('LEDGER_CLOSED'));
    return new Promise((resolve, reject) => {
      const told = () => {
        const result = write();
        return () => resolve(result);
      };
      waiting.push({ rows, write: told, reject });
      schedule();
    });
  }

  return {
    commit,
    async grow(rows, write) {
      if (!isClosed) roomOrThrow(checkRoom);
      return commit(rows, write);
    },
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

/** Writes a group in one transaction, tells each of it what became of its rows, and says whether it is on disk. */
function openTransaction(database: DatabaseSync, forget: () => void): (group: readonly Waiting[]) => boolean {
  const dataVersion = database.prepare('PRAGMA data_version');
  let seenVersion: unknown;

  /** One bad write must not take its neighbours in the group with it. */
  function writeOne({ write, reject }: Waiting): () => void {
    database.exec('SAVEPOINT one');
    try {
      const settle = write();
      database.exec('RELEASE one');
      return settle;
    } catch (error) {
      forget();
      if (!database.isTransaction) throw error; // a full disk ends the whole transaction
      database.exec('ROLLBACK TO one; RELEASE one');
      return () => reject(unwritable(error));
    }
  }

  return (group) => {
    const settled: (() => void)[] = [];
    try {
      database.exec('BEGIN IMMEDIATE');
      // Another process that wrote to the file made what is remembered of it worthless.
      const version = dataVersion.get()?.['data_version'];
      if (version !== seenVersion) forget();
      seenVersion = version;
      for (const each of group) settled.push(writeOne(each));
      database.exec('COMMIT');
    } catch (error) {
      forget();
      if (database.isTransaction) database.exec('ROLLBACK');
      for (const { reject } of group) reject(unwritable(error));
      return false;
    }
    for (const settle of settled) settle();
    return true;
  };
}

function roomOrThrow(checkRoom: () => void): void {
  try {
    checkRoom();
  } catch (error) {
    throw unwritable(error);
  }
}

function unwritable(error: unknown): Error {
  return Object.assign(ledgerError('LEDGER_UNWRITABLE', error instanceof Error ? error.message : String(error)), {
    cause: error,
  });
}
