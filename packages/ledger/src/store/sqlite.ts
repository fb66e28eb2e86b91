import type { DatabaseSync } from 'node:sqlite';
import { type LedgerError, ledgerError } from '../errors.ts';
import { type Blocks, openBlocks } from './blocks.ts';
import { damageIn, damageInSchema } from './damage.ts';
import { openDatabase } from './database.ts';
import { openFinder } from './find.ts';
import { openGroupCommit } from './group-commit.ts';
import { openIdIndex } from './id-index.ts';
import { openDestinations } from './keep-destinations.ts';
import { openSpanShelf } from './keep-spans.ts';
import { type FactsReader, openFactsReader } from './read-facts.ts';
import { openRecordersReader } from './recorders.ts';
import { openRoom } from './room.ts';
import { openShapes } from './shapes.ts';
import { type FactReader, type FactStore, factsIn } from './store.ts';
import { openTimeline } from './timeline.ts';
import { openUpkeep } from './upkeep.ts';
import { openWalks } from './walks.ts';
import { openFactWriter } from './write-facts.ts';

interface SqliteOptions {
  readonly path: string;
  /** Told LEDGER_LOG_DAMAGED, where the ledger is opened without what came last. Writes to stderr, if left out. */
  readonly onDamage?: (error: LedgerError) => void;
}

/**
 * The ledger in one file, with nothing to install; `:memory:` keeps it in this process. Where the end of its write-ahead
 * log is damaged it opens all the same, and says so.
 *
 * @throws LEDGER_UNOPENABLE, LEDGER_NEWER, LEDGER_DAMAGED.
 */
export function openSqliteStore({ path, onDamage = writeToStderr, ...unknown }: SqliteOptions): FactStore {
  const [option] = Object.keys(unknown);
  if (option !== undefined)
    throw ledgerError('ARGUMENT_INVALID', 'openSqliteStore', 'given "path" and "onDamage" alone', `given "${option}"`);
  // SQLite takes no name for a file that vanishes when it is closed: nobody wants their facts there.
  if (typeof path !== 'string' || path === '') throw ledgerError('LEDGER_UNOPENABLE', String(path), 'it is no path');
  let damage: LedgerError | undefined;
  const database = openDatabase(path, (error) => {
    damage = error;
    onDamage(error);
  });
  try {
    return storeOn(database, path, damage);
  } catch (error) {
    database.close();
    throw damageInSchema(error);
  }
}

function storeOn(database: DatabaseSync, path: string, damage: LedgerError | undefined): FactStore {
  const blocks = openBlocks(database);
  const ids = openIdIndex(database);
  const writer = openFactWriter(database, blocks, ids);
  const group = openGroupCommit(database, writer, openRoom(database, path));
  const destinations = openDestinations(database, group);
  const facts = openFactsReader(database, blocks);
  const reader: FactReader = { ...openReader(database, blocks, facts), destinations: destinations.read };
  const inOneMoment = openMoments(database, () => [blocks, ids].forEach((each) => void each.forget()), facts.forget);
  let closed: Promise<void> | undefined;
  return {
    append: (source) => group.note(() => factsIn(source), writer.write),
    read: async (question) => inOneMoment(() => question(reader)),
    spans: openSpanShelf(database, group),
    destinations: destinations.shelf,
    upkeep: {
      ...openUpkeep({ database, blocks, ids, forgetRows: writer.forgetRows }, group, path),
      ...(damage && { damage }),
    },
    close() {
      closed ??= group.close().then(() => database.close());
      return closed;
    },
  };
}

function writeToStderr({ message, code, fix }: LedgerError): void {
  console.error(`${message} (${code}). ${fix}`);
}

function openReader(database: DatabaseSync, blocks: Blocks, facts: FactsReader): Omit<FactReader, 'destinations'> {
  const extent = database.prepare(
    `-- How much is there, and of which time?
     SELECT facts, since, until FROM extent`,
  );
  const dropped = database.prepare(
    `-- How many facts do recorders say they dropped in this window?
     SELECT ifnull(sum(count), 0) AS count FROM dropped WHERE at >= :since AND since <= :until`,
  );
  return {
    ...openFinder(database, facts),
    ...openWalks(database, facts),
    ...openShapes(database),
    factsOf: facts.factsOf,
    records: openRecordersReader(database),
    timeline: openTimeline(database, blocks, facts.messages),
    // Sound: the one row of `extent` has these columns; the schema makes it.
    extent: () => ({ ...extent.get() }) as unknown as ReturnType<FactReader['extent']>,
    dropped: (since, until) => Number(dropped.get({ since, until })?.['count']),
  };
}

/** Another process may write to the file at any time: a transaction sees what was there when it began. */
function openMoments(
  database: DatabaseSync,
  forget: () => void,
  forgetMoment: () => void,
): <Answer>(ask: () => Answer) => Answer {
  const dataVersion = database.prepare('PRAGMA data_version');
  let seenVersion: unknown;
  return (ask) => {
    try {
      database.exec('BEGIN');
      try {
        const version = dataVersion.get()?.['data_version'];
        if (version !== seenVersion) forget();
        seenVersion = version;
        // What was remembered by whoever looked something up outside of any moment.
        forgetMoment();
        return ask();
      } finally {
        forgetMoment();
        if (database.isTransaction) database.exec('COMMIT');
      }
    } catch (error) {
      // Beginning and ending read the file as well.
      throw damageIn(error) ?? error;
    }
  };
}
