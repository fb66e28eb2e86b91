import type { Call } from './call.ts';
import { cleanDocument } from './text/clean.ts';
import { localTimes } from './text/local-times.ts';

/** An answer as a page shows it: nothing in it that a terminal would obey, and its times as they are wanted. */
export function shownDocument<Document>(document: Document, { given }: Call): Document {
  const clean = cleanDocument(document);
  return given.has('local') ? localTimes(clean) : clean;
}
