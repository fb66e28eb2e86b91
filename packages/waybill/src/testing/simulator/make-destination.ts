import type { Destination, Subscription } from './destinations.ts';
import type { Clock, Host } from './host.ts';
import type { Random } from './random.ts';
import { type Ability, TRANSPORTS } from './transports.ts';
import { pickTroubles } from './troubles.ts';

/** Two copies of each service run. */
export type Hosts = readonly [Host, Host];

export interface DestinationOptions {
  readonly kind?: Destination['kind'];
  readonly on?: Ability;
  readonly subscriptions?: readonly [string, ...string[]];
  readonly isInstrumented?: boolean;
  /** False where work may wait there as long as it likes. */
  readonly hasDeadline?: boolean;
}

/** What a destination is made with. */
interface Making {
  readonly story: Random;
  readonly index: number;
  readonly hostsOf: (service: string) => Hosts;
  readonly brokerOf: () => Clock;
}

const DEADLINES_MS = [60_000, 300_000, 900_000] as const;

/** What it lies on is left to chance, within what is asked for. */
export function makeDestination(making: Making, name: string, options: DestinationOptions): Destination {
  const { story, index, hostsOf } = making;
  const { kind = 'queue', on = 'queue', hasDeadline = true, isInstrumented = true } = options;
  const { subscriptions: names = [`${name}-worker`] } = options;
  const transport = story.pick<(typeof TRANSPORTS)[Ability][number]>(TRANSPORTS[on]);
  const [first, ...others] = names;
  let ids = 0;
  const origin: Omit<Destination, 'subscriptions'> = {
    name,
    kind,
    transport,
    broker: making.brokerOf(),
    isInstrumented,
    deadlineMs: hasDeadline && story.chance(0.6) ? story.pick(DEADLINES_MS) : null,
    troubles: pickTroubles(story),
    // Unique in the corpus: the id of a message that came without context is made of it.
    nextBrokerId: () => `${transport.isLog ? `${story.below(4)}-` : ''}${index * 1_000 + ids++}`,
  };
  const subscribe = (subscription: string): Subscription => ({
    name: subscription,
    hosts: hostsOf(subscription),
    waiting: new Set<number>(),
    deadLetters: deadLettersOf(making, origin, subscription),
  });
  return { ...origin, subscriptions: [subscribe(first), ...others.map(subscribe)] };
}

/** On the same broker, for one subscription; read by one service, or by nobody. */
function deadLettersOf(
  { story, hostsOf }: Making,
  origin: Omit<Destination, 'subscriptions'>,
  subscription: string,
): Destination | null {
  if (origin.transport.deadLetters === 'set' || story.chance(0.2)) return null;
  const name = `${origin.name}.${subscription}.dlq`;
  const reader = { name: 'dead-letter-desk', hosts: hostsOf('dead-letter-desk'), waiting: new Set<number>() };
  return { ...origin, name, kind: 'queue', deadlineMs: null, subscriptions: [{ ...reader, deadLetters: null }] };
}
