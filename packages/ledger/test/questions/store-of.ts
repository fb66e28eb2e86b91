import type { Fact } from 'waybill';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactStore, Match } from '../../src/store/store.ts';

/** A store that holds these facts and nothing else. */
export async function storeOf(facts: readonly Fact[]): Promise<FactStore> {
  const store = openSqliteStore({ path: ':memory:' });
  await store.append(facts);
  return store;
}

/** The first thing that an id names in a store. */
export function firstNamed(store: FactStore, id: string): Match {
  const [match] = store.find(id, 1);
  if (!match) throw new Error(`nothing is named ${id}`);
  return match;
}
