import type { FactReader } from '../../store/store.ts';
import { groupBy } from '../grouping.ts';
import { cameWithoutContext } from './cause.ts';
import { batchOf, kinMax } from './memory-source.ts';
import { type OwnFacts, ownFactsOf } from './own-facts.ts';
import type { Source } from './source.ts';
import type { Surroundings } from './surroundings.ts';

/** A batch is what one call of a handler takes. */
const itemsMax = 10_000;

/** A store, asked by its indexes and never for a whole workflow: what has no index there is not found. */
export function storeSource(
  reader: FactReader,
  surroundings: Surroundings,
  contextlessIds: readonly string[] | null = null,
): Source {
  const known = new Map<string, OwnFacts | undefined>();
  const lists = new Map<string, readonly OwnFacts[]>();
  const own = (id: string): OwnFacts | undefined => {
    if (!known.has(id)) load(reader, surroundings, known, [id]);
    return known.get(id);
  };
  const all = (ids: readonly string[]): readonly OwnFacts[] => {
    const missing = ids.filter((id) => !known.has(id));
    if (missing.length > 0) load(reader, surroundings, known, missing);
    return ids.flatMap((id) => known.get(id) ?? []);
  };
  const once = (key: string, find: () => readonly string[]) => {
    let list = lists.get(key);
    if (list === undefined) {
      list = all(find());
      lists.set(key, list);
    }
    return list;
  };
  const ranBy = (id: string) => once(`execution\n${id}`, () => named(reader, 'execution', id, itemsMax));
  return {
    surroundings,
    own,
    causedBy: (id, limit) => once(`cause\n${limit}\n${id}`, () => reader.effects(id, limit)),
    replaysOf: ({ replayed }) => all(replayed.flatMap(({ new_message_id: id }) => id ?? [])),
    replayedAs: () => undefined,
    batch: (id, by) =>
      batchOf(
        id,
        by,
        once(`batch\n${id}`, () => reader.batchItems(id, itemsMax)),
        ranBy,
      ),
    ranBy,
    withKey: (key, tenant) =>
      once(`key\n${key}`, () => few(named(reader, 'business_key', key, kinMax + 1))).filter(
        ({ tenantId }) => tenantId === tenant,
      ),
    inWorkflow: (id) => once(`workflow\n${id}`, () => few(reader.messagesOf(id, kinMax + 1))),
    withBrokerId: (id) => once(`broker\n${id}`, () => named(reader, 'broker', id, kinMax)),
    atSpan: (trace, span) => once(`span\n${trace}\n${span}`, () => reader.messagesAt(trace, span, kinMax)),
    inForeign: () => [],
    sentTo: (destination, from, to) => {
      const ids = reader.timeline.sentTo(destination, { since: from, until: to + 1, tenantId: null }, kinMax);
      return ids === null ? null : all(ids);
    },
    contextless: contextlessIds === null ? null : all(contextlessIds).filter(cameWithoutContext),
  };
}

function load(
  reader: FactReader,
  { asOf }: Surroundings,
  known: Map<string, OwnFacts | undefined>,
  ids: readonly string[],
): void {
  const facts = reader.factsOf(ids).filter(({ at }) => at <= asOf);
  const [only, ...others] = ids;
  // A walk from cause to cause asks for one after another.
  if (only !== undefined && others.length === 0) {
    known.set(only, ownFactsOf(facts));
    return;
  }
  const own = groupBy(facts, ({ message_id }) => message_id);
  for (const id of ids) known.set(id, ownFactsOf(own.get(id) ?? []));
}

function named(reader: FactReader, kind: 'execution' | 'business_key' | 'broker', id: string, limit: number): string[] {
  return reader.find(id, limit).flatMap((match) => (match.kind === kind ? [match.message_id] : []));
}

function few(ids: readonly string[]): readonly string[] {
  return ids.length > kinMax ? [] : ids;
}
