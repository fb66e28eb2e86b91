import { type JsonReader, LIST, OBJECT } from './json-reader.ts';

/**
 * A list of attributes, as `JSON.parse` would give it, but for integers: OTLP writes these as texts, and here they are
 * numbers.
 */
export function readAttributes(reader: JsonReader): unknown {
  if (!reader.isAt(LIST)) return reader.value();
  const attributes: unknown[] = [];
  for (let more = reader.enter(LIST); more; more = reader.goesOn(LIST))
    attributes.push(readUsual(reader) ?? readAny(reader));
  return attributes;
}

const KEY = Buffer.from('{"key":');
const VALUE = Buffer.from(',"value":{"');
const STRING = Buffer.from('stringValue":');
const INT = Buffer.from('intValue":');
const BOOL = Buffer.from('boolValue":');
const END = Buffer.from('}}');

/**
 * An attribute as nearly everybody writes one: most of a request is these, and to compare what lies around their values
 * took a fifth off the reading of all. Any other is undefined, and still to be read.
 */
function readUsual(reader: JsonReader): object | undefined {
  const start = reader.mark;
  if (!reader.takes(KEY)) return undefined;
  const key = reader.value();
  const value = reader.takes(VALUE) ? readPlain(reader) : undefined;
  if (value !== undefined && reader.takes(END)) return { key, value };
  reader.rewind(start);
  return undefined;
}

function readPlain(reader: JsonReader): object | undefined {
  if (reader.takes(STRING)) return { stringValue: reader.value() };
  if (reader.takes(INT)) return { intValue: reader.integer() };
  if (reader.takes(BOOL)) return { boolValue: reader.value() };
  return undefined;
}

function readAny(reader: JsonReader): unknown {
  if (!reader.isAt(OBJECT)) return reader.value();
  let key: unknown;
  let value: unknown;
  for (let more = reader.enter(OBJECT); more; more = reader.goesOn(OBJECT)) {
    const name = reader.key();
    if (name === 'value') value = reader.value();
    else if (name === 'key') key = reader.value();
    else reader.value();
  }
  return { key, value };
}
