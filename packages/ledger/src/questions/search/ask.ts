import type { Millis } from 'waybill';
import type { FactReader, Stretch } from '../../store/store.ts';
import { type Asked, messagesMax, searchedOf } from '../asked.ts';
import { storeGraph } from '../graph/store-graph.ts';
import { groupBy } from '../grouping.ts';
import type { FoundBy, Nearest, SearchData } from './answer.ts';
import { candidatesIn, namedBy, orderOf } from './candidates.ts';
import { type Cursor, cursorText } from './cursor.ts';
import { listingBy } from './listing.ts';
import { isMatch } from './match.ts';
import { pageOf, type Sought } from './page.ts';
import type { Terms } from './terms.ts';

export interface SearchAsked extends Omit<Asked, 'after'> {
  /** As they were written, and as they were read. */
  readonly text: string;
  readonly terms: Terms;
  readonly after: Cursor | null;
}

const nearestMax = 3;
const minuteMs = 60_000;

/** Which workflows are this, or have it? Ids and keys are found whenever they were; all else in the window. */
export function ask(reader: FactReader, asked: SearchAsked): SearchData {
  const { asOf, limit, after, terms } = asked;
  const { named, texts, isWhole } = namedBy(reader, terms, asked.window);
  const [list] = named;
  const window = list && isWhole ? everything(reader, asOf, asked.window) : asked.window;
  const listing = listingBy(reader, window, list ? BY_BEGIN : orderOf(terms, texts));
  const { ids, areMore } = list
    ? { ids: [...list], areMore: false }
    : candidatesIn(reader, terms, texts, listing.rest(window, after));
  const graph = storeGraph(reader, { asOf });
  const candidates = ids.flatMap((id) => graph.message(id) ?? []);
  const sought: Sought = { named, isWhat: (message) => isMatch(message, terms, texts) };
  const page = pageOf(reader, graph, { sought, listing, candidates, after, limit });
  const isCut = page.notShown > 0;
  const beyond = areMore ? listing.beyond(candidates, page.last, after) : null;
  const next = isCut ? page.last : beyond;
  return {
    searched: searchedOf(reader, { window, asOf, limit, after: null }),
    terms: asked.text,
    workflows: page.found.map(({ row }) => row),
    not_shown: page.notShown,
    total_facts: page.facts,
    found_by: summed(page.found.flatMap(({ foundBy }) => foundBy)),
    nearest: page.found.length === 0 && after === null ? texts.flatMap((text) => nearestTo(reader, text)) : [],
    is_at_least: areMore || page.isAtLeast || named.some(({ size }) => size >= messagesMax),
    cursor: next === null ? null : cursorText(next),
  };
}

const BY_BEGIN = { by: 'begin', order: 'newest first' } as const;

/** All of the time that there are facts of. */
function everything(reader: FactReader, asOf: Millis, window: Stretch): Stretch {
  const { since } = reader.extent();
  return { ...window, since: Math.floor((since ?? window.since) / minuteMs) * minuteMs, until: asOf + 1 };
}

function summed(all: readonly FoundBy[]): FoundBy[] {
  return [...groupBy(all, ({ by, key }) => JSON.stringify([by, key])).values()].map((alike) => ({
    ...alike[0],
    messages: alike.reduce((sum, { messages }) => sum + messages, 0),
    because_facts: alike.flatMap(({ because_facts }) => because_facts),
  }));
}

function nearestTo(reader: FactReader, text: string): Nearest[] {
  return reader.near(text, nearestMax).map(({ message_id, event_type, business_key }) => ({
    ...{ message_id, event_type, business_key },
  }));
}
