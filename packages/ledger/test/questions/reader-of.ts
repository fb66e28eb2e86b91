import type { Fact } from 'waybill';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactReader, Match } from '../../src/store/store.ts';

/** What may be looked up in a store that holds these facts and nothing else. */
export async function readerOf(facts: readonly Fact[]): Promise<FactReader> {
  const store = openSqliteStore({ path: ':memory:' });
  await store.append(facts);
  // Kept beyond the question: of a store in this process the look-ups work at any time.
  return store.read((reader) => reader);
}

/** The first thing that an id names in a store. */
export function firstNamed(reader: FactReader, id: string): Match {
  const [match] = reader.find(id, 1);
  if (!match) throw new Error(`nothing is named ${id}`);
  return match;
}
