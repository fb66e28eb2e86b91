import type { Millis } from 'waybill';
import type { DestinationValue, FactReader } from '../../store/store.ts';
import { groupBy } from '../grouping.ts';
import { rfc3339 } from '../instant.ts';
import type { Destination, KnownDestinations } from './destinations.ts';

/** What somebody wrote down is meant, whatever a probe or the facts show. */
const SUREST_FIRST: readonly DestinationValue['source'][] = ['declared', 'probed', 'learned'];

/** What is known of destinations as of an instant: each is looked up when it is asked for. */
export function knownDestinations(reader: FactReader, asOf: Millis): KnownDestinations {
  const known = new Map<string, Destination | undefined>();
  // Of none yet: a store that has to fetch them begins to, for whoever makes this asks of some before long.
  reader.destinations([]);
  const get = (name: string) => {
    if (!known.has(name)) known.set(name, destinationsOf(reader.destinations([name]), asOf)[0]);
    return known.get(name);
  };
  return { get, has: (name) => get(name) !== undefined };
}

/**
 * Of each field the surest value. What is declared holds for any time; what was probed or learned later than asked is
 * not known yet.
 */
export function destinationsOf(values: readonly DestinationValue[], asOf: Millis): Destination[] {
  const known = values.filter(({ source, at }) => source === 'declared' || at <= asOf);
  return [...groupBy(known, ({ destination }) => destination)].map(([name, own]) => {
    const surest = [...groupBy(own, ({ field }) => field).values()].map((each) => each.reduce(surer));
    const fields = Object.fromEntries(surest.map(({ field, value }) => [field, value]));
    // Sound: `ingest/destination-fields.ts` lets only values of these types through.
    return { ...(fields as Omit<Destination, 'name'>), name, sources: sourcesOf(surest) };
  });
}

function surer(one: DestinationValue, other: DestinationValue): DestinationValue {
  return SUREST_FIRST.indexOf(other.source) < SUREST_FIRST.indexOf(one.source) ? other : one;
}

function sourcesOf(values: readonly DestinationValue[]): NonNullable<Destination['sources']> {
  const sources = SUREST_FIRST.flatMap((source) => {
    const own = values.filter((value) => value.source === source);
    if (own.length === 0) return [];
    const at = Math.max(...own.map((value) => value.at));
    const older = own.filter((value) => value.at < at).map((value) => [value.field, rfc3339(value.at)]);
    const fields = own.map(({ field }) => field);
    return [[source, { at: rfc3339(at), fields, ...(older.length > 0 && { older: Object.fromEntries(older) }) }]];
  });
  return Object.fromEntries(sources);
}
