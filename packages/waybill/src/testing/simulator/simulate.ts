import type { Fact, Millis } from '../../core/facts.ts';
import { declarationOf } from './destinations.ts';
import { received } from './recording.ts';
import { tell } from './story.ts';
import type { Truth } from './truth.ts';
import { chanceOfFacts, createWorld, type Faults, type World } from './world.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** Which workflow of that seed. */
  readonly index: number;
  /** None, if left out: nothing is lost, every hop carries context, and all clocks agree. */
  readonly faults?: Faults | undefined;
}

/** What a ledger is told of a workflow, and what there is to know. */
export interface Simulation {
  readonly facts: readonly Fact[];
  readonly truth: Truth;
}

/** Simulates one workflow through the real core. The same options give the same facts and the same truth, anywhere. */
export function simulate({ seed, index, faults = {} }: SimulationOptions): Simulation {
  const world = createWorld(seed, index, faults);
  const random = chanceOfFacts(seed, index);
  const quietMs = random.between(2_000, 1_800_000);
  tell(world);
  const facts = received(world.facts, random, faults.lostFacts ?? 0);
  if ((faults.lostFacts ?? 0) > 0) world.chronicle.note('lost facts');
  const { chronicle, destinations, ingresses } = world;
  const asOf = momentOfAsking(world, quietMs);
  const truth: Truth = {
    asOf,
    destinations: [...ingresses.values(), ...[...destinations.values()].map(declarationOf)],
    messages: chronicle.messages(asOf),
    failures: chronicle.failures(),
    has: chronicle.has,
  };
  return { facts, truth };
}

/** Clocks may be off by this much before anybody calls it skew. */
const MARGIN_MS = 2_000;

/** After all that happens, by every clock; and at no instant at which it would depend on the clock what is overdue. */
function momentOfAsking({ timeline, faults, chronicle }: World, quietMs: number): Millis {
  const marginMs = MARGIN_MS + 2 * (faults.skewMs ?? 0);
  const { places } = chronicle;
  const points = places.flatMap((place) => place.turningPoints).sort((a, b) => a - b);
  const silences = places.map((place) => place.silentUntil);
  let asOf = Math.max(timeline.now, ...silences) + marginMs + quietMs;
  for (const point of points) if (Math.abs(point - asOf) < marginMs) asOf = point + marginMs;
  return asOf;
}
