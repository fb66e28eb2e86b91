import type { Millis } from 'waybill';
import type { FactReader } from '../../store/store.ts';
import { byName, type Destination } from './destinations.ts';
import { type Graph, graphOver } from './graph.ts';
import { knownDestinations } from './known-destinations.ts';
import { storeSource } from './store-source.ts';

interface StoreGraphOptions {
  readonly asOf: Millis;
  /** What the store knows of them, if it is left out. */
  readonly destinations?: readonly Destination[] | undefined;
}

/** The graph over a store: a message is folded when it is asked for, and what nobody asks for is not read. */
export function storeGraph(reader: FactReader, options: StoreGraphOptions): Graph {
  const { asOf, destinations } = options;
  return graphOver(
    storeSource(reader, {
      ...{ asOf, losses: null, isLossy: false, isWhole: false, served: new Map() },
      destinations: destinations ? byName(destinations) : knownDestinations(reader, asOf),
    }),
  );
}
