import type { ReplayedFact, SentFact, StartedFact } from 'waybill';
import type { FactReader } from '../../store/store.ts';
import type { Asked } from '../asked.ts';
import { messagesOf } from '../graph/memory-source.ts';
import type { Message, MessageAtSubscription } from '../graph/message.ts';
import { isIngressId, isOrdinary, type OwnFacts } from '../graph/own-facts.ts';
import type { WholeGraph } from '../graph/reconstruct.ts';
import { learnServed } from '../graph/surroundings.ts';
import { windowGraph } from '../graph/window-graph.ts';
import type { MapSample } from './sample.ts';

/** A message on the map: what is known of it, and its facts, of which it was folded. */
export interface Mapped {
  readonly message: Message;
  readonly own: OwnFacts;
  /** Where it lies, but for where it was put aside. */
  readonly places: readonly MessageAtSubscription[];
  /** It was sent in the time, or came without that; else it only failed in it. */
  readonly isOfWindow: boolean;
  /** That it was sent again as it was, in the time. */
  readonly redrive: ReplayedFact | SentFact | null;
}

export interface MappedGraph {
  readonly graph: WholeGraph;
  readonly messages: ReadonlyMap<string, Mapped>;
}

export function mappedGraph(reader: FactReader, { ids, withGaps }: MapSample, { window, asOf }: Asked): MappedGraph {
  const owns = messagesOf(reader.factsOf(ids).filter(({ at }) => at <= asOf));
  const served = learnServed(owns.values());
  const graph = windowGraph(reader, { asOf, messageIds: [...owns.keys()], contextlessIds: withGaps, served });
  const messages = new Map<string, Mapped>();
  for (const message of graph.messages()) {
    const own = owns.get(message.messageId);
    if (own === undefined) continue;
    const places = message.subscriptions.filter(({ destination }) => !isAside(destination, own, graph));
    const sends = own.sent.filter(isOrdinary);
    const isOfWindow = sends.some(({ at }) => at >= window.since) || (sends.length === 0 && isHeardIn(own, window));
    messages.set(message.messageId, { message, own, places, isOfWindow, redrive: redriveIn(own, window) });
  }
  return { graph, messages };
}

/** Of what nobody recorded that it was sent, what came of it tells. */
function isHeardIn({ gaps, started, settled }: OwnFacts, { since }: Asked['window']): boolean {
  const [first] = [...gaps, ...started, ...settled].toSorted((a, b) => a.at - b.at);
  return first !== undefined && first.at >= since;
}

function redriveIn({ replayed, sent }: OwnFacts, { since, until }: Asked['window']): Mapped['redrive'] {
  const asItWas = [
    ...replayed.filter(({ new_message_id }) => new_message_id === undefined),
    ...sent.filter(({ plan_id, replay_of }) => plan_id !== undefined && replay_of === undefined),
  ];
  return asItWas.find(({ at }) => at >= since && at < until) ?? null;
}

/** Whether what lies there was put aside. */
function isAside(destination: string, own: OwnFacts, { surroundings }: WholeGraph): boolean {
  if (surroundings.destinations.get(destination)?.kind === 'dead-letter') return true;
  return buried(own).some((fact) => fact.destination === destination);
}

/** What says of it that it was put aside: whoever did that, or took it from there. */
function buried({ sent, started }: OwnFacts): (SentFact | StartedFact)[] {
  return [...sent, ...started].filter(({ dead_lettered }) => dead_lettered === true);
}

/** Whether it is a request or a tick, which waits in no queue. */
export function isAtIngress({ message }: Mapped): boolean {
  return isIngressId(message.messageId);
}

/** Where what dies there is put: as facts of what died say, else as is known of the destination. */
export function deadLetterOf(destination: string, dead: OwnFacts | null, { surroundings }: WholeGraph): string | null {
  const [fact] = dead === null ? [] : buried(dead);
  return fact?.destination ?? surroundings.destinations.get(destination)?.dead_letter ?? null;
}
