import type { MessageFact } from 'waybill';
import type { ArrivedFact } from './fact-rows.ts';
import { keySpellings } from './id-keys.ts';

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

/** What is at hand, by all that may be asked of it. */
export interface Index {
  readonly messages: ReadonlyMap<string, MessageAtHand>;
  readonly effects: ReadonlyMap<string, MessageAtHand[]>;
  readonly executions: ReadonlyMap<string, Set<MessageAtHand>>;
  readonly brokerIds: ReadonlyMap<string, Set<MessageAtHand>>;
  /** By how a key may be spelt, the keys in the order in which they came. */
  readonly keys: ReadonlyMap<string, Set<string>>;
  readonly keyed: ReadonlyMap<string, MessageAtHand[]>;
  /** The message of their earliest fact. */
  readonly traces: ReadonlyMap<string, First>;
  readonly workflows: ReadonlyMap<string, First>;
  readonly members: ReadonlyMap<string, MessageAtHand[]>;
  /** With the place of each message in it. */
  readonly batches: ReadonlyMap<string, Map<MessageAtHand, number>>;
}

interface First {
  readonly at: number;
  readonly message: MessageAtHand;
}

/** Oldest first. */
export function byBegin(a: MessageAtHand, b: MessageAtHand): number {
  return a.firstAt - b.firstAt || a.place - b.place;
}

export function indexOf(facts: Iterable<ArrivedFact>): Index {
  const arrived = [...facts].sort((a, b) => a.arrival - b.arrival);
  const messages = messagesOf(arrived);
  const index = {
    messages,
    effects: new Map<string, MessageAtHand[]>(),
    executions: new Map<string, Set<MessageAtHand>>(),
    brokerIds: new Map<string, Set<MessageAtHand>>(),
    keys: new Map<string, Set<string>>(),
    keyed: new Map<string, MessageAtHand[]>(),
    traces: new Map<string, First>(),
    workflows: new Map<string, First>(),
    members: new Map<string, MessageAtHand[]>(),
    batches: new Map<string, Map<MessageAtHand, number>>(),
  };
  for (const message of messages.values()) {
    if (message.causationId !== null) listed(index.effects, message.causationId).push(message);
    if (message.businessKey !== null) listed(index.keyed, message.businessKey).push(message);
    listed(index.members, message.correlationId).push(message);
  }
  for (const { fact } of arrived) {
    const message = messages.get(fact.message_id);
    if (message === undefined) continue;
    const { execution_id: executionId } = fact as { readonly execution_id?: string }; // sound: absent in other kinds
    if (executionId !== undefined) collected(index.executions, executionId).add(message);
    if (fact.broker_id !== undefined) collected(index.brokerIds, fact.broker_id).add(message);
    if (fact.business_key !== undefined)
      for (const spelt of keySpellings(fact.business_key)) collected(index.keys, spelt).add(fact.business_key);
    earliest(index.traces, fact.trace_id, fact.at, message);
    earliest(index.workflows, fact.correlation_id, fact.at, message);
    if (fact.kind === 'started' && fact.batch !== undefined) addItem(index.batches, fact.batch, message);
  }
  for (const lists of [index.effects, index.keyed, index.members])
    for (const list of lists.values()) list.sort(byBegin);
  return index;
}

function messagesOf(arrived: readonly ArrivedFact[]): Map<string, MessageAtHand> {
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

function addItem(
  batches: Map<string, Map<MessageAtHand, number>>,
  { id, index }: { readonly id: string; readonly index: number },
  message: MessageAtHand,
): void {
  const items = batches.get(id) ?? new Map<MessageAtHand, number>();
  batches.set(id, items);
  if (!items.has(message)) items.set(message, index);
}

function earliest(firsts: Map<string, First>, id: string, at: MessageFact['at'], message: MessageAtHand): void {
  const first = firsts.get(id);
  if (first === undefined || at < first.at) firsts.set(id, { at, message });
}

function listed<Value>(lists: Map<string, Value[]>, key: string): Value[] {
  let list = lists.get(key);
  if (list === undefined) {
    list = [];
    lists.set(key, list);
  }
  return list;
}

function collected<Value>(sets: Map<string, Set<Value>>, key: string): Set<Value> {
  let set = sets.get(key);
  if (set === undefined) {
    set = new Set();
    sets.set(key, set);
  }
  return set;
}
