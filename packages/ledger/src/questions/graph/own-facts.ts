import type {
  CreatedFact,
  DiscardedFact,
  GapFact,
  MessageFact,
  Millis,
  ReplayedFact,
  SentFact,
  SettledFact,
  StartedFact,
} from 'waybill';

/** All facts of one message, by kind and time: what it says of itself, before anything is concluded. */
export interface OwnFacts {
  readonly messageId: string;
  readonly facts: readonly [MessageFact, ...MessageFact[]];
  readonly created: readonly CreatedFact[];
  readonly sent: readonly SentFact[];
  readonly started: readonly StartedFact[];
  readonly settled: readonly SettledFact[];
  readonly gaps: readonly GapFact[];
  readonly discarded: readonly DiscardedFact[];
  readonly replayed: readonly ReplayedFact[];
  /** The fact that stands for it: it was sent, else started, else whatever came first. */
  readonly first: MessageFact;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly tenantId: string | null;
  readonly operation: string | null;
  readonly eventType: string | null;
  readonly businessKey: string | null;
  readonly replayOf: string | null;
  readonly beginsAt: Millis;
}

/** Facts of one message; those after `asOf` are not looked at. */
export function ownFactsOf(facts: readonly MessageFact[]): OwnFacts | undefined {
  const sorted = facts.toSorted((a, b) => a.at - b.at);
  const [earliest] = sorted;
  if (earliest === undefined) return undefined;
  let created: readonly CreatedFact[] = NONE;
  let sent: readonly SentFact[] = NONE;
  let started: readonly StartedFact[] = NONE;
  let settled: readonly SettledFact[] = NONE;
  let gaps: readonly GapFact[] = NONE;
  let discarded: readonly DiscardedFact[] = NONE;
  let replayed: readonly ReplayedFact[] = NONE;
  for (const fact of sorted) {
    if (fact.kind === 'created') created = added(created, fact);
    else if (fact.kind === 'sent') sent = added(sent, fact);
    else if (fact.kind === 'started') started = added(started, fact);
    else if (fact.kind === 'settled') settled = added(settled, fact);
    else if (fact.kind === 'gap') gaps = added(gaps, fact);
    else if (fact.kind === 'discarded') discarded = added(discarded, fact);
    else replayed = added(replayed, fact);
  }
  const first = sent[0] ?? started[0] ?? earliest;
  return {
    messageId: earliest.message_id,
    // Sound: there is a first one.
    facts: sorted as unknown as OwnFacts['facts'],
    ...{ created, sent, started, settled, gaps, discarded, replayed, first },
    correlationId: earliest.correlation_id,
    causationId: firstOf(sorted, (fact) => fact.causation_id),
    tenantId: firstOf(sorted, (fact) => fact.tenant_id),
    operation: firstOf(sorted, (fact) => fact.operation),
    eventType: firstOf(sorted, (fact) => fact.event_type),
    businessKey: firstOf(sorted, (fact) => fact.business_key),
    replayOf: firstOf(sent, (fact) => fact.replay_of) ?? firstOf(created, (fact) => fact.replay_of),
    beginsAt: created[0]?.created_at ?? sent[0]?.at ?? started[0]?.enqueued_at ?? first.at,
  };
}

const NONE: readonly never[] = [];

/** Most lists have none or one, and there are thousands of messages: an array that is added to has room for seventeen. */
function added<Item>(list: readonly Item[], item: Item): readonly Item[] {
  if (list.length === 0) return [item];
  (list as Item[]).push(item); // sound: it was made here
  return list;
}

export function firstOf<Value, Item>(
  items: readonly Item[],
  read: (item: Item) => Value | null | undefined,
): Value | null {
  for (const item of items) {
    const value = read(item);
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

/** Sent as it was meant at first: no redrive, and no burial in a dead-letter queue. */
export function isOrdinary({ plan_id, replay_of, dead_lettered }: SentFact | CreatedFact): boolean {
  return (plan_id === undefined || replay_of !== undefined) && dead_lettered === undefined;
}

export function isIngressId(id: string): boolean {
  return /^(req|tick|run)_/.test(id);
}

/** A batch is no message, though a gap of its own bears its id. */
export function isBatchId(id: string): boolean {
  return id.startsWith('bat_');
}
