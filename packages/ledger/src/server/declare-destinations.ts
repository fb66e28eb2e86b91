import { readDeclaration } from '../ingest/read-destinations.ts';
import type { FactStore } from '../store/store.ts';

/**
 * Declares destinations as a server's configuration lists them: each whole, by its `name`.
 *
 * @throws DESTINATION_INVALID, DESTINATIONS_FULL.
 */
export async function declareDestinations(store: FactStore, written: readonly unknown[], at: number): Promise<void> {
  const values = written.flatMap((each) => readDeclaration(nameOf(each), each, at));
  if (values.length > 0) await store.destinations.keep(values);
}

function nameOf(written: unknown): unknown {
  return typeof written === 'object' && written !== null && 'name' in written ? written.name : undefined;
}
