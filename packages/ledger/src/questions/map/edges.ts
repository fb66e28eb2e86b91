import { type Claim, claimOf, type Evidence, observed, weaker } from '../evidence.ts';
import { type GapEdge, gaps } from '../gaps/gaps.ts';
import type { Message } from '../graph/message.ts';
import { groupBy } from '../grouping.ts';
import type { MapEdge } from './answer.ts';
import { deadLetterOf, type Mapped, type MappedGraph } from './mapped.ts';
import { type Origin, originOf } from './origin.ts';

/** One message on its way. The claim is that it came from there. */
interface Passage extends Origin, Claim {
  readonly to: string;
  readonly event_type: string | null;
  readonly is_gap: boolean;
  readonly is_replay: boolean;
}

/** Any of its messages shows that an edge is there. */
const becauseMax = 8;

/** What was sent from where to where; most messages first. */
export function edgesOf(mapped: MappedGraph): MapEdge[] {
  const lost = gaps(mapped.graph).edges.flatMap((edge) => acrossGap(edge, mapped));
  const lostIds = new Set(lost.map(({ messageId }) => messageId));
  const kept = [...mapped.messages.values()].flatMap((each) => [
    ...(each.isOfWindow && !lostIds.has(each.message.messageId) ? passagesOf(each, mapped) : []),
    ...redriven(each, mapped),
  ]);
  const edges = groupBy([...lost.map(({ passage }) => passage), ...kept], edgeKey);
  return [...edges.values()].map(edgeOf).sort((a, b) => b.messages - a.messages || (edgeKey(a) < edgeKey(b) ? -1 : 1));
}

function edgeKey({ from, from_destination, to, event_type, is_gap, is_replay }: Omit<Passage, keyof Claim>): string {
  return JSON.stringify([from, from_destination, to, event_type, is_gap, is_replay]);
}

function edgeOf(passages: readonly [Passage, ...Passage[]]): MapEdge {
  const [{ from, from_destination, to, event_type, is_gap, is_replay }] = passages;
  return {
    ...{ from, from_destination, to, event_type, is_gap, is_replay },
    messages: passages.length,
    evidence: passages.reduce<Evidence>((sure, { evidence }) => weaker(sure, evidence), 'observed'),
    because_facts: [...new Set(passages.flatMap(({ because_facts }) => because_facts))].slice(0, becauseMax),
  };
}

interface Lost {
  readonly messageId: string;
  readonly passage: Passage;
}

/** Messages whose context was lost, from whoever lost it. */
function acrossGap(edge: GapEdge, { graph, messages }: MappedGraph): Lost[] {
  return edge.lost.flatMap(({ message_id: messageId, cause_message_id, because_facts }): Lost[] => {
    const each = messages.get(messageId);
    if (!each?.isOfWindow) return [];
    const origin = lostFrom(edge, graph.message(cause_message_id ?? ''), graph);
    const evidence = origin.from === null ? 'unknown' : edge.evidence;
    const common = { to: edge.to, event_type: each.message.eventType, is_gap: true, is_replay: false };
    return [{ messageId, passage: { ...common, ...origin, evidence, because_facts } }];
  });
}

function lostFrom({ lost_in, from, to }: GapEdge, led: Message | undefined, graph: MappedGraph['graph']): Origin {
  if (lost_in !== to) return { from: lost_in ?? from, from_destination: from };
  // It was lost where it arrived: what was sent there is this message, under the id that it had.
  return (led && originOf(led, graph)) ?? { from, from_destination: null };
}

function passagesOf({ message, places }: Mapped, { graph, messages }: MappedGraph): Passage[] {
  const { cause, eventType: event_type, replayOf } = message;
  const isReplay = cause.via === 'replay';
  return [...new Set(places.map(({ destination }) => destination))].flatMap((to): Passage[] => {
    const common = { to, event_type, is_gap: false, is_replay: isReplay };
    if (isReplay) {
      const original = messages.get(replayOf ?? cause.messageIds[0] ?? '');
      return [{ ...common, ...fromAside(to, original, graph), ...claimOf(cause) }];
    }
    const origin = originOf(message, graph);
    return origin === null ? [] : [{ ...common, ...origin, ...senderClaim(message) }];
  });
}

/** A send outside of every scope says who sent it, though not what led to it. */
function senderClaim({ cause, sent }: Message): Claim {
  return cause.via === 'cause' || sent === null ? claimOf(cause) : observed(sent);
}

/** Sent again as it was: one more passage of the same message. */
function redriven(each: Mapped, { graph }: MappedGraph): Passage[] {
  const { message, places, redrive } = each;
  const [place] = places;
  if (redrive === null || place === undefined) return [];
  const to = place.destination;
  const common = { to, event_type: message.eventType, is_gap: false, is_replay: true };
  return [{ ...common, ...fromAside(to, each, graph), ...observed(redrive) }];
}

/** From where it was put aside; from the destination itself, where its dead lie there. */
function fromAside(to: string, original: Mapped | undefined, graph: MappedGraph['graph']): Origin {
  return { from: deadLetterOf(to, original?.own ?? null, graph) ?? to, from_destination: null };
}
