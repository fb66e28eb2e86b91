import type { MessageFact, Millis, SentFact, SettledFact, StartedFact } from 'waybill';
import { inferred } from '../evidence.ts';
import { type CauseClaim, inferredCause, lossReasonOf, unknownCause } from './cause.ts';
import { isDark } from './destinations.ts';
import { firstOf, isOrdinary, type OwnFacts } from './own-facts.ts';
import { senderSpanOf } from './sender-span.ts';
import { skewMsMax } from './skew.ts';
import type { Source } from './source.ts';

/** A hop that is invisible to us is short: what came hours before is rather another story of the same order. */
const gapMsMax = 600_000;
/** Where nothing but the place ties the two, they must lie close together. */
const bareGapMsMax = 60_000;

/** A message that came without context, as its first arrival tells of it. */
interface Arrived {
  readonly own: OwnFacts;
  readonly destination: string;
  readonly subscription: string | null;
  readonly system: string;
  readonly brokerId: string | null;
  readonly at: Millis;
  readonly fact: OwnFacts['first'];
}

/** A message that was sent, and that nobody who records facts took from there. */
interface Candidate {
  readonly own: OwnFacts;
  readonly sent: SentFact;
}

/**
 * Which message led to one that came without context. In this order: what was sent, or handled, in the span that its
 * headers name; the same place in the transport under another id; a foreign system's own words; the only message lost at that destination; the only one of that workflow, or of the
 * same tenant and business key, that went to where nobody records facts. Two that fit would be a guess, and are none.
 */
export function inferCause(own: OwnFacts, source: Source): CauseClaim {
  const arrived = arrivedAs(own);
  const stripped = sentUnseen(arrived, source);
  return (
    sameSpan(arrived, source) ??
    sameCoordinate(arrived, source) ??
    sameForeign(own, source) ??
    strippedOnTheWay(arrived, stripped ?? []) ??
    throughOthers(arrived, source) ??
    unknownCause(own, 'nothing that is known fits, or more than one thing does', stripped?.length ?? null)
  );
}

function arrivedAs(own: OwnFacts): Arrived {
  const fact = own.gaps.find(({ subscription }) => subscription !== undefined) ?? own.started[0] ?? own.first;
  const { destination, system, subscription = null } = fact;
  const brokerId = firstOf(own.facts, (each) => each.broker_id);
  const at = own.started[0]?.enqueued_at ?? fact.at;
  return { own, destination, subscription, system, brokerId, at, fact };
}

/** What a service records of its sends bears the span that they were made in: it is one of these only at this place. */
function sameSpan({ own, destination, fact }: Arrived, source: Source): CauseClaim | null {
  const sender = senderSpanOf(own.gaps);
  if (sender === null) return null;
  const { traceId, spanId } = sender;
  const isAt = ({ trace_id, span_id }: MessageFact) => trace_id === traceId && span_id === spanId;
  const told = source
    .atSpan(traceId, spanId)
    .filter(({ messageId }) => messageId !== own.messageId)
    .flatMap(({ sent, started }) => [...sent, ...started].filter(isAt))
    .filter((each) => each.inferred === true || each.destination === destination);
  const [first, ...others] = told;
  if (!first || others.some(({ message_id }) => message_id !== first.message_id)) return null;
  const because = [`its traceparent names span ${spanId} of ${first.service}`];
  return inferredCause(first.message_id, 'span', because, inferred(first, fact));
}

function sameCoordinate({ own, destination, system, brokerId, fact }: Arrived, source: Source): CauseClaim | null {
  if (brokerId === null) return null;
  const twins = source
    .withBrokerId(brokerId)
    .filter(({ messageId }) => messageId !== own.messageId)
    .flatMap(({ messageId, sent }) => {
      const same = sent.find(
        (each) => each.broker_id === brokerId && each.destination === destination && each.system === system,
      );
      return same ? [{ messageId, same }] : [];
    });
  const [twin] = twins;
  if (!twin || twins.length > 1) return null;
  const because = [`same broker id ${brokerId} at ${destination}`];
  return inferredCause(twin.messageId, 'broker_id', because, inferred(twin.same, fact));
}

function sameForeign(own: OwnFacts, source: Source): CauseClaim | null {
  const foreign = firstOf(own.facts, (fact) => fact.foreign);
  if (foreign?.initiator_id === undefined) return null;
  const causes = source
    .inForeign(foreign.issuer, foreign.initiator_id)
    .filter(({ messageId }) => messageId !== own.messageId);
  const [cause] = causes;
  if (!cause || causes.length > 1) return null;
  const because = [`its initiator ${foreign.initiator_id} is the correlation of ${cause.messageId}`];
  return inferredCause(cause.messageId, 'foreign', because, inferred(cause.first, own.first));
}

/** What was sent by somebody of ours to that very place, and may be it; null where too much was to look through. */
function sentUnseen(arrived: Arrived, source: Source): Candidate[] | null {
  const { own, destination, brokerId, at } = arrived;
  const pool = source.sentTo(destination, at - gapMsMax - skewMsMax, at + skewMsMax);
  if (pool === null) return null;
  return candidates(arrived, pool, (sent) => sent.destination === destination).filter(
    ({ own: other, sent }) =>
      (brokerId === null || sent.broker_id === undefined || sent.broker_id === brokerId) &&
      !hasTwin(sent, own, source) &&
      !disagree(other.eventType, own.eventType),
  );
}

/** The only one of them, or the only one of the same story: what carried its context was lost on the way. */
function strippedOnTheWay(arrived: Arrived, fitting: readonly Candidate[]): CauseClaim | null {
  const { own, destination, at } = arrived;
  const narrowed = fitting.length > 1 ? fitting.filter((candidate) => isSameStory(own, candidate.own)) : fitting;
  const [only, ...others] = narrowed;
  if (!only || others.length > 0) return null;
  if (!isSameStory(own, only.own) && at - only.sent.at > bareGapMsMax + skewMsMax) return null;
  return concluded(arrived, only, [`the only one sent to ${destination} whose delivery left no facts`]);
}

/** Another message that came without context has its place in the transport, and so is it under another id. */
function hasTwin({ broker_id, destination }: SentFact, own: OwnFacts, source: Source): boolean {
  if (broker_id === undefined) return false;
  return source
    .withBrokerId(broker_id)
    .some(
      ({ messageId, started }) =>
        messageId !== own.messageId &&
        started.some((fact) => fact.broker_id === broker_id && fact.destination === destination),
    );
}

/** Somebody who carries no context took one message, and sent another. */
function throughOthers(arrived: Arrived, source: Source): CauseClaim | null {
  const { own, destination } = arrived;
  const { businessKey, tenantId } = own;
  const isPartial = lossReasonOf(own) === 'partial';
  const pool = isPartial
    ? source.inWorkflow(own.correlationId)
    : businessKey === null
      ? []
      : source.withKey(businessKey, tenantId);
  const { surroundings } = source;
  const fitting = candidates(arrived, pool, (sent) => {
    if (sent.destination === destination) return false;
    if (isDark(surroundings.destinations.get(sent.destination), null)) return true;
    // Where somebody records what is taken from there, a message without a start has not been taken.
    return !surroundings.served.has(sent.destination) && !isDeclaredBright(source, sent.destination);
  });
  const [only, ...others] = fitting;
  if (!only || others.length > 0) return null;
  return concluded(arrived, only, [
    ...(isPartial ? [`the only one of workflow ${own.correlationId}`] : ['the only one']),
    'sent before it whose delivery left no facts',
  ]);
}

function isDeclaredBright({ surroundings }: Source, destination: string): boolean {
  return surroundings.destinations.get(destination)?.instrumented === true;
}

function candidates(
  { own, at, destination, subscription }: Arrived,
  pool: readonly OwnFacts[],
  isPlace: (sent: SentFact) => boolean,
): Candidate[] {
  const found: Candidate[] = [];
  for (const other of pool) {
    if (other === own || disagree(other.businessKey, own.businessKey) || disagree(other.tenantId, own.tenantId))
      continue;
    const sent = unseenSend(other, isPlace, destination, subscription);
    if (!sent) continue;
    const since = Math.max(sent.at, sent.not_before ?? 0);
    if (since > at + skewMsMax || at - since > gapMsMax + skewMsMax) continue;
    found.push({ own: other, sent });
  }
  return found;
}

/** The send of a message to a place from which, as far as facts tell, nobody took it; at its own, not this subscription. */
function unseenSend(
  own: OwnFacts,
  isPlace: (sent: SentFact) => boolean,
  destination: string,
  subscription: string | null,
): SentFact | undefined {
  if (own.sent.length === 0 || own.discarded.length > 0) return undefined;
  const isSeen = (sent: SentFact, fact: StartedFact | SettledFact) =>
    sent.destination === destination
      ? fact.destination === destination && (subscription === null || fact.subscription === subscription)
      : fact.destination === sent.destination || fact.hop === sent.hop;
  return own.sent.find(
    (sent) =>
      sent.status === 'taken' &&
      isOrdinary(sent) &&
      isPlace(sent) &&
      !own.started.some((fact) => isSeen(sent, fact)) &&
      !own.settled.some((fact) => isSeen(sent, fact)),
  );
}

function disagree(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a !== b;
}

/** They share what ties them to one business case. */
function isSameStory(own: OwnFacts, other: OwnFacts): boolean {
  if (own.correlationId === other.correlationId) return true;
  return own.businessKey !== null && own.businessKey === other.businessKey && own.tenantId === other.tenantId;
}

function concluded({ own, at, fact }: Arrived, { own: cause, sent }: Candidate, only: readonly string[]): CauseClaim {
  const { businessKey, tenantId } = own;
  const isSameKey = businessKey !== null && businessKey === cause.businessKey && tenantId === cause.tenantId;
  const isSameWorkflow = own.correlationId === cause.correlationId;
  const how = isSameWorkflow ? 'workflow' : isSameKey ? 'business_key' : 'destination';
  const because = [
    ...(isSameKey ? [`same business key ${businessKey}`] : []),
    ...(isSameKey && tenantId !== null ? [`same tenant ${tenantId}`] : []),
    ...(isSameWorkflow ? [`same workflow ${own.correlationId}`] : []),
    `began ${at - sent.at} ms after ${cause.eventType ?? cause.messageId} was sent`,
    only.join(' '),
  ];
  return inferredCause(cause.messageId, how, because, inferred(sent, fact));
}
