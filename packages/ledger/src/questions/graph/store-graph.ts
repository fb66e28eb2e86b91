import type { Millis } from 'waybill';
import type { FactReader } from '../../store/store.ts';
import type { Destination } from './destinations.ts';
import { type Graph, graphOver } from './graph.ts';
import { storeSource } from './store-source.ts';

interface StoreGraphOptions {
  readonly asOf: Millis;
  readonly destinations?: readonly Destination[] | undefined;
}

/** The graph over a store: a message is folded when it is asked for, and what nobody asks for is not read. */
export function storeGraph(reader: FactReader, { asOf, destinations = [] }: StoreGraphOptions): Graph {
  return graphOver(
    storeSource(reader, {
      ...{ asOf, losses: null, isLossy: false, isWhole: false, served: new Map() },
      destinations: new Map(destinations.map((destination) => [destination.name, destination])),
    }),
  );
}
