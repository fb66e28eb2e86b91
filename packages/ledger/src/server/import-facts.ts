import type { Fact } from 'waybill';
import { readWrittenFact } from '../ingest/written-fact.ts';
import type { FactStore } from '../store/store.ts';

export interface Imported {
  readonly stored: number;
  readonly repeated: number;
  /** Those that were no facts: where the first was, counted from 1, and why. */
  readonly rejected: number;
  readonly reason?: string;
}

const factsAtOnce = 2_000;

/** Stores what are facts, each once however often it is imported; `onProgress` is told how many were read so far. */
export async function importFacts(
  store: FactStore,
  values: AsyncIterable<unknown> | Iterable<unknown>,
  onProgress: (read: number) => void,
): Promise<Imported> {
  let imported: Imported = { stored: 0, repeated: 0, rejected: 0 };
  let facts: Fact[] = [];
  let read = 0;
  const append = async () => {
    const { stored, repeated } = await store.append(facts);
    imported = { ...imported, stored: imported.stored + stored, repeated: imported.repeated + repeated };
    facts = [];
    onProgress(read);
  };
  for await (const value of values) {
    read++;
    const reading = readWrittenFact(value);
    if ('fact' in reading) facts.push(reading.fact);
    else imported = { reason: `fact ${read}: ${reading.rejected}`, ...imported, rejected: imported.rejected + 1 };
    if (facts.length === factsAtOnce) await append();
  }
  if (facts.length > 0) await append();
  return imported;
}
