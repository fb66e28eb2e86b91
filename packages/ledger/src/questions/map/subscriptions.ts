import type { Millis } from 'waybill';
import { type Claim, claimed, unknown } from '../evidence.ts';
import { isDark } from '../graph/destinations.ts';
import type { MessageAtSubscription } from '../graph/message.ts';
import { groupBy } from '../grouping.ts';
import { isWaitingAt } from '../queues/waiting.ts';
import type { MapSubscription } from './answer.ts';
import { isAtIngress, type MappedGraph } from './mapped.ts';

/** Any of its messages shows that it takes them. */
const becauseMax = 8;

/** Who takes messages from where, and how far it has come with them; by name. */
export function subscriptionsOf({ graph, messages }: MappedGraph): MapSubscription[] {
  const { destinations, served } = graph.surroundings;
  const queued = [...messages.values()].filter((each) => each.isOfWindow && !isAtIngress(each));
  const places = queued.flatMap((each) => each.places);
  const rows = groupBy(places, ({ destination, subscription }) =>
    keyOf(destination, subscription ?? onlyTaker(served.get(destination)?.subscriptions)),
  );
  const dark = [...new Set(places.map(({ destination }) => destination))].flatMap((destination) =>
    (destinations.get(destination)?.uninstrumented_subscriptions ?? [])
      .map((subscription) => keyOf(destination, subscription))
      .filter((key) => !rows.has(key)),
  );
  return [...[...rows].map(([key, own]) => ({ key, own })), ...dark.map((key) => ({ key, own: [] }))]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, own }): MapSubscription => {
      const [destination, subscription]: [string, string | null] = JSON.parse(key);
      const place = { destination, subscription };
      if (!own.some(isReceived) && isDark(destinations.get(destination), subscription))
        return { ...place, received: null, done: null, waiting: null, ...unknown() };
      return { ...place, ...countsOf(own, graph.asOf) };
    });
}

function keyOf(destination: string, subscription: string | null): string {
  return JSON.stringify([destination, subscription]);
}

/** Where one alone takes messages, what waits is its own. */
function onlyTaker(subscriptions: ReadonlyMap<string, unknown> | undefined): string | null {
  const [only, ...others] = subscriptions?.keys() ?? [];
  return only === undefined || only === '' || others.length > 0 ? null : only;
}

function countsOf(
  places: readonly MessageAtSubscription[],
  asOf: Millis,
): Omit<MapSubscription, 'destination' | 'subscription'> {
  return {
    received: places.filter(isReceived).length,
    done: places.filter(({ state }) => state === 'done').length,
    waiting: places.filter((place) => isWaitingAt(place, asOf)).length,
    ...receivedClaim(places),
  };
}

/** What came is recorded; that nothing came is concluded of what was sent. */
function receivedClaim(places: readonly MessageAtSubscription[]): Claim {
  const received = places.filter(isReceived);
  if (received.length === 0)
    return { evidence: 'inferred', because_facts: places.flatMap((place) => place.because_facts).slice(0, becauseMax) };
  const facts = received.slice(0, becauseMax).map(({ executions: [first] }) => first?.started ?? first?.settled);
  return claimed('observed', facts);
}

function isReceived({ executions }: MessageAtSubscription): boolean {
  return executions.length > 0;
}
