import type { CreatedFact, DiscardedFact, GapFact, MessageFact, Millis, ReplayedFact, SentFact } from 'waybill';
import { type Execution, executionsOf } from './executions.ts';
import { groupBy } from './grouping.ts';
import { type Segment, type SegmentKind, segmentsOf } from './segments.ts';
import { type Standing, type State, standingOf } from './state.ts';

/** One message at one subscription: one group's `ok` says nothing about another's. */
export interface MessageAtSubscription extends Standing {
  readonly destination: string;
  /** Null while nobody is known to take it from there. */
  readonly subscription: string | null;
  readonly beginsAt: Millis;
  readonly notBefore: Millis | null;
  readonly dueAt: Millis | null;
  readonly executions: readonly Execution[];
  readonly segments: readonly Segment[];
  readonly totals: ReadonlyMap<SegmentKind, number>;
  /** From its begin to its end, or to as-of while it is not over; null where nobody knows. */
  readonly elapsedMs: number | null;
  readonly attempts: number;
  readonly maxAttempts: number | null;
}

export interface Message {
  readonly messageId: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly eventType: string | null;
  readonly tenantId: string | null;
  readonly operation: string | null;
  readonly businessKey: string | null;
  readonly replayOf: string | null;
  readonly beginsAt: Millis;
  /** The fact that its begin was read from. */
  readonly first: MessageFact;
  readonly sent: SentFact | null;
  readonly gaps: readonly GapFact[];
  readonly replays: readonly ReplayedFact[];
  readonly discarded: DiscardedFact | null;
  /** The one that needs looking at first comes first. */
  readonly subscriptions: readonly [MessageAtSubscription, ...MessageAtSubscription[]];
}

/** What the facts of some messages say as of an instant. Pure: later facts are not looked at. */
export function reconstruct(facts: readonly MessageFact[], asOf: Millis): ReadonlyMap<string, Message> {
  const own = groupBy(
    facts.filter((fact) => fact.at <= asOf).sort((a, b) => a.at - b.at),
    (fact) => fact.message_id,
  );
  const messages = new Map<string, Message>();
  for (const [messageId, group] of own) messages.set(messageId, messageOf(group, asOf));
  return messages;
}

function messageOf(facts: readonly [MessageFact, ...MessageFact[]], asOf: Millis): Message {
  const [first] = facts;
  const subscriptions = subscriptionsOf(facts, asOf);
  const sends = facts.filter((fact): fact is SentFact => fact.kind === 'sent');
  return {
    messageId: first.message_id,
    correlationId: first.correlation_id,
    causationId: first.causation_id,
    eventType: firstOf(facts, (fact) => fact.event_type),
    tenantId: firstOf(facts, (fact) => fact.tenant_id),
    operation: firstOf(facts, (fact) => fact.operation),
    businessKey: firstOf(facts, (fact) => fact.business_key),
    replayOf: firstOf(facts, (fact) => (fact.kind === 'sent' || fact.kind === 'created' ? fact.replay_of : null)),
    beginsAt: Math.min(...subscriptions.map(({ beginsAt }) => beginsAt)),
    first: sends[0] ?? facts.find(({ kind }) => kind === 'started') ?? first,
    sent: sends[0] ?? null,
    gaps: facts.filter((fact): fact is GapFact => fact.kind === 'gap'),
    replays: facts.filter((fact): fact is ReplayedFact => fact.kind === 'replayed'),
    discarded: facts.findLast((fact): fact is DiscardedFact => fact.kind === 'discarded') ?? null,
    subscriptions,
  };
}

const WORST_FIRST: readonly State[] = ['overdue', 'dead', 'unknown', 'running', 'waiting', 'discarded', 'done'];

function subscriptionsOf(facts: readonly [MessageFact, ...MessageFact[]], asOf: Millis): Message['subscriptions'] {
  const handled = facts.filter(({ kind }) => kind === 'started' || kind === 'settled');
  const places = groupBy(handled, (fact) => JSON.stringify([fact.destination, fact.subscription ?? null]));
  const publishes = facts.filter(
    (fact): fact is SentFact | CreatedFact => fact.kind === 'sent' || fact.kind === 'created',
  );
  const claimed = new Set<MessageFact>();
  const found: MessageAtSubscription[] = [];
  for (const own of places.values()) {
    const [start] = own;
    const here = publishes.filter(({ destination }) => destination === start.destination);
    // A consumer may know the place by another name than the sender: what was published before it started led to it.
    const led =
      here.length > 0 ? here : publishes.filter((publish) => publish.at <= start.at && !isHandledAt(publish, handled));
    for (const publish of led) claimed.add(publish);
    found.push(atSubscription([...led, ...own, ...unplaced(facts)], start, asOf));
  }
  for (const waiting of groupBy(
    publishes.filter((fact) => !claimed.has(fact)),
    ({ destination }) => destination,
  ).values())
    found.push(atSubscription([...waiting, ...unplaced(facts)], waiting[0], asOf));
  const [worst, ...others] = found.sort((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state));
  return worst ? [worst, ...others] : [atSubscription(facts, facts[0], asOf)];
}

/** Facts that name no subscription of their own, and so hold for each. */
function unplaced(facts: readonly MessageFact[]): MessageFact[] {
  return facts.filter(({ kind }) => kind === 'discarded' || kind === 'replayed');
}

function isHandledAt({ destination }: MessageFact, handled: readonly MessageFact[]): boolean {
  return handled.some((fact) => fact.destination === destination);
}

function atSubscription(facts: readonly MessageFact[], place: MessageFact, asOf: Millis): MessageAtSubscription {
  const executions = executionsOf(facts);
  const publishes = facts.filter(
    (fact): fact is SentFact | CreatedFact => fact.kind === 'sent' || fact.kind === 'created',
  );
  const sends = publishes.filter((fact): fact is SentFact => fact.kind === 'sent');
  const dueAt = firstOf(facts, (fact) => ('due_at' in fact ? fact.due_at : null));
  const notBefore = firstOf(publishes, ({ not_before }) => not_before);
  const standing = standingOf({ sends, executions, facts, dueAt, asOf });
  const beginsAt = beginOf(sends, executions) ?? place.at;
  const isUnknowable = standing.state === 'unknown' && standing.over === null;
  const until = standing.over ?? asOf;
  const segments = isUnknowable ? [] : segmentsOf(executions, { begin: beginsAt, notBefore, until });
  const summed = segments.filter(({ kind }) => kind !== 'skipped');
  const counted = executions.filter(({ outcome }) => outcome !== 'skipped');
  return {
    ...standing,
    destination: place.destination,
    subscription: place.kind === 'sent' || place.kind === 'created' ? null : (place.subscription ?? null),
    beginsAt,
    notBefore,
    dueAt,
    executions,
    segments,
    totals: totalsOf(summed),
    elapsedMs: isUnknowable ? null : until - beginsAt,
    attempts: Math.max(counted.length > 0 ? 1 : 0, ...counted.map(({ attempt }) => attempt ?? counted.length)),
    maxAttempts: executions.findLast(({ maxAttempts }) => maxAttempts !== null)?.maxAttempts ?? null,
  };
}

function beginOf(sends: readonly SentFact[], executions: readonly Execution[]): Millis | null {
  const [first] = executions;
  return sends[0]?.at ?? first?.started?.enqueued_at ?? first?.startedAt ?? first?.endedAt ?? null;
}

function totalsOf(segments: readonly Segment[]): Map<SegmentKind, number> {
  const totals = new Map<SegmentKind, number>();
  for (const { kind, ms } of segments) totals.set(kind, (totals.get(kind) ?? 0) + ms);
  return totals;
}

function firstOf<Value, Item>(items: readonly Item[], read: (item: Item) => Value | null | undefined): Value | null {
  for (const item of items) {
    const value = read(item);
    if (value !== null && value !== undefined) return value;
  }
  return null;
}
