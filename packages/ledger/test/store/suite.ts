import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openClickhouseStore } from '../../src/store/clickhouse/clickhouse.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactReader, FactStore, Timeline } from '../../src/store/store.ts';
import { isEngineInstalled } from '../clickhouse-engine/engine.ts';
import { sharedEngine } from '../clickhouse-engine/shared-engine.ts';

/** A kind of store: opened twice with the same place it is the same ledger. */
interface StoreKind {
  readonly name: string;
  open(place: string): Promise<FactStore>;
}

const STORES: readonly StoreKind[] = [
  { name: 'sqlite', open: async (place) => openSqliteStore({ path: join(place, 'ledger.db') }) },
  ...(isEngineInstalled ? [{ name: 'clickhouse', open: openInEngine }] : []),
];

/** A database for each place. */
async function openInEngine(place: string): Promise<FactStore> {
  const { database } = await sharedEngine();
  const url = await database(basename(place).replaceAll(/\W/g, '_'));
  return openClickhouseStore({ url, everyMs: 0 });
}

/** The same look-ups, each as a question of its own. */
type Asked<LookUps> = {
  readonly [Name in keyof LookUps]: LookUps[Name] extends (...given: infer Given) => infer Found
    ? (...given: Given) => Promise<Found>
    : never;
};

/** A store as a test sees it: `reopen` closes it and opens it again. */
export type StoreUnderTest = FactStore & { readonly timeline: Asked<Timeline>; reopen(): Promise<FactStore> };

/** One test on a new, empty ledger of every kind. */
export function onEveryStore(outcome: string, run: (store: StoreUnderTest) => Promise<void>): void {
  onStores(STORES, outcome, run);
}

/** What is so in a file alone: whoever says it says why. */
export function onSqlite(outcome: string, run: (store: StoreUnderTest) => Promise<void>): void {
  onStores(
    STORES.filter(({ name }) => name === 'sqlite'),
    outcome,
    run,
  );
}

function onStores(stores: readonly StoreKind[], outcome: string, run: (store: StoreUnderTest) => Promise<void>): void {
  for (const { name, open } of stores) {
    test(`${name}: ${outcome}`, async (context) => {
      const place = await temporaryFolder(context);
      let store = await open(place);
      context.after(() => store.close());
      const reopen = async () => {
        await store.close();
        store = await open(place);
        return store;
      };
      await run(Object.assign(store, { reopen, timeline: timelineOf(store) }));
    });
  }
}

export function timelineOf({ read }: FactStore): Asked<Timeline> {
  return {
    counts: (...given) => read(({ timeline }) => ({ ...timeline.counts(...given) })),
    withGaps: (...given) => read(({ timeline }) => timeline.withGaps(...given)),
    failing: (...given) => read(({ timeline }) => timeline.failing(...given)),
    open: (...given) => read(({ timeline }) => timeline.open(...given)),
    destinations: (...given) => read(({ timeline }) => timeline.destinations(...given)),
    keyed: (...given) => read(({ timeline }) => timeline.keyed(...given)),
    began: (...given) => read(({ timeline }) => timeline.began(...given)),
    sentTo: (...given) => read(({ timeline }) => timeline.sentTo(...given)),
    sampleOf: (...given) => read(({ timeline }) => timeline.sampleOf(...given)),
    arrivals: (...given) => read(({ timeline }) => timeline.arrivals(...given)),
  };
}

/** A folder that is gone after the test. */
export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-ledger-'));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** What a search found, as short lines. */
export function lines(matches: ReturnType<FactReader['find']>): string[] {
  return matches.map(({ kind, id, message_id }) => `${kind} ${id} is ${message_id.slice(-6)}`);
}

export async function assertFound(store: FactStore, id: string, expected: readonly string[]): Promise<void> {
  const found = await store.read((reader) => reader.find(id, 10));
  assert.deepEqual(lines(found), expected, `find(${JSON.stringify(id.slice(0, 60))})`);
}
