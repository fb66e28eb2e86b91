import type { MessageFact, Millis } from 'waybill';
import type { FactStore, Stretch } from '../../store/store.ts';
import { graphOver } from './graph.ts';
import { messagesOf } from './memory-source.ts';
import type { WholeGraph } from './reconstruct.ts';
import { storeSource } from './store-source.ts';
import { learnServed, type Surroundings } from './surroundings.ts';

interface WindowGraphOptions {
  readonly asOf: Millis;
  readonly window: Stretch;
  /** What the question is about; what it rests on beside them is looked up. */
  readonly messageIds: readonly string[];
}

/** Enough to know how long messages usually wait at a place, and who takes them. */
const sampleMax = 40;
const sampledPlacesMax = 20;
/** What is usual is learned of the time before as well: in the window it may be what is looked for. */
const usualMs = 3_600_000;
const contextlessMax = 200;

/** The graph of what a stretch of time is asked about, over a store: never all that happened in it. */
export function windowGraph(store: FactStore, { asOf, window, messageIds }: WindowGraphOptions): WholeGraph {
  const surroundings: Surroundings = {
    ...{ asOf, losses: null, isLossy: false, isWhole: false, destinations: new Map() },
    served: learnServed(messagesOf(sampleOf(store, window, messageIds, asOf)).values()),
  };
  const everybody = { ...window, tenantId: null };
  const graph = graphOver(storeSource(store, surroundings, store.timeline.withGaps(everybody, contextlessMax)));
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

/** The facts of some messages that were sent to where these were. */
function sampleOf(store: FactStore, window: Stretch, messageIds: readonly string[], asOf: Millis): MessageFact[] {
  const destinations = new Set<string>();
  for (const { kind, destination } of store.factsOf(messageIds)) if (kind === 'sent') destinations.add(destination);
  const before = { since: window.since - usualMs, until: window.until, tenantId: null };
  const ids = [...destinations]
    .slice(0, sampledPlacesMax)
    .flatMap((destination) => store.timeline.sentTo(destination, before, sampleMax));
  return store.factsOf([...new Set(ids)]).filter(({ at }) => at <= asOf);
}
