import type { Fact } from 'waybill';
import { importFacts } from '../../src/server/import-facts.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { DestinationValue, FactReader, FactStore, Match } from '../../src/store/store.ts';
import { capturedAt, WORKFLOW, workflowFacts } from '../workflow.ts';

/** What may be looked up in a store that holds these facts and nothing else. */
export async function readerOf(
  facts: readonly Fact[],
  destinations: readonly DestinationValue[] = [],
): Promise<FactReader> {
  const store = openSqliteStore({ path: ':memory:' });
  await store.append(facts);
  await store.destinations.keep(destinations);
  // Kept beyond the question: of a store in this process the look-ups work at any time.
  return store.read((reader) => reader);
}

/** What one source says of a destination, all of one time. */
export function said(
  destination: string,
  source: DestinationValue['source'],
  at: number,
  fields: Readonly<Record<string, unknown>>,
): DestinationValue[] {
  return Object.entries(fields).map(([field, value]) => ({ destination, source, field, value, at }));
}

/** The checkout of workflow.json with what is said of its destinations, as `waybill import` keeps it. */
export async function checkoutReader(): Promise<FactReader> {
  const store = openSqliteStore({ path: ':memory:' });
  await keepCheckout(store);
  return store.read((reader) => reader);
}

export async function keepCheckout(store: FactStore): Promise<void> {
  await store.append(workflowFacts());
  await importFacts(store, [{ destinations: WORKFLOW.destinations }], () => {}, capturedAt);
}

/** The first thing that an id names in a store. */
export function firstNamed(reader: FactReader, id: string): Match {
  const [match] = reader.find(id, 1);
  if (!match) throw new Error(`nothing is named ${id}`);
  return match;
}
