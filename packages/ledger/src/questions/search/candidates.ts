import type { FactReader, Stretch } from '../../store/store.ts';
import { messagesMax } from '../asked.ts';
import type { Terms } from './terms.ts';

/** Messages that may be what is asked for. */
export interface Candidates {
  readonly ids: readonly string[];
  /** There are more than were listed. */
  readonly areMore: boolean;
}

export interface Order {
  /** By which of their times they are listed: of those that failed it is when they failed. */
  readonly by: 'begin' | 'failure';
  readonly order: 'newest first' | 'oldest first';
}

/** A beginning of fewer characters is that of too many keys. */
const beginningMin = 3;

interface Named {
  /** The messages that each word names. */
  readonly named: readonly ReadonlySet<string>[];
  /** The words that name none. */
  readonly texts: readonly string[];
  /** All that is named is named whole: then it was looked up in all of the time. */
  readonly isWhole: boolean;
}

/** By an id or a key, whenever that was; or by how a key begins, in this time. */
export function namedBy(reader: FactReader, { words }: Terms, window: Stretch): Named {
  const named: ReadonlySet<string>[] = [];
  const texts: string[] = [];
  let isWhole = true;
  for (const word of words) {
    const found = reader.find(word, messagesMax).map(({ message_id }) => message_id);
    if (found.length === 0 && word.length >= beginningMin) {
      found.push(...reader.timeline.keyed(word, window, messagesMax));
      isWhole &&= found.length === 0;
    }
    if (found.length > 0) named.push(new Set(found));
    else texts.push(word);
  }
  return { named, texts, isWhole };
}

/** Of what is not over, only what is open by now is listed; what waits longest comes first. */
export function isOfOpen({ state, error }: Terms): boolean {
  return error === null && (state === 'waiting' || state === 'running' || state === 'overdue');
}

function isOfFailed({ state, error }: Terms): boolean {
  return error !== null || state === 'dead';
}

/** A word may be anybody's name, or a part of an error. */
function isOfAny(terms: Terms, texts: readonly string[]): boolean {
  return texts.length > 0 && terms.event === null && !isOfOpen(terms) && !isOfFailed(terms);
}

export function orderOf(terms: Terms, texts: readonly string[]): Order {
  const by = isOfFailed(terms) || isOfAny(terms, texts) ? 'failure' : 'begin';
  return { by, order: isOfOpen(terms) ? 'oldest first' : 'newest first' };
}

/** The smallest list that the store keeps of what is asked for in this time. */
export function candidatesIn(reader: FactReader, terms: Terms, texts: readonly string[], window: Stretch): Candidates {
  const { timeline } = reader;
  const limit = messagesMax + 1;
  const stretch = { ...window, tenantId: terms.tenant };
  if (isOfFailed(terms)) return listed([timeline.failing(stretch, limit)]);
  if (isOfOpen(terms)) return listed([timeline.open(stretch, limit)]);
  const [text] = texts;
  if (text === undefined || !isOfAny(terms, texts)) return listed([timeline.began(stretch, terms.event, limit)]);
  const ofTenant = terms.tenant === null ? timeline.began({ ...stretch, tenantId: text }, null, limit) : [];
  const ofType = timeline.began(stretch, text, limit);
  // What is of an operation has no list: where nobody else is called so, it may be among the last that there are.
  const ofAny = ofTenant.length + ofType.length > 0 ? [] : timeline.began(stretch, null, limit);
  return listed([ofTenant, ofType, ofAny, timeline.failing(stretch, limit)]);
}

function listed(lists: readonly (readonly string[])[]): Candidates {
  const ids = new Set(lists.flatMap((list) => list.slice(0, messagesMax)));
  return { ids: [...ids], areMore: lists.some((list) => list.length > messagesMax) };
}
