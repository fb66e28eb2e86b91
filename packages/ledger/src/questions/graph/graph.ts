import type { Millis, SentFact } from 'waybill';
import { type Claim, claimOf, inferred, observed } from '../evidence.ts';
import type { Children } from './awaiting.ts';
import { type Batch, type CauseClaim, cameWithoutContext, recordedCause, unknownCause } from './cause.ts';
import { foldMessage } from './fold.ts';
import { inferCause } from './lost-hop.ts';
import type { Message } from './message.ts';
import { isBatchId, type OwnFacts } from './own-facts.ts';
import { skewMsMax } from './skew.ts';
import type { Source } from './source.ts';

/** What a message led to, directly. */
export interface Effect extends Claim {
  readonly messageId: string;
  readonly via: 'cause' | 'replay';
  /** The batch in which it was handled, where the whole of that caused it. */
  readonly batchId: string | null;
}

/** The causal graph of messages, as of an instant. Every question reads it, over facts in memory or over a store. */
export interface Graph {
  readonly asOf: Millis;
  message(id: string): Message | undefined;
  batch(id: string): Batch | undefined;
  /** The ids of the messages that an execution ran: several, where it was a batch. */
  ranBy(executionId: string): readonly string[];
  /** Oldest first. */
  effectsOf(id: string, limit?: number): readonly Effect[];
}

/** Nobody has more direct effects than a fan-out of a whole table. */
const effectsMax = 100_000;

export function graphOver(source: Source): Graph {
  const { asOf } = source.surroundings;
  const causes = new Map<string, CauseClaim>();
  const messages = new Map<string, Message>();
  const causeOf = (own: OwnFacts): CauseClaim => {
    let cause = causes.get(own.messageId);
    if (cause === undefined) {
      cause = makeCause(own, source);
      causes.set(own.messageId, cause);
    }
    return cause;
  };
  const links = linksOver(source, causeOf);
  const children: Children = { own: (id) => source.own(id), of: (id) => source.causedBy(id, effectsMax) };
  const message = (id: string): Message | undefined => {
    const known = messages.get(id);
    if (known !== undefined) return known;
    const own = isBatchId(id) ? undefined : source.own(id);
    if (own === undefined) return undefined;
    const made = foldMessage(own, {
      surroundings: source.surroundings,
      children,
      cause: causeOf(own),
      takenUnseenAt: (destination, subscription) => links.takenUnseen(own, destination, subscription),
      isContextLostAt: (destination, since) => links.isContextLostAt(destination, since),
    });
    messages.set(id, made);
    return made;
  };
  return {
    asOf,
    message,
    batch: (id) => {
      const batch = source.batch(id, null);
      return batch.items.length > 0 ? batch : undefined;
    },
    ranBy: (executionId) => source.ranBy(executionId).map(({ messageId }) => messageId),
    effectsOf: (id, limit = effectsMax) => links.effectsOf(id, limit),
  };
}

function makeCause(own: OwnFacts, source: Source): CauseClaim {
  const recorded = recordedCause(own, source.replayedAs(own.messageId), (id, by) => source.batch(id, by));
  if (recorded !== null) return recorded;
  if (!cameWithoutContext(own))
    return unknownCause(own, isSentOutside(own) ? 'it was sent outside every scope' : 'no fact of it says');
  return inferCause(own, source);
}

/** Its sender says so; what was derived says only that no span around it is known. */
function isSentOutside({ sent }: OwnFacts): boolean {
  return sent.some(({ inferred }) => inferred !== true);
}

interface Links {
  effectsOf(id: string, limit: number): readonly Effect[];
  /** That somebody took a message from there who records no facts, or under another id. */
  takenUnseen(own: OwnFacts, destination: string, subscription: string | null): Claim | null;
  isContextLostAt(destination: string, since: Millis): boolean;
}

function linksOver(source: Source, causeOf: (own: OwnFacts) => CauseClaim): Links {
  const inferredEffects = inferredEffectsOver(source, causeOf);
  const unlinkedUntil = lastUnlinkedOver(source, causeOf);
  const isWithoutStart = ({ started, settled }: OwnFacts) => started.length + settled.length === 0;
  return {
    effectsOf(id, limit) {
      const own = source.own(id);
      if (own === undefined) return [];
      const effects = [...recordedEffects(own, source, limit), ...inferredEffects(own)];
      if (effects.length === 0) return [];
      const known = new Map(effects.map((effect) => [effect.messageId, effect]));
      return [...known.values()]
        .sort((a, b) => a.beginsAt - b.beginsAt)
        .flatMap((effect) => effectOf(own, effect, causeOf(effect)))
        .slice(0, limit);
    },
    takenUnseen(own, destination, subscription) {
      for (const effect of inferredEffects(own)) {
        const isTwin = effect.facts.some((fact) => fact.destination === destination && fact.kind !== 'sent');
        const isHere = isTwin
          ? subscription === null || effect.facts.some((fact) => fact.subscription === subscription)
          : isWithoutStart(own);
        if (isHere) return claimOf(causeOf(effect));
      }
      if (!isWithoutStart(own)) return null;
      const [recorded] = source.causedBy(own.messageId, 1);
      return recorded ? inferred(own.first, recorded.first) : null;
    },
    isContextLostAt: (destination, since) => unlinkedUntil(destination) >= since - skewMsMax,
  };
}

function isInferredFrom({ messageId }: OwnFacts, { how, messageIds }: CauseClaim): boolean {
  return how !== 'recorded' && how !== null && messageIds.includes(messageId);
}

/** What a message led to across lost hops: from a list made once, or where there is none from those that it may be. */
function inferredEffectsOver(
  { contextless, ...source }: Source,
  causeOf: (own: OwnFacts) => CauseClaim,
): (own: OwnFacts) => readonly OwnFacts[] {
  if (contextless === null)
    return (own) => lostKin(own, { contextless, ...source }).filter((other) => isInferredFrom(own, causeOf(other)));
  let led: Map<string, OwnFacts[]> | undefined;
  return ({ messageId }) => {
    if (led === undefined) {
      led = new Map();
      for (const own of contextless) {
        const { how, messageIds } = causeOf(own);
        if (how === 'recorded' || how === null) continue;
        for (const id of messageIds) led.set(id, [...(led.get(id) ?? []), own]);
      }
    }
    return led.get(messageId) ?? [];
  };
}

/** When the last message arrived at a destination without context of which nobody can tell what it was before. */
function lastUnlinkedOver(
  { contextless }: Source,
  causeOf: (own: OwnFacts) => CauseClaim,
): (destination: string) => number {
  let last: Map<string, number> | undefined;
  return (destination) => {
    if (last === undefined) {
      last = new Map();
      for (const own of contextless ?? []) {
        if (causeOf(own).via !== 'unknown') continue;
        for (const fact of own.facts)
          last.set(fact.destination, Math.max(last.get(fact.destination) ?? 0, own.beginsAt));
      }
    }
    return last.get(destination) ?? Number.NEGATIVE_INFINITY;
  };
}

/** Messages that came without context, to which this one may have led, as far as indexes find them. */
function lostKin(own: OwnFacts, source: Source): readonly OwnFacts[] {
  const found = new Set<OwnFacts>();
  const add = (others: readonly OwnFacts[]) => {
    for (const other of others) if (other !== own && cameWithoutContext(other)) found.add(other);
  };
  for (const { inferred, trace_id, span_id } of own.facts)
    if (inferred && span_id !== undefined) add(source.atSpan(trace_id, span_id));
  if (!own.sent.some((sent) => mayBeUnseen(sent, own, source))) return [...found];
  for (const { broker_id } of own.sent) if (broker_id !== undefined) add(source.withBrokerId(broker_id));
  if (own.businessKey !== null) add(source.withKey(own.businessKey, own.tenantId));
  add(source.inWorkflow(own.correlationId));
  return [...found];
}

/** Whether somebody may have taken it of whom its own facts do not tell: another subscription, if not all. */
function mayBeUnseen({ destination }: SentFact, { started, settled }: OwnFacts, source: Source): boolean {
  if (source.surroundings.destinations.get(destination)?.kind === 'topic') return true;
  const isHere = (fact: { readonly destination: string }) => fact.destination === destination;
  return !started.some(isHere) && !settled.some(isHere);
}

function recordedEffects(own: OwnFacts, source: Source, limit: number): readonly OwnFacts[] {
  const batches = new Set(own.started.flatMap(({ batch }) => batch?.id ?? []));
  return [
    ...source.causedBy(own.messageId, limit),
    ...source.replaysOf(own),
    ...[...batches].flatMap((id) => source.causedBy(id, limit)),
  ];
}

function effectOf(own: OwnFacts, effect: OwnFacts, cause: CauseClaim): Effect[] {
  // An edited replay keeps the causes of what it replays, and was caused by that alone.
  if (!cause.messageIds.includes(own.messageId)) return [];
  const claim = cause.how === 'recorded' ? observed(effect.first) : claimOf(cause);
  const via = cause.via === 'replay' ? 'replay' : 'cause';
  return [{ messageId: effect.messageId, via, batchId: cause.batchId, ...claim }];
}
