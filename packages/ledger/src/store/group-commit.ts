import type { DatabaseSync } from 'node:sqlite';
import type { Fact } from 'waybill';
import { ledgerError } from '../errors.ts';
import type { Appended } from './store.ts';
import type { FactWriter } from './write-facts.ts';

/** Joins what is appended meanwhile into one transaction: a flush to disk costs the same for one fact and a thousand. */
interface GroupCommit {
  append(facts: readonly Fact[]): Promise<Appended>;
  /** Resolves when all that was appended is written; later facts are refused. */
  close(): Promise<void>;
}

interface Waiting {
  readonly facts: readonly Fact[];
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: Error) => void;
}

/** A group ends here, so that questions are answered between two of them. */
const groupFactsMax = 5_000;

export function openGroupCommit(database: DatabaseSync, writer: FactWriter): GroupCommit {
  const commitGroup = openTransaction(database, writer);
  const waiting: Waiting[] = [];
  let isClosed = false;
  let isScheduled = false;
  let drained: (() => void) | undefined;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    // One turn of the event loop: requests that are being read now join the group.
    setImmediate(() => {
      isScheduled = false;
      commitGroup(nextGroup());
      if (waiting.length > 0) schedule();
      else drained?.();
    });
  }

  function nextGroup(): Waiting[] {
    let facts = 0;
    let appends = 0;
    for (; appends < waiting.length && facts < groupFactsMax; appends++) facts += waiting[appends]?.facts.length ?? 0;
    return waiting.splice(0, appends);
  }

  return {
    append(facts) {
      if (isClosed) return Promise.reject(ledgerError('LEDGER_CLOSED'));
      return new Promise((resolve, reject) => {
        waiting.push({ facts, resolve, reject });
        schedule();
      });
    },
    close() {
      isClosed = true;
      if (!isScheduled) return Promise.resolve();
      return new Promise((resolve) => {
        drained = resolve;
      });
    },
  };
}

/** Writes a group in one transaction, and tells each append of it what became of its facts. */
function openTransaction(database: DatabaseSync, writer: FactWriter): (group: readonly Waiting[]) => void {
  const dataVersion = database.prepare('PRAGMA data_version');
  let seenVersion: unknown;

  /** One bad append must not take its neighbours in the group with it. */
  function writeOne({ facts, resolve, reject }: Waiting): () => void {
    database.exec('SAVEPOINT one');
    try {
      const appended = writer.write(facts);
      database.exec('RELEASE one');
      return () => resolve(appended);
    } catch (error) {
      writer.forget();
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
      if (version !== seenVersion) writer.forget();
      seenVersion = version;
      for (const each of group) settled.push(writeOne(each));
      database.exec('COMMIT');
    } catch (error) {
      writer.forget();
      if (database.isTransaction) database.exec('ROLLBACK');
      for (const { reject } of group) reject(unwritable(error));
      return;
    }
    for (const settle of settled) settle();
  };
}

function unwritable(error: unknown): Error {
  return Object.assign(ledgerError('LEDGER_UNWRITABLE', error instanceof Error ? error.message : String(error)), {
    cause: error,
  });
}
