import { ledgerError } from '../../errors.ts';
import { type Origin, originOf } from '../otlp-request.ts';
import { JsonReader, LIST, OBJECT } from './json-reader.ts';

/** The names of a request's three levels: resources, scopes, and what is in them. */
type Levels = readonly [resources: string, scopes: string, items: string];

/**
 * Each item of an OTLP request in JSON, and what its resource says. They are read one after another: all at once,
 * they would take as much room as the body again.
 *
 * @throws BODY_UNREADABLE where the body as a whole is no such request.
 */
export function* requestItems(
  body: Uint8Array,
  [resources, scopes, items]: Levels,
  readItem: (reader: JsonReader) => unknown,
): Generator<readonly [item: unknown, origin: Origin]> {
  const reader = new JsonReader(body);
  for (const _ of listIn(reader, resources)) {
    const origin = originAhead(reader);
    for (const _ of listIn(reader, scopes)) for (const _ of listIn(reader, items)) yield [readItem(reader), origin];
  }
  reader.end();
}

/** A writer may put the resource behind its items, so it is looked for before they are read. */
function originAhead(reader: JsonReader): Origin {
  const start = reader.mark;
  let resource: unknown;
  if (reader.isAt(OBJECT)) {
    for (let more = reader.enter(OBJECT); more; more = reader.goesOn(OBJECT)) {
      if (reader.key() === 'resource') {
        resource = reader.value();
        break;
      }
      reader.passOver();
    }
  }
  reader.rewind(start);
  return originOf({ resource });
}

/** Comes to each item of a list in the object that comes next, for the caller to read. It may be left out. */
function* listIn(reader: JsonReader, name: string): Generator<void> {
  if (!reader.isAt(OBJECT)) {
    // What is no JSON at all is told as that.
    reader.value();
    throw unreadable(`what holds "${name}" is no object`);
  }
  for (let more = reader.enter(OBJECT); more; more = reader.goesOn(OBJECT)) {
    if (reader.key() !== name) reader.value();
    else if (reader.isAt(LIST)) for (let some = reader.enter(LIST); some; some = reader.goesOn(LIST)) yield;
    else if (reader.value() !== null) throw unreadable(`"${name}" is no list`);
  }
}

function unreadable(why: string): Error {
  return ledgerError('BODY_UNREADABLE', why);
}
