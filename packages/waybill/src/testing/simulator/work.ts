import type { Envelope } from '../../core/envelope.ts';
import type { LogicalMessage } from './chronicle.ts';
import type { Host } from './host.ts';
import type { World } from './world.ts';

/** An execution that is going on: what is sent now is sent by it. */
export interface Handling {
  readonly world: World;
  readonly host: Host;
  /** What leads to the messages that it makes: one, or all of a batch. */
  readonly causes: readonly LogicalMessage[];
  /** As it arrived; null where it came without context, and for a batch as a whole. */
  readonly envelope: Envelope | null;
  /** Enters its scope. */
  within<R>(work: () => R): R;
  /** It does not end before that much more time. */
  occupy(ms: number): void;
}

/** One thing that a handler does. It may be done more than once: by each attempt. */
export type Act = (handling: Handling) => void;

/** All that a handler does, in order. */
export type Work = readonly Act[];

/** What comes of a message: each time other work, while the story may go on. */
export type More = () => Work;

/** Something that another service does outside every scope: a relay, an operator, a janitor. */
export function outside(world: World, host: Host): Handling {
  return { world, host, causes: [], envelope: null, within: (work) => work(), occupy: () => {} };
}
