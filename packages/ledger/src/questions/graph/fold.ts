import type { Millis, StartedFact } from 'waybill';
import { type Claim, observed } from '../evidence.ts';
import { awaitingOf, type Children } from './awaiting.ts';
import { type Begin, beginOf, doubted } from './begin.ts';
import type { CauseClaim } from './cause.ts';
import { declaredLeaseMs, isWithoutUsual, type NoConsumers, noConsumersAt } from './destinations.ts';
import { dueToSettle, dueToStart } from './due.ts';
import { type Execution, executionsOf } from './executions.ts';
import type { Message, MessageAtSubscription } from './message.ts';
import { firstOf, type OwnFacts } from './own-facts.ts';
import type { Segment, SegmentKind } from './parts.ts';
import { type Place, placesOf } from './places.ts';
import { segmentsOf } from './segments.ts';
import { type Standing, type State, standingOf, unknownStanding } from './state.ts';
import { mayMissExecution, type Surroundings, usualMsMaxOf } from './surroundings.ts';
import { standingUnstarted } from './unstarted.ts';

/** What others say of a message. */
export interface Others {
  readonly surroundings: Surroundings;
  readonly children: Children;
  readonly cause: CauseClaim;
  /** Somebody took it from there who records no facts. */
  takenUnseenAt(destination: string, subscription: string | null): Claim | null;
  /** Messages arrive there without context, of which nobody knows what they were. */
  isContextLostAt(destination: string, since: Millis): boolean;
}

/** Folds the facts of one message into where it lies, what ran, and where its time went. */
export function foldMessage(own: OwnFacts, others: Others): Message {
  return new FoldedMessage(own, others);
}

/**
 * What stands at its places, and who may have taken it unseen, is folded when it is asked for, because of most causes of a
 * message only their own cause and begin are. A class, for a getter of an object alone gives that a shape of its own,
 * which keeps all that it sees until the next whole collection.
 */
class FoldedMessage implements Message {
  readonly #own: OwnFacts;
  readonly #others: Others;
  readonly #laid: readonly Laid[];
  #subscriptions: Message['subscriptions'] | undefined;
  #takenUnseen: Claim | null | undefined;
  readonly beginsAt: Millis;

  constructor(own: OwnFacts, others: Others) {
    this.#own = own;
    this.#others = others;
    this.#laid = placesOf(own, others.surroundings).map((place) => layPlace(own, place, others));
    this.beginsAt = this.#laid.length === 0 ? factBegin(own).at : Math.min(...this.#laid.map(({ begin }) => begin.at));
  }

  get messageId() {
    return this.#own.messageId;
  }

  get correlationId() {
    return this.#own.correlationId;
  }

  get causationId() {
    return this.#own.causationId;
  }

  get eventType() {
    return this.#own.eventType;
  }

  get tenantId() {
    return this.#own.tenantId;
  }

  get operation() {
    return this.#own.operation;
  }

  get businessKey() {
    return this.#own.businessKey;
  }

  get replayOf() {
    return this.#own.replayOf;
  }

  get first() {
    return this.#own.first;
  }

  get sent() {
    return this.#own.sent[0] ?? null;
  }

  get gaps() {
    return this.#own.gaps;
  }

  get replays() {
    return this.#own.replayed;
  }

  get discarded() {
    return this.#own.discarded.at(-1) ?? null;
  }

  get cause() {
    return this.#others.cause;
  }

  get takenUnseen() {
    if (this.#takenUnseen === undefined) this.#takenUnseen = takenUnseen(this.#own, this.#others);
    return this.#takenUnseen;
  }

  get subscriptions() {
    this.#subscriptions ??= subscriptionsOf(this.#own, this.#laid, this.#others);
    return this.#subscriptions;
  }
}

function subscriptionsOf(own: OwnFacts, laid: readonly Laid[], others: Others): Message['subscriptions'] {
  const places = laid.map((each) => foldPlace(own, each, others));
  const [worst, ...rest] = places.sort((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state));
  return worst ? [worst, ...rest] : [factOnly(own, others)];
}

const WORST_FIRST: readonly State[] = ['overdue', 'dead', 'unknown', 'running', 'waiting', 'discarded', 'done'];

function takenUnseen({ sent, started, settled }: OwnFacts, others: Others): Claim | null {
  if (started.length + settled.length > 0) return null;
  return firstOf(sent, ({ destination }) => others.takenUnseenAt(destination, null));
}

/** What ran at a place, and since when the message lay there. */
interface Laid {
  readonly place: Place;
  readonly executions: readonly Execution[];
  readonly begin: Begin;
}

function layPlace(own: OwnFacts, place: Place, { surroundings }: Others): Laid {
  const { destination, started, settled, redrives } = place;
  const executions = executionsOf({
    started: withLease(started, declaredLeaseMs(surroundings.destinations.get(destination))),
    ...{ settled, redrive: redrives[0] ?? null },
    isEditedReplay: own.replayOf !== null,
    missing: surroundings,
  });
  return { place, executions, begin: beginAt(own, place, executions, surroundings.isLossy) };
}

function foldPlace(own: OwnFacts, { place, executions, begin }: Laid, others: Others): MessageAtSubscription {
  const { surroundings } = others;
  const { destination, subscription, publishes, redrives, discarded } = place;
  const known = surroundings.destinations.get(destination);
  const notBefore = firstOf(publishes, ({ not_before }) => not_before);
  const { asOf } = surroundings;
  const due = dueToStart({
    facts: own.facts.filter((fact) => fact.destination === destination || fact.kind === 'sent'),
    ...{ publishes, notBefore, beginsAt: begin.at },
    destination: known,
    usualMsMax: executions.length > 0 || isWithoutUsual(known) ? null : usualMsMaxOf(surroundings, destination),
  });
  const standing = withoutBlindSpot(
    standingOf({
      ...{ messageId: own.messageId, executions, discarded, redrives, asOf, isLossy: surroundings.isLossy },
      unstarted: () =>
        standingUnstarted({
          ...{ destination, subscription, publishes, due, surroundings, beginsAt: begin.at },
          takenUnseen: others.takenUnseenAt(publishes[0]?.destination ?? destination, subscription),
          isContextLost: others.isContextLostAt(publishes[0]?.destination ?? destination, begin.at),
        }),
    }),
    executions,
    surroundings,
    place,
  );
  const awaits = (released: Execution | null, next: Execution | null) =>
    awaitingOf(own, released, next?.started ?? null, others.children);
  const noConsumers = noConsumersAt(known, asOf);
  return foldedPlace({ place, executions, begin, notBefore, due, standing, asOf, awaits, noConsumers });
}

/** Where a start does not say how long it may take, what is declared for its destination does. */
function withLease(started: readonly StartedFact[], leaseMs: number | null): readonly StartedFact[] {
  if (leaseMs === null) return started;
  return started.map((fact) => (fact.lease_until === undefined ? { ...fact, lease_until: fact.at + leaseMs } : fact));
}

/** That nothing came after its last execution is not known where facts of whoever would have run it are missing. */
function withoutBlindSpot(
  standing: Standing,
  executions: readonly Execution[],
  surroundings: Surroundings,
  { destination, subscription }: Place,
): Standing {
  const last = executions.at(-1);
  if (standing.state !== 'waiting' || standing.evidence === 'observed' || last === undefined) return standing;
  const since = Math.max(last.retryAt ?? 0, last.endedAt ?? last.startedAt ?? 0);
  if (since > surroundings.asOf || !mayMissExecution(surroundings, destination, subscription, since)) return standing;
  return { state: 'unknown', over: null, evidence: 'unknown', because_facts: standing.because_facts };
}

function beginAt(
  own: OwnFacts,
  { destination, publishes, started }: Place,
  executions: readonly Execution[],
  isLossy: boolean,
): Begin {
  // A transport that moves its dead letters itself records nothing; a consumer that does may have been lost.
  const isMoved = started.some((fact) => fact.dead_lettered) && !isLossy;
  const isOurs = (own.causationId !== null || own.replayOf !== null) && !isMoved;
  const isForwarded = own.facts.some((fact) => fact.kind !== 'discarded' && fact.destination !== destination);
  const begin = beginOf(publishes, executions, { isOurs, isForwarded });
  if (begin === null) return factBegin(own);
  const [first] = executions;
  const [publish] = publishes;
  // The sender named another place: that it is the same one is a conclusion.
  const isAdopted = isMoved || (first?.started && publish && publish.destination !== first.started.destination);
  return isAdopted && begin.evidence === 'observed' ? doubted(begin) : begin;
}

function factBegin({ first }: OwnFacts): Begin {
  const from = first.kind === 'discarded' ? 'discarded.at' : first.kind === 'replayed' ? 'replayed.at' : 'gap.at';
  return { at: first.at, from, evidence: 'inferred', because_facts: [first.fact_id] };
}

interface Folded extends Pick<MessageAtSubscription, 'executions' | 'begin' | 'notBefore' | 'due'> {
  readonly place: Place;
  readonly standing: Standing;
  readonly asOf: Millis;
  readonly noConsumers: NoConsumers | null;
  readonly awaits: Parameters<typeof segmentsOf>[1]['awaits'];
}

function foldedPlace(folded: Folded): MessageAtSubscription {
  const { place, executions, begin, notBefore, due, standing, asOf, awaits, noConsumers } = folded;
  const { destination, subscription } = place;
  const isUnknowable = standing.state === 'unknown' && executions.length === 0;
  const until = standing.over ?? asOf;
  const segments = isUnknowable ? [] : segmentsOf(executions, { begin, notBefore, until, standing, awaits });
  const counted = executions.filter(({ isAside }) => !isAside);
  const last = counted.at(-1);
  const isUnsettled = standing.state === 'overdue' && last !== undefined;
  const dueNow = isUnsettled ? dueToSettle(last) : due;
  return {
    ...standing,
    ...{ destination, subscription, begin, notBefore, executions, segments },
    beginsAt: begin.at,
    due: dueNow,
    dueAt: dueNow?.at ?? null,
    noConsumers: isTakeable(standing, last) ? noConsumers : null,
    totals: totalsOf(segments.filter(({ kind }) => kind !== 'skipped')),
    elapsedMs: isUnknowable ? null : until - begin.at,
    attempts: Math.max(counted.length > 0 ? 1 : 0, ...counted.map(({ attempt }) => attempt ?? counted.length)),
    maxAttempts: executions.findLast(({ maxAttempts }) => maxAttempts !== null)?.maxAttempts ?? null,
  };
}

/** Whether it waits for somebody to take it. */
function isTakeable({ state }: Standing, last: Execution | undefined): boolean {
  return state === 'waiting' || (state === 'overdue' && last === undefined);
}

function totalsOf(segments: readonly Segment[]): Map<SegmentKind, number> {
  const totals = new Map<SegmentKind, number>();
  for (const { kind, ms } of segments) totals.set(kind, (totals.get(kind) ?? 0) + ms);
  return totals;
}

/** Only its discarding, its replay or a gap is known: nothing says where it was taken, or whether. */
function factOnly(own: OwnFacts, { surroundings: { asOf } }: Others): MessageAtSubscription {
  const { first } = own;
  const gone = own.discarded.at(-1);
  const standing: Standing = gone ? { state: 'discarded', over: gone.at, ...observed(gone) } : unknownStanding(first);
  const { destination, subscription } = first;
  const none = { publishes: [], started: [], settled: [], discarded: own.discarded, redrives: [] };
  const place: Place = { destination, subscription: subscription ?? null, ...none };
  const begin = factBegin(own);
  return foldedPlace({
    ...{ place, executions: [], begin, notBefore: null, due: null, standing, asOf, noConsumers: null },
    awaits: () => null,
  });
}
