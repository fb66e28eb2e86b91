import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactStore } from '../../src/store/store.ts';

/** A kind of store: opened twice with the same place it is the same ledger. */
interface StoreKind {
  readonly name: string;
  open(place: string): FactStore;
}

const STORES: readonly StoreKind[] = [
  { name: 'sqlite', open: (place) => openSqliteStore({ path: join(place, 'ledger.db') }) },
];

/** A store as a test sees it: `reopen` closes it and opens it again. */
export type StoreUnderTest = FactStore & { reopen(): Promise<FactStore> };

/** One test on a new, empty ledger of every kind. */
export function onEveryStore(outcome: string, run: (store: StoreUnderTest) => Promise<void>): void {
  for (const { name, open } of STORES) {
    test(`${name}: ${outcome}`, async (context) => {
      const place = await temporaryFolder(context);
      let store = open(place);
      context.after(() => store.close());
      const reopen = async () => {
        await store.close();
        store = open(place);
        return store;
      };
      await run(Object.assign(store, { reopen }));
    });
  }
}

/** A folder that is gone after the test. */
export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-ledger-'));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** What a search found, as short lines. */
export function lines(matches: ReturnType<FactStore['find']>): string[] {
  return matches.map(({ kind, id, message_id }) => `${kind} ${id} is ${message_id.slice(-6)}`);
}

export function assertFound(store: FactStore, id: string, expected: readonly string[]): void {
  assert.deepEqual(lines(store.find(id, 10)), expected, `find(${JSON.stringify(id.slice(0, 60))})`);
}
