import { ledgerError } from '../errors.ts';
import { DESTINATION_FIELDS, isText, textExpected, timeIn, type ValueSource } from './destination-fields.ts';

/** One thing that is said of a destination; null takes back what the same source said before. */
interface SaidValue {
  readonly destination: string;
  readonly source: ValueSource;
  readonly field: string;
  readonly value: unknown;
  /** Unix ms. */
  readonly at: number;
}

/** What was said, and the fields that this version does not know. */
export interface SaidValues {
  readonly values: readonly SaidValue[];
  readonly ignored: readonly string[];
}

/** Whoever runs more sends them in parts. */
const atOnceMax = 1_000;
const echoedMax = 60;

/**
 * A declaration of one destination: it is all that is declared of it, so what it leaves out is taken back.
 *
 * @throws DESTINATION_INVALID.
 */
export function readDeclaration(name: unknown, written: unknown, at: number): readonly SaidValue[] {
  const destination = nameOf(name);
  const given = Object.entries(objectOf(written, destination)).filter(([field]) => field !== 'name');
  const left = Object.entries(DESTINATION_FIELDS)
    .filter(([field, { from }]) => from.includes('declared') && given.every(([other]) => other !== field))
    .map(([field]): [string, unknown] => [field, null]);
  return [...given, ...left].map(([field, value]) => {
    if (!Object.hasOwn(DESTINATION_FIELDS, field)) throw unknownField(destination, field);
    return { destination, source: 'declared', field, value: saidValueOf(destination, 'declared', field, value), at };
  });
}

/**
 * Several destinations as `waybill.destinations/1` has them. A field that is not given stays as it was. What is said of
 * a time to come is said of now, and probes of a later version may know fields that this one does not.
 *
 * @throws DESTINATION_INVALID.
 */
export function readReport(body: unknown, now: number): SaidValues & { readonly source: ValueSource } {
  const { schema, source, at, destinations } = objectOf(body, null);
  if (schema !== 'waybill.destinations/1') throw invalid('schema', 'waybill.destinations/1', schema);
  if (source !== 'declared' && source !== 'probed' && source !== 'learned')
    throw invalid('source', 'declared or probed', source);
  const then = at === undefined ? now : timeIn(at);
  if (then === undefined) throw invalid('at', 'an RFC 3339 time', at);
  if (!Array.isArray(destinations) || destinations.length > atOnceMax)
    throw invalid('destinations', `a list of at most ${atOnceMax}`, destinations);
  const ignored = new Set<string>();
  const values = destinations.flatMap((written) => {
    const { name, ...given } = objectOf(written, null);
    const destination = nameOf(name);
    return Object.entries(given).flatMap(([field, value]): SaidValue[] => {
      if (Object.hasOwn(DESTINATION_FIELDS, field))
        return [
          {
            destination,
            source,
            field,
            value: saidValueOf(destination, source, field, value),
            at: Math.min(then, now),
          },
        ];
      if (source === 'declared') throw unknownField(destination, field);
      ignored.add(field);
      return [];
    });
  });
  return { source, values, ignored: [...ignored] };
}

/**
 * Destinations as a document has them: each with its `sources`, which say of whom its values are and of when. Without
 * any, what can be declared is declared; a measure without an age is none.
 *
 * @throws DESTINATION_INVALID.
 */
export function readDocumented(destinations: unknown, now: number): SaidValues {
  if (!Array.isArray(destinations)) throw invalid('destinations', 'a list', destinations);
  const ignored = new Set<string>();
  const values = destinations.flatMap((written) => {
    const { name, sources, ...given } = objectOf(written, null);
    const destination = nameOf(name);
    const known = sourcesOf(sources, destination, now);
    return Object.entries(given).flatMap(([field, value]): SaidValue[] => {
      const entry = Object.hasOwn(DESTINATION_FIELDS, field) ? DESTINATION_FIELDS[field] : undefined;
      const said =
        known.find(({ fields }) => fields.includes(field)) ?? (LASTING.includes(field) ? known[0] : undefined);
      if (entry === undefined || said === undefined || !entry.from.includes(said.source)) {
        ignored.add(field);
        return [];
      }
      const { source, at } = said;
      return [{ destination, source, field, value: saidValueOf(destination, source, field, value), at }];
    });
  });
  return { values, ignored: [...ignored] };
}

interface Spoken {
  readonly source: ValueSource;
  readonly at: number;
  readonly fields: readonly unknown[];
}

/** What a destination is says as much as its name, and a document may list it under no source: it is the first's. */
const LASTING: readonly string[] = ['kind', 'system'];

/** Those that say the most lasting things come first. */
function sourcesOf(sources: unknown, destination: string, now: number): Spoken[] {
  if (sources === undefined)
    return [{ source: 'declared', at: now, fields: Object.keys(DESTINATION_FIELDS).filter(isDeclarable) }];
  const given = objectOf(sources, destination);
  return (['declared', 'probed', 'learned'] as const).flatMap((source): Spoken[] => {
    if (given[source] === undefined) return [];
    const { at, fields } = objectOf(given[source], destination);
    const then = timeIn(at);
    if (then === undefined) throw invalid(`destination "${destination}": sources.${source}.at`, 'an RFC 3339 time', at);
    return [{ source, at: then, fields: Array.isArray(fields) ? fields : [] }];
  });
}

function isDeclarable(field: string): boolean {
  return DESTINATION_FIELDS[field]?.from.includes('declared') === true;
}

function nameOf(name: unknown): string {
  if (!isText(name)) throw invalid('the name of a destination', textExpected, name);
  return name;
}

function saidValueOf(destination: string, source: ValueSource, field: string, value: unknown): unknown {
  const { expected, read, from } = DESTINATION_FIELDS[field] ?? { expected: '', read: () => undefined, from: [] };
  if (!from.includes(source))
    throw invalid(`destination "${destination}": ${field}`, `${from.join(' or ')}, never ${source}`, value);
  if (value === null) return null;
  const kept = read(value);
  if (kept === undefined) throw invalid(`destination "${destination}": ${field}`, expected, value);
  return kept;
}

function objectOf(value: unknown, destination: string | null): Readonly<Record<string, unknown>> {
  // Sound: an object that is no list can be read by name.
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid(destination === null ? 'a destination' : `destination "${destination}"`, 'an object', value);
}

function unknownField(destination: string, field: string): Error {
  const known = Object.keys(DESTINATION_FIELDS).filter(isDeclarable).join(', ');
  return invalid(`a field of destination "${destination}"`, `one of ${known}`, field);
}

function invalid(name: string, expected: string, given: unknown): Error {
  const text = JSON.stringify(given) ?? 'missing';
  return ledgerError(
    'DESTINATION_INVALID',
    name,
    expected,
    text.length > echoedMax ? `${text.slice(0, echoedMax)}…` : text,
  );
}
