import type { DestinationValue, FactStore } from '../store/store.ts';

/** What is said of destinations, as lines that are reports: of these, or of all where `names` is null. */
export async function exportDestinations(store: FactStore, names: readonly string[] | null): Promise<string[]> {
  const reports = new Map<string, Map<string, Record<string, unknown>>>();
  for (const { destination, source, field, value, at } of await store.read((reader) => reader.destinations(names))) {
    // A report is of one moment, and each value has its own.
    const head = headOf(source, at);
    const destinations = reports.get(head) ?? new Map<string, Record<string, unknown>>();
    reports.set(head, destinations);
    const own = destinations.get(destination) ?? { name: destination };
    destinations.set(destination, own);
    own[field] = value;
  }
  return [...reports].map(
    ([head, destinations]) => `${head},"destinations":${JSON.stringify([...destinations.values()])}}`,
  );
}

function headOf(source: DestinationValue['source'], at: number): string {
  return JSON.stringify({ schema: 'waybill.destinations/1', source, at: new Date(at).toISOString() }).slice(0, -1);
}
