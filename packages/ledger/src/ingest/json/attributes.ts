import { type JsonReader, LIST, OBJECT } from './json-reader.ts';

// By hand, because most of a request is attributes, and nearly all of them hold one plain value.

/** A list of attributes, as `JSON.parse` would give it, but for integers: OTLP writes these as texts, and here they are numbers. */
export function readAttributes(reader: JsonReader): unknown {
  if (!reader.isAt(LIST)) return reader.value();
  const attributes: unknown[] = [];
  for (let more = reader.enter(LIST); more; more = reader.goesOn(LIST)) attributes.push(readAttribute(reader));
  return attributes;
}

function readAttribute(reader: JsonReader): unknown {
  if (!reader.isAt(OBJECT)) return reader.value();
  let key: unknown;
  let value: unknown;
  for (let more = reader.enter(OBJECT); more; more = reader.goesOn(OBJECT)) {
    const name = reader.key();
    if (name === 'value') value = readValue(reader);
    else if (name === 'key') key = reader.value();
    else reader.value();
  }
  return { key, value };
}

function readValue(reader: JsonReader): unknown {
  if (!reader.isAt(OBJECT)) return reader.value();
  const start = reader.mark;
  if (reader.enter(OBJECT)) {
    const plain = plainValue(reader, reader.key());
    if (plain !== undefined && !reader.goesOn(OBJECT)) return plain;
  }
  // What holds several, or something else, is for whoever reads the attribute.
  reader.rewind(start);
  return reader.value();
}

function plainValue(reader: JsonReader, name: string): object | undefined {
  if (name === 'stringValue') return { stringValue: reader.value() };
  if (name === 'intValue') return { intValue: reader.integer() };
  if (name === 'boolValue') return { boolValue: reader.value() };
  return undefined;
}
