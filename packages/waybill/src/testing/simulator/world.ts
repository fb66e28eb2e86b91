import type { Fact } from '../../core/facts.ts';
import { type Chronicle, createChronicle } from './chronicle.ts';
import type { Destination } from './destinations.ts';
import { type Clock, createHost } from './host.ts';
import { type DestinationOptions, type Hosts, makeDestination } from './make-destination.ts';
import { createRandom, type Random } from './random.ts';
import { createSeededIds, type SeededIds } from './seeded-ids.ts';
import { createTimeline, type Timeline } from './timeline.ts';
import { pickTroubles, type Trouble } from './troubles.ts';
import type { DeclaredDestination } from './truth.ts';

/** What goes wrong beside the story, for no fault of the app's. */
export interface Faults {
  /** The share of facts that nobody ever receives. */
  readonly lostFacts?: number | undefined;
  /** The share of hops that lose the context. */
  readonly lostContext?: number | undefined;
  /** How far each host's clock may be off, either way. */
  readonly skewMs?: number | undefined;
}

/** What all of one simulated workflow shares. */
export interface World {
  readonly index: number;
  readonly timeline: Timeline;
  readonly faults: Faults;
  /** Chance of the story. */
  readonly story: Random;
  /** Chance of what happens to a message between two hosts. */
  readonly hops: Random;
  readonly ids: SeededIds;
  readonly chronicle: Chronicle;
  readonly facts: readonly Fact[];
  readonly destinations: ReadonlyMap<string, Destination>;
  hostsOf(service: string): Hosts;
  /** The one of that name: what it lies on is decided when it is first asked for. */
  destination(name: string, options?: DestinationOptions): Destination;
  readonly ingresses: ReadonlyMap<string, DeclaredDestination>;
  declareIngress(name: string, system: 'http' | 'cron'): void;
  /** What the service behind an ingress stumbles over. */
  troublesAt(ingress: string): readonly [Trouble, Trouble];
  /** Where in all queues what comes next will lie. */
  nextPosition(): number;
  /** How many messages the story may still make. */
  budget: number;
}

/** Workflows begin a minute apart, so that no two have a schedule's tick in common. */
const BEGIN = Date.UTC(2026, 2, 17, 6);
const APART_MS = 60_000;

const PURPOSES = { story: 1, ids: 2, clocks: 3, hops: 4, facts: 5 } as const;

/** Chance for the facts of a workflow: what is lost of them, and in what order they come. */
export function chanceOfFacts(seed: number, index: number): Random {
  return createRandom(seed, index, PURPOSES.facts);
}

export function createWorld(seed: number, index: number, faults: Faults): World {
  const chance = (purpose: keyof typeof PURPOSES) => createRandom(seed, index, PURPOSES[purpose]);
  const timeline = createTimeline(BEGIN + index * APART_MS);
  const ids = createSeededIds(chance('ids'));
  const chronicle = createChronicle();
  const facts: Fact[] = [];
  const clocks = chance('clocks');
  const story = chance('story');
  const skewMsMax = faults.skewMs ?? 0;
  const pickSkew = () => {
    const skewMs = skewMsMax === 0 ? 0 : clocks.between(-skewMsMax, skewMsMax);
    if (skewMs !== 0) chronicle.note('skew');
    return skewMs;
  };
  const record = (fact: Fact) => facts.push(fact);
  const hosts = new Map<string, Hosts>();
  const hostsOf = (service: string) => {
    const known = hosts.get(service);
    if (known !== undefined) return known;
    const start = (copy: number) =>
      createHost({ service, instance: `${service}-${index}-${copy}`, skewMs: pickSkew(), timeline, ids, record });
    const started: Hosts = [start(1), start(2)];
    hosts.set(service, started);
    return started;
  };
  const destinations = new Map<string, Destination>();
  const making = { story, index, hostsOf, brokerOf: () => brokerOf(timeline, pickSkew()) };
  const destination = (name: string, options: DestinationOptions = {}) => {
    const known = destinations.get(name) ?? makeDestination(making, name, options);
    destinations.set(name, known);
    for (const { deadLetters } of known.subscriptions) if (deadLetters) destinations.set(deadLetters.name, deadLetters);
    return known;
  };
  const ingresses = new Map<string, DeclaredDestination>();
  const troubles = new Map<string, readonly [Trouble, Trouble]>();
  const declareIngress = (name: string, system: 'http' | 'cron') => {
    ingresses.set(name, { name, kind: 'ingress', system, subscriptions: [name], instrumented: true });
  };
  const troublesAt = (ingress: string) => {
    const known = troubles.get(ingress) ?? pickTroubles(story);
    troubles.set(ingress, known);
    return known;
  };
  let positions = 0;
  const nextPosition = () => positions++;
  return {
    ...{ index, timeline, faults, story, ids, chronicle, facts, destinations, hostsOf, destination },
    ...{ ingresses, declareIngress, troublesAt, nextPosition },
    hops: chance('hops'),
    budget: 0,
  };
}

function brokerOf(timeline: Timeline, skewMs: number): Clock {
  return { now: () => timeline.now + skewMs };
}
