import type { MessageFact, Millis } from 'waybill';
import { observed } from '../evidence.ts';
import { groupBy } from '../grouping.ts';
import { type Batch, cameWithoutContext } from './cause.ts';
import type { OwnFacts } from './own-facts.ts';
import { isBatchId, ownFactsOf } from './own-facts.ts';
import type { Source } from './source.ts';
import type { Surroundings } from './surroundings.ts';

/** Lists by a key, made in one pass; what is not there is empty. */
class Lists {
  readonly #lists = new Map<string, OwnFacts[]>();

  add(key: string, own: OwnFacts): void {
    const list = this.#lists.get(key);
    if (list === undefined) this.#lists.set(key, [own]);
    else if (list.at(-1) !== own) list.push(own);
  }

  of(key: string): readonly OwnFacts[] {
    return this.#lists.get(key) ?? NOTHING;
  }
}

const NOTHING: readonly OwnFacts[] = [];
/** A key on more messages than this (a customer, say) tells too little to conclude from. */
export const kinMax = 200;

export function messagesOf(facts: readonly MessageFact[]): ReadonlyMap<string, OwnFacts> {
  const messages = new Map<string, OwnFacts>();
  for (const [id, group] of groupBy(facts, ({ message_id }) => message_id)) {
    const own = isBatchId(id) ? undefined : ownFactsOf(group);
    if (own) messages.set(id, own);
  }
  return messages;
}

/** All facts at hand: every look-up is an index made beforehand. */
export function memorySource(messages: ReadonlyMap<string, OwnFacts>, surroundings: Surroundings): Source {
  const index = indexOf(messages);
  const ranBy = (executionId: string) => index.executions.of(executionId);
  return {
    surroundings,
    own: (id) => messages.get(id),
    causedBy: (id) => index.causes.of(id),
    replaysOf: ({ messageId, replayed }) => [
      ...index.origins.of(messageId),
      ...replayed.flatMap(({ new_message_id }) => messages.get(new_message_id ?? '') ?? []),
    ],
    replayedAs: (id) => index.replays.of(id)[0],
    batch: (id, by) => batchOf(id, by, index.batches.of(id), ranBy),
    ranBy,
    withKey: (key, tenant) => {
      const kin = index.keys.of(`${tenant ?? ''}\n${key}`);
      return kin.length > kinMax ? NOTHING : kin.filter(({ tenantId }) => tenantId === tenant);
    },
    inWorkflow: (id) => index.workflows.of(id),
    withBrokerId: (id) => index.brokerIds.of(id),
    atSpan: (trace, span) => index.spans.of(`${trace}\n${span}`),
    inForeign: (issuer, id) => index.foreign.of(`${issuer ?? ''}\n${id}`),
    sentTo: (destination, from, to) => between(index.sentTo.get(destination) ?? [], from, to),
    contextless: index.contextless,
  };
}

function indexOf(messages: ReadonlyMap<string, OwnFacts>) {
  const index = {
    causes: new Lists(),
    origins: new Lists(),
    replays: new Lists(),
    batches: new Lists(),
    executions: new Lists(),
    keys: new Lists(),
    workflows: new Lists(),
    brokerIds: new Lists(),
    spans: new Lists(),
    foreign: new Lists(),
    sentTo: new Map<string, Sent[]>(),
    contextless: [] as OwnFacts[],
  };
  for (const own of messages.values()) {
    if (own.causationId !== null) index.causes.add(own.causationId, own);
    if (own.replayOf !== null) index.origins.add(own.replayOf, own);
    if (own.businessKey !== null) index.keys.add(`${own.tenantId ?? ''}\n${own.businessKey}`, own);
    index.workflows.add(own.correlationId, own);
    for (const { new_message_id: id } of own.replayed) if (id !== undefined) index.replays.add(id, own);
    for (const { destination, at } of own.sent) {
      const list = index.sentTo.get(destination);
      if (list) list.push({ at, own });
      else index.sentTo.set(destination, [{ at, own }]);
    }
    for (const { broker_id, trace_id, span_id } of own.facts) {
      if (broker_id !== undefined) index.brokerIds.add(broker_id, own);
      if (span_id !== undefined) index.spans.add(`${trace_id}\n${span_id}`, own);
    }
    for (const fact of own.started) {
      if (fact.batch !== undefined) index.batches.add(fact.batch.id, own);
      index.executions.add(fact.execution_id, own);
    }
    for (const fact of own.settled) index.executions.add(fact.execution_id, own);
    addForeign(index.foreign, own);
    if (cameWithoutContext(own)) index.contextless.push(own);
  }
  for (const list of index.sentTo.values()) list.sort((a, b) => a.at - b.at);
  return index;
}

interface Sent {
  readonly at: Millis;
  readonly own: OwnFacts;
}

/** Of a list in order of time, what lies between two instants. */
function between(list: readonly Sent[], from: Millis, to: Millis): OwnFacts[] {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.at ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  const found = new Set<OwnFacts>();
  for (let sent = list[low]; sent && sent.at <= to; sent = list[++low]) found.add(sent.own);
  return [...found];
}

function addForeign(foreign: Lists, own: OwnFacts): void {
  for (const { foreign: ids } of own.facts) if (ids) foreign.add(`${ids.issuer ?? ''}\n${ids.correlation_id}`, own);
}

/** Whoever started in it, or only ended in its execution: an end names no batch. */
export function batchOf(
  batchId: string,
  byExecutionId: string | null,
  started: readonly OwnFacts[],
  inExecution: (executionId: string) => readonly OwnFacts[],
): Batch {
  const starts = started.flatMap((own) => own.started.filter(({ batch }) => batch?.id === batchId));
  const executionId = starts[0]?.execution_id ?? byExecutionId;
  const places = new Map(starts.map((fact) => [fact.message_id, fact.batch?.index ?? 0]));
  const others = executionId === null ? [] : inExecution(executionId).map(({ messageId }) => messageId);
  const items = [...new Set([...places.keys(), ...others])];
  items.sort((a, b) => (places.get(a) ?? Number.POSITIVE_INFINITY) - (places.get(b) ?? Number.POSITIVE_INFINITY));
  const count = starts[0]?.batch?.count ?? null;
  return { batchId, executionId, count, items, claim: observed(...starts) };
}
