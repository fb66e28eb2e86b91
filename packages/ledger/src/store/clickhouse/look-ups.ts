import type { FactReader } from '../store.ts';
import type { MessageAtHand } from './at-hand.ts';
import { openDestinationsReader } from './destinations.ts';
import { openFinder } from './find.ts';
import type { Hand } from './hand.ts';
import { needsOf } from './needs.ts';
import { openOthers } from './others.ts';
import { openShapes } from './shapes.ts';
import { messagesAtSpan } from './span-messages.ts';
import { openTimeline } from './timeline.ts';
import type { Want } from './wants.ts';

/** Looks up in what is at hand, as the other store does in its tables. */
export function lookUpsOver(hand: Hand, want: (key: string, wanted: Want) => void): FactReader {
  const needs = needsOf(hand, want);
  // Also of what may have more elsewhere: it seldom has, and so the walk goes on in the same run.
  const ownOf = (id: string): MessageAtHand | undefined => {
    needs.own(id);
    return hand.index.messages.get(id);
  };
  /** Of each all that is first said of it has to be at hand, wherever that was. */
  const told = (messages: Iterable<MessageAtHand>, limit: number): string[] => {
    const ids = new Set<string>();
    for (const { id } of messages) {
      if (ids.size >= limit) break;
      ids.add(id);
    }
    for (const id of ids) ownOf(id);
    return [...ids];
  };
  return {
    ...openFinder(hand, needs),
    factsOf(messageIds) {
      const facts = [...new Set(messageIds)].flatMap((id) => ownOf(id)?.facts ?? []);
      facts.sort((a, b) => a.fact.at - b.fact.at || a.arrival - b.arrival);
      return facts.map(({ fact }) => fact);
    },
    ancestors(messageId, depth) {
      const ids = new Set<string>();
      let message = ownOf(messageId);
      for (let step = 0; message !== undefined && step <= depth && !ids.has(message.id); step++) {
        ids.add(message.id);
        message = message.causationId === null || step === depth ? undefined : ownOf(message.causationId);
      }
      return [...ids];
    },
    effects(messageId, limit) {
      needs.effects(messageId, limit);
      return told(hand.index.effects.get(messageId) ?? [], limit);
    },
    batchItems(batchId, limit) {
      needs.named(batchId, limit);
      const items = [...(hand.index.batches.get(batchId) ?? [])];
      items.sort(([a, placeOfA], [b, placeOfB]) => placeOfA - placeOfB || a.place - b.place);
      return told(
        items.map(([message]) => message),
        limit,
      );
    },
    messagesOf(correlationId, limit) {
      if (!needs.members(correlationId, limit)) return [];
      const members = hand.members.get(correlationId);
      if (members !== undefined && !hand.whole.has(correlationId)) return members.ids.slice(0, limit);
      return told(hand.index.members.get(correlationId) ?? [], limit);
    },
    messagesAt(traceId, spanId, limit) {
      const messages = messagesAtSpan(needs, traceId, spanId, limit).flatMap((id) => ownOf(id) ?? []);
      return told(
        messages.sort((a, b) => a.firstAt - b.firstAt),
        limit,
      );
    },
    ...openOthers(needs),
    ...openShapes(needs),
    destinations: openDestinationsReader(needs),
    timeline: openTimeline(needs, hand.sampled),
  };
}
