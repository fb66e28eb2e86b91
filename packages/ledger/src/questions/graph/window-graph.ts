import type { Millis } from 'waybill';
import type { FactReader } from '../../store/store.ts';
import { graphOver } from './graph.ts';
import { knownDestinations } from './known-destinations.ts';
import type { WholeGraph } from './reconstruct.ts';
import { storeSource } from './store-source.ts';
import type { Surroundings } from './surroundings.ts';

interface WindowGraphOptions {
  readonly asOf: Millis;
  /** What the question is about; what it rests on beside them is looked up. */
  readonly messageIds: readonly string[];
  /** Messages that came without context: what was sent to where they arrived may be one of them. */
  readonly contextlessIds?: readonly string[];
  /** Who takes messages from where, and how long they wait; nobody knows, if it is left out. */
  readonly served?: Surroundings['served'];
}

/** The graph of what a stretch of time is asked about, over a store: never all that happened in it. */
export function windowGraph(reader: FactReader, options: WindowGraphOptions): WholeGraph {
  const { asOf, messageIds, contextlessIds = [], served = new Map() } = options;
  const surroundings: Surroundings = {
    ...{ asOf, losses: null, isLossy: false, isWhole: false, served },
    destinations: knownDestinations(reader, asOf),
  };
  const graph = graphOver(storeSource(reader, surroundings, contextlessIds));
  return {
    ...graph,
    surroundings,
    *messages() {
      for (const id of messageIds) {
        const message = graph.message(id);
        if (message) yield message;
      }
    },
  };
}
