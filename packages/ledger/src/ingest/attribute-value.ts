import { isNestedDeeper } from './nesting.ts';

/** An OTLP value, as JSON gives it: nothing about it is known. */
export type AnyValue = Readonly<Record<string, unknown>>;

/** Reads an attribute: its value, undefined where it holds none, or `misfit` where it holds something else. */
export interface Reader {
  (value: AnyValue): unknown;
  /** What the attribute has to be, in words that follow "is not". */
  expected: string;
}

export const misfit = Symbol('misfit');

const idLengthMax = 128;
const PRINTABLE = /^[\x20-\x7e]+$/;
/** The last instant that RFC 3339 can write: an answer prints every time. */
const timeMax = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const levelsMax = 64;

export const text = reader('a string', ({ stringValue }) => (typeof stringValue === 'string' ? stringValue : misfit));

/** Ids are kept whole or not at all. */
export const id = reader('an id of 1 to 128 printable ASCII characters', ({ stringValue }) =>
  typeof stringValue === 'string' && stringValue.length <= idLengthMax && PRINTABLE.test(stringValue)
    ? stringValue
    : misfit,
);

/** The JSON text of one object. It is parsed to see that it can be: whoever reads it later must not fail on it. */
export const objectText = reader('the JSON text of an object', ({ stringValue }) => {
  if (typeof stringValue !== 'string' || !stringValue.startsWith('{')) return misfit;
  // The body's own nesting was counted outside its strings, and this is one of them. What opens so many levels and
  // closes them is longer than most bindings are.
  if (stringValue.length > 2 * levelsMax && isNestedDeeper(Buffer.from(stringValue), levelsMax)) return misfit;
  try {
    JSON.parse(stringValue);
    return stringValue;
  } catch {
    return misfit;
  }
});

export const count = reader('a whole number', (value) => {
  const number = integerOf(value);
  return number === undefined || number < 0 ? misfit : number;
});

export const time = reader('a time in Unix milliseconds', (value) => {
  const number = integerOf(value);
  return number === undefined || number < 0 || number > timeMax ? misfit : number;
});

export const flag = reader('true or false', ({ boolValue }) => (typeof boolValue === 'boolean' ? boolValue : misfit));

/** A flag that is there or not: false says the same as its absence. */
export const mark = reader('true or false', ({ boolValue }) =>
  typeof boolValue === 'boolean' ? boolValue || undefined : misfit,
);

export const texts = reader('a list of strings', ({ arrayValue }) => {
  const values = isObject(arrayValue) ? (arrayValue['values'] ?? []) : misfit;
  if (!Array.isArray(values)) return misfit;
  const read = values.map((value: unknown) => (isObject(value) ? text(value) : misfit));
  return read.includes(misfit) || read.includes(undefined) ? misfit : read;
});

export function oneOf(...words: readonly string[]): Reader {
  const known = new Set<unknown>(words);
  return reader(`one of ${words.join(', ')}`, ({ stringValue }) => (known.has(stringValue) ? stringValue : misfit));
}

function reader(expected: string, read: (value: AnyValue) => unknown): Reader {
  const readOrNothing = (value: AnyValue) => {
    const known = read(value);
    // Asked last: an attribute without a value is rare, and to look for one takes as long as to read it.
    return known === misfit && isEmpty(value) ? undefined : known;
  };
  return Object.assign(readOrNothing, { expected });
}

/** OTLP writes null as a value with nothing in it. */
function isEmpty(value: AnyValue): boolean {
  for (const _ in value) return false;
  return true;
}

/** OTLP/JSON writes integers as decimal strings; other writers use numbers, and doubles that hold an integer. */
function integerOf({ intValue, doubleValue }: AnyValue): number | undefined {
  const given = intValue ?? doubleValue;
  const number = typeof given === 'string' && /^-?\d{1,16}$/.test(given) ? Number(given) : given;
  return Number.isSafeInteger(number) ? (number as number) : undefined; // a safe integer is a number
}

/** Whether lists and maps lie inside each other deeper than any fact needs. Iterative: depth is what is hostile here. */
export function isTooDeep(value: unknown): boolean {
  const open: { readonly value: unknown; readonly level: number }[] = [{ value, level: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!isObject(next.value)) continue;
    if (next.level > levelsMax) return true;
    for (const inner of innerValues(next.value)) open.push({ value: inner, level: next.level + 1 });
  }
  return false;
}

function innerValues({ arrayValue, kvlistValue }: AnyValue): unknown[] {
  const listed = isObject(arrayValue) ? arrayValue['values'] : undefined;
  const paired = isObject(kvlistValue) ? kvlistValue['values'] : undefined;
  return [
    ...(Array.isArray(listed) ? listed : []),
    ...(Array.isArray(paired) ? paired.map((pair: unknown) => (isObject(pair) ? pair['value'] : undefined)) : []),
  ];
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
