import { readAttribute } from './any-value.ts';
import type { WireReader } from './wire-reader.ts';

/** A message as OTLP/JSON has it; nothing about it is known. */
export type Message = Record<string, unknown>;

/** One field: its number and the way it is written, in one; and how it is read, given what came of it before. */
interface Field {
  readonly tag: number;
  readonly read: (reader: WireReader, before: unknown) => unknown;
}

/** The fields of a message that are read, by tag; all others are passed over, as are those that are written otherwise. */
export type MessageForm = ReadonlyMap<number, { readonly name: string; readonly read: Field['read'] }>;

/** Fields by their names in OTLP/JSON. */
export function formOf(fields: Readonly<Record<string, Field>>): MessageForm {
  return new Map(Object.entries(fields).map(([name, { tag, read }]) => [tag, { name, read }]));
}

/** Reads the message that the reader is in. */
export function readFields(reader: WireReader, form: MessageForm, into: Message = {}): Message {
  while (reader.hasMore) {
    const tag = reader.tag();
    const field = form.get(tag);
    if (field === undefined) reader.skip(tag);
    else into[field.name] = field.read(reader, into[field.name]);
  }
  return into;
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;

const field =
  (way: number, read: Field['read']) =>
  (number: number): Field => ({ tag: number * 8 + way, read });

export const text = field(LENGTH, (reader) => reader.text());
export const hex = field(LENGTH, (reader) => reader.bytesAs('hex'));
export const nanoseconds = field(FIXED64, (reader) => reader.fixed64());
export const enumeration = field(VARINT, (reader) => reader.int32());
export const attributes = field(LENGTH, (reader, before) => withItem(before, readAttribute(reader)));

/** A message that is there once. Where it comes twice, both are one, as protobuf has it. */
export function message(number: number, form: MessageForm): Field {
  // Sound: what came of this field before was read here.
  return field(LENGTH, (reader, before) => readMessage(reader, form, before as Message | undefined))(number);
}

export function messages(number: number, form: MessageForm): Field {
  return field(LENGTH, (reader, before) => withItem(before, readMessage(reader, form)))(number);
}

function readMessage(reader: WireReader, form: MessageForm, into?: Message): Message {
  const outerEnd = reader.enter();
  const read = readFields(reader, form, into);
  reader.leave(outerEnd);
  return read;
}

function withItem(list: unknown, item: unknown): unknown[] {
  if (!Array.isArray(list)) return [item];
  list.push(item);
  return list;
}
