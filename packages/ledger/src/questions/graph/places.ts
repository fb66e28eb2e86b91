import type { CreatedFact, DiscardedFact, ReplayedFact, SentFact, SettledFact, StartedFact } from 'waybill';
import { groupBy } from '../grouping.ts';
import { copiedTo, onlySubscription } from './destinations.ts';
import { isOrdinary, type OwnFacts } from './own-facts.ts';
import type { Surroundings } from './surroundings.ts';

/** Where a message lies, and which of its facts are of there. */
export interface Place {
  readonly destination: string;
  readonly subscription: string | null;
  readonly publishes: readonly (CreatedFact | SentFact)[];
  readonly started: readonly StartedFact[];
  readonly settled: readonly SettledFact[];
  readonly discarded: readonly DiscardedFact[];
  readonly redrives: readonly (ReplayedFact | SentFact)[];
}

type Handled = Pick<Place, 'destination' | 'subscription' | 'started' | 'settled'>;

/** A message has a place for each subscription that takes it: those that did, and those that should. */
export function placesOf(own: OwnFacts, surroundings: Surroundings): Place[] {
  const publishes = [...own.created, ...own.sent].sort((a, b) => a.at - b.at);
  const handled = handledAt(own);
  const published = groupBy(publishes, ({ destination }) => destination);
  const claimed = new Set<string>();
  const found: Place[] = [];
  for (const at of handled) {
    const led = published.has(at.destination) ? at.destination : adoptedBy(at, publishes, handled, surroundings);
    if (led !== null) claimed.add(led);
    found.push(placed(own, at, (led === null ? null : published.get(led)) ?? []));
  }
  for (const [destination, facts] of published)
    if (!claimed.has(destination)) found.push(...unhandled(own, destination, facts, surroundings));
  for (const at of handled)
    for (const subscription of missingAt(at.destination, handled, own, surroundings))
      if (!found.some((place) => place.destination === at.destination && place.subscription === subscription))
        found.push(placed(own, emptyAt(at.destination, subscription), published.get(at.destination) ?? []));
  // All that is left of it may be that it was called off: where it lay, whoever it was for.
  const [end] = own.discarded;
  if (found.length === 0 && end !== undefined) found.push(...unhandled(own, end.destination, [], surroundings));
  return found;
}

function handledAt({ started, settled }: OwnFacts): Handled[] {
  const places = groupBy([...started, ...settled], (fact) => `${fact.destination}\n${fact.subscription ?? ''}`);
  return [...places.values()].map((facts) => ({
    destination: facts[0].destination,
    subscription: facts[0].subscription ?? null,
    started: facts.filter((fact) => fact.kind === 'started'),
    settled: facts.filter((fact) => fact.kind === 'settled'),
  }));
}

function emptyAt(destination: string, subscription: string | null): Handled {
  return { destination, subscription, started: [], settled: [] };
}

/** A consumer may know a place by another name than the sender: what was published before, as many hops from the root. */
function adoptedBy(
  { destination, started }: Handled,
  publishes: readonly (CreatedFact | SentFact)[],
  handled: readonly Handled[],
  { destinations }: Surroundings,
): string | null {
  const [start] = started;
  if (start === undefined || start.dead_lettered) return null;
  const led = publishes.find(
    (publish) =>
      publish.dead_lettered === undefined &&
      (publish.hop === undefined || start.hop === undefined || publish.hop === start.hop) &&
      !handled.some((at) => at.destination === publish.destination) &&
      !(destinations.has(destination) && destinations.has(publish.destination)),
  );
  return led?.destination ?? null;
}

function unhandled(
  own: OwnFacts,
  destination: string,
  facts: readonly (CreatedFact | SentFact)[],
  surroundings: Surroundings,
): Place[] {
  const declared = surroundings.destinations.get(destination);
  const copies = expectedAt(destination, own, surroundings);
  const names = copies.length > 0 ? copies : [onlySubscription(declared)];
  return names.map((subscription) => placed(own, emptyAt(destination, subscription), facts));
}

/** Subscriptions that should have a copy, and have left no facts. */
function missingAt(
  destination: string,
  handled: readonly Handled[],
  own: OwnFacts,
  surroundings: Surroundings,
): readonly string[] {
  const here = handled.filter((at) => at.destination === destination).map(({ subscription }) => subscription ?? '');
  const expected = expectedAt(destination, own, surroundings);
  // Where consumers go by other names than those that are known, nobody can say who is missing.
  return here.every((name) => expected.includes(name)) ? expected.filter((name) => !here.includes(name)) : [];
}

function expectedAt(destination: string, own: OwnFacts, { destinations, served }: Surroundings): readonly string[] {
  const declared = copiedTo(destinations.get(destination));
  if (declared.length > 0) return declared;
  const known = served.get(destination);
  if (known === undefined || known.copied.size < 2) return [];
  return [...known.copied].filter((name) => (known.subscriptions.get(name)?.since ?? own.beginsAt) <= own.beginsAt);
}

function placed(own: OwnFacts, at: Handled, publishes: readonly (CreatedFact | SentFact)[]): Place {
  const isHere = (fact: DiscardedFact | ReplayedFact) =>
    fact.subscription === undefined || at.subscription === null || fact.subscription === at.subscription;
  const elsewhere = (fact: { readonly destination: string }) =>
    own.facts.some(
      ({ kind, destination }) => kind !== 'replayed' && kind !== 'discarded' && destination === fact.destination,
    );
  const ofHere = <Kind extends DiscardedFact | ReplayedFact>(facts: readonly Kind[]) =>
    facts.filter((fact) => (fact.destination === at.destination ? isHere(fact) : !elsewhere(fact)));
  const redriven = publishes.filter(
    (fact): fact is SentFact => fact.kind === 'sent' && fact.plan_id !== undefined && !isOrdinary(fact),
  );
  return {
    ...at,
    publishes,
    discarded: ofHere(own.discarded),
    redrives: [...ofHere(own.replayed).filter(({ new_message_id }) => new_message_id === undefined), ...redriven],
  };
}
