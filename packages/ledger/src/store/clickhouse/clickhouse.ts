import { isLedgerError, ledgerError } from '../../errors.ts';
import { readInRounds } from '../rounds.ts';
import type { FactStore } from '../store.ts';
import { openAppending } from './append.ts';
import { type Connection, connect, hostOf, reasonOf } from './connection.ts';
import { openDestinationShelf } from './destinations.ts';
import { fetchInto } from './fetch.ts';
import { Hand } from './hand.ts';
import { lookUpsOver } from './look-ups.ts';
import { clusterOf, migrate } from './migrate.ts';
import { type DeleteFrom, openSpanShelf } from './spans.ts';
import { openUpkeep } from './upkeep.ts';
import type { Want } from './wants.ts';
import { openWriting } from './writing.ts';

interface ClickhouseOptions {
  /** `http://user:password@host:8123/database`. */
  readonly url: string;
  /** From one insert to the next: what comes meanwhile shares it. */
  readonly everyMs?: number;
}

/** ClickHouse takes an insert a second with ease, and some ten of them when it must. */
const everyMsDefault = 100;

/**
 * The ledger in a database of ClickHouse, whose tables are made where there are none.
 *
 * @throws LEDGER_UNOPENABLE, LEDGER_NEWER, ARGUMENT_INVALID.
 */
export async function openClickhouseStore({ url, everyMs, ...unknown }: ClickhouseOptions): Promise<FactStore> {
  const [option] = Object.keys(unknown);
  if (option !== undefined)
    throw ledgerError(
      'ARGUMENT_INVALID',
      'openClickhouseStore',
      'given "url" and "everyMs" alone',
      `given "${option}"`,
    );
  const connection = await connect(url);
  const deleteFrom = await opened(connection, url);
  const appending = openAppending(connection);
  const writing = openWriting(appending, everyMs ?? everyMsDefault);
  let closed: Promise<void> | undefined;
  return {
    append: writing.append,
    read(question) {
      const hand = new Hand();
      return readInRounds(question, {
        reader: (want: (key: string, wanted: Want) => void) => lookUpsOver(hand, want),
        fetch: (wants: readonly Want[]) => fetchInto(hand, connection, wants),
      });
    },
    spans: openSpanShelf(connection, deleteFrom, writing),
    destinations: openDestinationShelf(connection, deleteFrom, writing),
    upkeep: openUpkeep(connection, deleteFrom, writing, appending),
    close() {
      closed ??= writing.close().then(() => connection.close());
      return closed;
    },
  };
}

async function opened(connection: Connection, url: string): Promise<DeleteFrom> {
  try {
    await migrate(connection, hostOf(url));
    return deleterOf(connection, await clusterOf(connection));
  } catch (error) {
    await connection.close();
    if (isLedgerError(error) && error.code === 'LEDGER_NEWER') throw error;
    throw ledgerError('LEDGER_UNOPENABLE', `ClickHouse at ${hostOf(url)}`, reasonOf(error));
  }
}

/** In a cluster the tables of each shard are deleted from: a distributed one takes no deletion. */
function deleterOf({ run }: Connection, cluster: string | null): DeleteFrom {
  const [suffix, everywhere] = cluster === null ? ['', ''] : ['_local', ` ON CLUSTER '${cluster}'`];
  return (table, condition, parameters) =>
    run(
      `DELETE FROM ${table}${suffix}${everywhere} WHERE ${condition} SETTINGS lightweight_deletes_sync = 2`,
      parameters,
    );
}
