import type { Fact, MessageFact, Millis } from 'waybill';
import { byName, type Destination } from './destinations.ts';
import { type Graph, graphOver } from './graph.ts';
import type { Losses } from './losses.ts';
import { memorySource, messagesOf } from './memory-source.ts';
import type { Message } from './message.ts';
import { learnLossy, learnServed, type Surroundings } from './surroundings.ts';

export interface ReconstructOptions {
  /** Pure: later facts are not looked at. */
  readonly asOf: Millis;
  readonly destinations?: readonly Destination[] | undefined;
  /** `lossesOf` all facts of the instances; left out, nobody has counted what is missing. */
  readonly losses?: Losses | undefined;
  /** These facts are a part of what there is, such as one workflow: that nobody else is in them says nothing. */
  readonly isExcerpt?: boolean | undefined;
}

/** A graph of which every message is at hand. */
export interface WholeGraph extends Graph {
  readonly surroundings: Surroundings;
  /** In the order of their ids' first facts. */
  messages(): Iterable<Message>;
}

export function isWholeGraph(graph: Graph): graph is WholeGraph {
  return 'surroundings' in graph;
}

/** The causal graph that the facts of some messages make. */
export function reconstruct(facts: readonly Fact[], options: ReconstructOptions): WholeGraph {
  const { asOf, destinations = [], losses = null, isExcerpt = false } = options;
  const seen = new Set<string>();
  const known = facts.filter((fact): fact is MessageFact => {
    if (fact.kind === 'dropped' || fact.at > asOf || seen.has(fact.fact_id)) return false;
    seen.add(fact.fact_id);
    return true;
  });
  const messages = messagesOf(known);
  const surroundings: Surroundings = {
    ...{ asOf, losses, isWhole: !isExcerpt },
    destinations: byName(destinations),
    served: learnServed(messages.values()),
    isLossy: learnLossy(messages.values(), losses),
  };
  const graph = graphOver(memorySource(messages, surroundings));
  return {
    ...graph,
    surroundings,
    *messages() {
      for (const id of messages.keys()) {
        const message = graph.message(id);
        if (message) yield message;
      }
    },
  };
}
