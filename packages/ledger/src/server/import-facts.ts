import type { Fact } from 'waybill';
import { isLedgerError } from '../errors.ts';
import { readDocumented, readReport } from '../ingest/read-destinations.ts';
import { readWrittenFact } from '../ingest/written-fact.ts';
import type { FactStore } from '../store/store.ts';

export interface Imported {
  readonly stored: number;
  readonly repeated: number;
  /** Those that were no facts, and what was said wrongly of destinations. */
  readonly rejected: number;
  /** Where the first of them was, counted from 1, and why. */
  readonly reason?: string;
  /** How many destinations something was said of. */
  readonly destinations: number;
}

/** What is said of destinations, among facts: a report of one source, or a document's list. */
interface WrittenDestinations {
  readonly source?: unknown;
  readonly destinations: unknown;
}

function isDestinations(value: unknown): value is WrittenDestinations {
  return typeof value === 'object' && value !== null && 'destinations' in value;
}

const factsAtOnce = 2_000;

/** Stores what are facts, each once however often it is imported; `onProgress` is told how many were read so far. */
export async function importFacts(
  store: FactStore,
  values: AsyncIterable<unknown> | Iterable<unknown>,
  onProgress: (read: number) => void,
  now: number,
): Promise<Imported> {
  let imported: Imported = { stored: 0, repeated: 0, rejected: 0, destinations: 0 };
  let facts: Fact[] = [];
  let read = 0;
  const names = new Set<string>();
  const reject = (reason: string) => {
    imported = { reason, ...imported, rejected: imported.rejected + 1 };
  };
  const append = async () => {
    const { stored, repeated } = await store.append(facts);
    imported = { ...imported, stored: imported.stored + stored, repeated: imported.repeated + repeated };
    facts = [];
    onProgress(read);
  };
  for await (const value of values) {
    if (isDestinations(value)) {
      const { kept, rejected } = await keepDestinations(store, value, now);
      for (const name of kept) names.add(name);
      if (rejected !== null) reject(rejected);
      continue;
    }
    read++;
    const reading = readWrittenFact(value);
    if ('fact' in reading) facts.push(reading.fact);
    else reject(`fact ${read}: ${reading.rejected}`);
    if (facts.length === factsAtOnce) await append();
  }
  if (facts.length > 0) await append();
  return { ...imported, destinations: names.size };
}

async function keepDestinations(
  store: FactStore,
  written: WrittenDestinations,
  now: number,
): Promise<{ readonly kept: ReadonlySet<string>; readonly rejected: string | null }> {
  try {
    const { values } = 'source' in written ? readReport(written, now) : readDocumented(written.destinations, now);
    await store.destinations.keep(values);
    return { kept: new Set(values.map(({ destination }) => destination)), rejected: null };
  } catch (error) {
    if (!isLedgerError(error) || error.code === 'LEDGER_UNWRITABLE') throw error;
    return { kept: new Set(), rejected: error.message };
  }
}
