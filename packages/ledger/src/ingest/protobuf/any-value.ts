import type { WireReader } from './wire-reader.ts';

// By hand, and not as a form (message.ts): most of a request is attributes, and this takes half the time.

/** An OTLP value, as OTLP/JSON has it; what holds nothing is null. */
export interface WireValue {
  readonly stringValue?: string | null;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number | string;
  readonly arrayValue?: { readonly values: WireValue[] };
  readonly kvlistValue?: { readonly values: WireAttribute[] };
  readonly bytesValue?: string;
}

export interface WireAttribute {
  readonly key: string | null;
  readonly value: WireValue;
}

export function readAttribute(reader: WireReader): WireAttribute {
  const outerEnd = reader.enter();
  let key: string | null = '';
  let value: WireValue = {};
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag === 0x0a) key = reader.text();
    else if (tag === 0x12) value = readValue(reader, value);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return { key, value };
}

/** Of several the last counts. It calls itself for lists and maps, as deep as the reader lets it. */
function readValue(reader: WireReader, before: WireValue = {}): WireValue {
  const outerEnd = reader.enter();
  let value = before;
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag === 0x0a) value = { stringValue: reader.text() };
    else if (tag === 0x10) value = { boolValue: reader.flag() };
    else if (tag === 0x18) value = { intValue: reader.int64() };
    else if (tag === 0x21) value = { doubleValue: jsonNumber(reader.double()) };
    else if (tag === 0x2a) value = { arrayValue: { values: readList(reader, readValue, value.arrayValue) } };
    else if (tag === 0x32) value = { kvlistValue: { values: readList(reader, readAttribute, value.kvlistValue) } };
    else if (tag === 0x3a) value = { bytesValue: reader.bytesAs('base64') };
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return value;
}

/** A list in a message of its own. Where it comes twice it is one list, as protobuf has it. */
function readList<Item>(reader: WireReader, read: (reader: WireReader) => Item, before?: { values: Item[] }): Item[] {
  const outerEnd = reader.enter();
  const values = before?.values ?? [];
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag === 0x0a) values.push(read(reader));
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return values;
}

/** JSON has no words for these, so OTLP/JSON writes them as texts. */
function jsonNumber(number: number): number | string {
  return Number.isFinite(number) ? number : String(number);
}
