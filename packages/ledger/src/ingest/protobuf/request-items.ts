import { type Origin, originOf } from '../otlp-request.ts';
import { attributes, formOf, type Message, readFields } from './message.ts';
import { WireReader } from './wire-reader.ts';

const RESOURCE = formOf({ attributes: attributes(1) });

// Logs and traces have the same numbers on the way to their items.
const resourceItemsTag = 0x0a;
const resourceTag = 0x0a;
const scopeItemsTag = 0x12;
const itemTag = 0x12;

/**
 * Each item of an OTLP request in protobuf, as the same request in JSON would give it, and what its resource says. They
 * are read one after another: all at once, 64 MiB of empty ones would be thirty million objects.
 *
 * @throws BODY_UNREADABLE where the body as a whole is no such request.
 */
export function* requestItems<Item>(
  body: Uint8Array,
  readItem: (reader: WireReader) => Item,
): Generator<[item: Item, origin: Origin]> {
  const reader = new WireReader(body);
  for (const _ of entered(reader, resourceItemsTag)) {
    const origin = originAhead(reader);
    for (const _ of entered(reader, scopeItemsTag)) {
      for (const _ of entered(reader, itemTag)) yield [readItem(reader), origin];
    }
  }
}

/** A writer may put the resource behind its items, so it is looked for before they are read. */
function originAhead(reader: WireReader): Origin {
  const start = reader.at;
  const resource: Message = {};
  for (const _ of entered(reader, resourceTag)) readFields(reader, RESOURCE, resource);
  reader.rewind(start);
  return originOf({ resource });
}

/** Enters each message of one field of the message that the reader is in. */
function* entered(reader: WireReader, wanted: number): Generator<void> {
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag !== wanted) {
      reader.skip(tag);
      continue;
    }
    reader.recount();
    const outerEnd = reader.enter();
    yield;
    reader.leave(outerEnd);
  }
}
