import type { ArrivedFact } from './fact-rows.ts';

/** A message of which all facts are at hand. What is first said of it stands. */
export interface MessageAtHand {
  readonly id: string;
  /** Which was heard of first, as a message or as somebody's cause. */
  readonly place: number;
  /** By `at`, then by arrival. */
  readonly facts: ArrivedFact[];
  firstAt: number;
  correlationId: string;
  causationId: string | null;
  tenantId: string | null;
  eventType: string | null;
  businessKey: string | null;
}

/** Oldest first. */
export function byBegin(a: MessageAtHand, b: MessageAtHand): number {
  return a.firstAt - b.firstAt || a.place - b.place;
}

/** By their ids; the facts are in the order of their arrival. */
export function messagesAtHand(arrived: readonly ArrivedFact[]): Map<string, MessageAtHand> {
  const places = new Map<string, number>();
  const placeOf = (id: string) => {
    const place = places.get(id) ?? places.size;
    places.set(id, place);
    return place;
  };
  const messages = new Map<string, MessageAtHand>();
  for (const each of arrived) {
    const { fact } = each;
    const place = placeOf(fact.message_id);
    if (fact.causation_id != null) placeOf(fact.causation_id);
    const known = messages.get(fact.message_id);
    if (known === undefined) messages.set(fact.message_id, messageOf(each, place));
    else learn(known, each);
  }
  for (const { facts } of messages.values()) facts.sort((a, b) => a.fact.at - b.fact.at || a.arrival - b.arrival);
  return messages;
}

function messageOf(arrived: ArrivedFact, place: number): MessageAtHand {
  const { fact } = arrived;
  return {
    id: fact.message_id,
    place,
    facts: [arrived],
    firstAt: fact.at,
    correlationId: fact.correlation_id,
    causationId: fact.causation_id,
    tenantId: fact.tenant_id,
    eventType: fact.event_type,
    businessKey: fact.business_key ?? null,
  };
}

function learn(message: MessageAtHand, arrived: ArrivedFact): void {
  const { fact } = arrived;
  message.facts.push(arrived);
  message.firstAt = Math.min(message.firstAt, fact.at);
  message.causationId ??= fact.causation_id;
  message.tenantId ??= fact.tenant_id;
  message.eventType ??= fact.event_type;
  message.businessKey ??= fact.business_key ?? null;
}
