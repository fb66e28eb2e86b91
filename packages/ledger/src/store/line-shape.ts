import { isOwnId } from './packed-id.ts';

/** Fields whose texts are words that Waybill defines. */
const WORDS: ReadonlySet<string> = new Set(['by', 'how', 'status', 'outcome', 'mode', 'role', 'replay']);
const word = /^\w{1,16}$/;
/** Of an own id its kind, and some hours of its time. */
const idLength = 9;

/**
 * A line without what it says: of texts only such words, and the names of fields, of bindings as well. Its numbers are keys,
 * counts and distances in time, and stay; those among bindings may be anything, and go.
 */
export function shapeOf(line: string): string {
  return JSON.stringify(bare(JSON.parse(line), ''));
}

function bare(value: unknown, name: string): unknown {
  if (typeof value === 'string') return bareText(value, name);
  if (Array.isArray(value)) return value.map((each) => bare(each, name));
  return isObject(value) ? mapped(value, (each, field) => bare(each, isMode(value) ? 'mode' : field)) : value;
}

function bareText(text: string, name: string): string {
  if (WORDS.has(name) && word.test(text)) return text;
  return isOwnId(text) ? text.slice(0, idLength) : bareBindings(text);
}

/** Bindings are kept as they came: a text in which an object is written. */
function bareBindings(text: string): string {
  if (!text.startsWith('{')) return '';
  try {
    return JSON.stringify(emptied(JSON.parse(text)));
  } catch {
    return ''; // no JSON: a text that begins so
  }
}

function emptied(value: unknown): unknown {
  if (typeof value === 'number') return 0;
  if (Array.isArray(value)) return [];
  return isObject(value) ? mapped(value, emptied) : typeof value === 'string' ? '' : value;
}

/** Of `trace_mode` the reason is such a word as well; elsewhere an operator gives one. */
function isMode(value: object): boolean {
  return 'mode' in value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function mapped(value: Record<string, unknown>, map: (each: unknown, field: string) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([field, each]) => [field, map(each, field)]));
}
