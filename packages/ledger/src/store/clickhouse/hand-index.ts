import type { MessageFact } from 'waybill';
import { byBegin, type MessageAtHand, messagesAtHand } from './at-hand.ts';
import type { ArrivedFact } from './fact-rows.ts';
import { keySpellings } from './id-keys.ts';

interface First {
  readonly at: number;
  readonly message: MessageAtHand;
}

/**
 * What is at hand, by all that may be asked of it: each list is made when it is asked for first, for with each round of a
 * question more is at hand, and it asks for few of them.
 */
export class Index {
  readonly messages: ReadonlyMap<string, MessageAtHand>;
  readonly #arrived: readonly ArrivedFact[];
  #effects: ReadonlyMap<string, MessageAtHand[]> | undefined;
  #keyed: ReadonlyMap<string, MessageAtHand[]> | undefined;
  #members: ReadonlyMap<string, MessageAtHand[]> | undefined;
  #executions: ReadonlyMap<string, Set<MessageAtHand>> | undefined;
  #brokerIds: ReadonlyMap<string, Set<MessageAtHand>> | undefined;
  #keys: ReadonlyMap<string, Set<string>> | undefined;
  #traces: ReadonlyMap<string, First> | undefined;
  #workflows: ReadonlyMap<string, First> | undefined;
  #batches: ReadonlyMap<string, Map<MessageAtHand, number>> | undefined;

  constructor(facts: Iterable<ArrivedFact>) {
    this.#arrived = [...facts].sort((a, b) => a.arrival - b.arrival);
    this.messages = messagesAtHand(this.#arrived);
  }

  get effects(): ReadonlyMap<string, MessageAtHand[]> {
    this.#effects ??= this.#listed(({ causationId }) => causationId);
    return this.#effects;
  }

  get keyed(): ReadonlyMap<string, MessageAtHand[]> {
    this.#keyed ??= this.#listed(({ businessKey }) => businessKey);
    return this.#keyed;
  }

  get members(): ReadonlyMap<string, MessageAtHand[]> {
    this.#members ??= this.#listed(({ correlationId }) => correlationId);
    return this.#members;
  }

  get executions(): ReadonlyMap<string, Set<MessageAtHand>> {
    // Sound: absent in other kinds.
    this.#executions ??= this.#collected((fact) => (fact as { readonly execution_id?: string }).execution_id);
    return this.#executions;
  }

  get brokerIds(): ReadonlyMap<string, Set<MessageAtHand>> {
    this.#brokerIds ??= this.#collected(({ broker_id }) => broker_id);
    return this.#brokerIds;
  }

  /** By how a key may be spelt, the keys in the order in which they came. */
  get keys(): ReadonlyMap<string, Set<string>> {
    this.#keys ??= keysOf(this.#arrived);
    return this.#keys;
  }

  /** The message of their earliest fact. */
  get traces(): ReadonlyMap<string, First> {
    this.#traces ??= this.#firsts(({ trace_id }) => trace_id);
    return this.#traces;
  }

  get workflows(): ReadonlyMap<string, First> {
    this.#workflows ??= this.#firsts(({ correlation_id }) => correlation_id);
    return this.#workflows;
  }

  /** With the place of each message in it. */
  get batches(): ReadonlyMap<string, Map<MessageAtHand, number>> {
    this.#batches ??= this.#itemsOfBatches();
    return this.#batches;
  }

  /** Messages by what each has one of, oldest first. */
  #listed(keyOf: (message: MessageAtHand) => string | null): ReadonlyMap<string, MessageAtHand[]> {
    const lists = Map.groupBy(this.messages.values(), keyOf);
    lists.delete(null);
    for (const list of lists.values()) list.sort(byBegin);
    return lists as ReadonlyMap<string, MessageAtHand[]>; // sound: null is gone
  }

  /** Messages by what their facts name. */
  #collected(keyOf: (fact: MessageFact) => string | undefined): ReadonlyMap<string, Set<MessageAtHand>> {
    const sets = new Map<string, Set<MessageAtHand>>();
    for (const { fact } of this.#arrived) {
      const key = keyOf(fact);
      const message = this.messages.get(fact.message_id);
      if (key !== undefined && message !== undefined) collected(sets, key).add(message);
    }
    return sets;
  }

  #firsts(keyOf: (fact: MessageFact) => string): ReadonlyMap<string, First> {
    const firsts = new Map<string, First>();
    for (const { fact } of this.#arrived) {
      const message = this.messages.get(fact.message_id);
      const first = firsts.get(keyOf(fact));
      if (message !== undefined && (first === undefined || fact.at < first.at))
        firsts.set(keyOf(fact), { at: fact.at, message });
    }
    return firsts;
  }

  #itemsOfBatches(): ReadonlyMap<string, Map<MessageAtHand, number>> {
    const batches = new Map<string, Map<MessageAtHand, number>>();
    for (const { fact } of this.#arrived) {
      const message = this.messages.get(fact.message_id);
      if (fact.kind !== 'started' || fact.batch === undefined || message === undefined) continue;
      const items = batches.get(fact.batch.id) ?? new Map<MessageAtHand, number>();
      batches.set(fact.batch.id, items);
      if (!items.has(message)) items.set(message, fact.batch.index);
    }
    return batches;
  }
}

function keysOf(arrived: readonly ArrivedFact[]): ReadonlyMap<string, Set<string>> {
  const keys = new Map<string, Set<string>>();
  for (const { fact } of arrived)
    if (fact.business_key !== undefined)
      for (const spelt of keySpellings(fact.business_key)) collected(keys, spelt).add(fact.business_key);
  return keys;
}

function collected<Value>(sets: Map<string, Set<Value>>, key: string): Set<Value> {
  let set = sets.get(key);
  if (set === undefined) {
    set = new Set();
    sets.set(key, set);
  }
  return set;
}
