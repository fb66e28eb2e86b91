import type { GapReason, Millis } from 'waybill';
import type { FactStore } from '../store/store.ts';
import { type Claim, inferred } from './evidence.ts';
import { type Message, reconstruct } from './reconstruct.ts';

/** A cause that no header names: concluded from who else carries the same business key. */
export interface InferredCause extends Claim {
  readonly messageId: string;
  readonly causeId: string;
  readonly because: readonly string[];
}

const LOSSES: readonly GapReason[] = ['no_context', 'w3c_only', 'unreadable', 'oversized', 'partial'];
/** A hop that is invisible to us is short: what came hours before is rather another story of the same order. */
const gapMsMax = 600_000;
/** A key on more messages than this (a customer, say) tells too little to conclude from. */
const kinMax = 200;

/** What else carries this message's business key, for the same tenant. None where there is no key. */
export function kinOf(store: FactStore, { businessKey, tenantId }: Message, asOf: Millis): Map<string, Message> {
  if (businessKey === null) return new Map();
  const matches = store
    .find(businessKey, kinMax + 1)
    .filter((match) => match.kind === 'business_key' && match.tenant_id === tenantId);
  if (matches.length > kinMax) return new Map();
  return new Map(reconstruct(store.factsOf(matches.map((match) => match.message_id)), asOf));
}

/**
 * Which message led to each one that came without context: the only one of the same tenant and business key that was
 * sent before it and whose delivery left no facts. Two candidates would be a guess, and are none.
 */
export function inferCauses(messages: ReadonlyMap<string, Message>): Map<string, InferredCause> {
  const causes = new Map<string, InferredCause>();
  const unseen = [...messages.values()].filter(wasSentUnseen);
  for (const message of messages.values()) {
    const { messageId, causationId, replayOf, businessKey, tenantId, beginsAt } = message;
    const gap = message.gaps.find(({ gap: { reason } }) => LOSSES.includes(reason));
    if (!gap || causationId !== null || replayOf !== null || businessKey === null) continue;
    const candidates = unseen.filter(
      (other) =>
        other.businessKey === businessKey &&
        other.tenantId === tenantId &&
        other.messageId !== messageId &&
        other.beginsAt <= beginsAt &&
        beginsAt - other.beginsAt <= gapMsMax,
    );
    const [cause] = candidates;
    if (!cause || candidates.length > 1) continue;
    const because = [
      `same business key ${businessKey}`,
      ...(tenantId === null ? [] : [`same tenant ${tenantId}`]),
      `began ${beginsAt - cause.beginsAt} ms after ${cause.eventType ?? cause.messageId} was sent`,
      'the only one sent before it whose delivery left no facts',
    ];
    causes.set(messageId, { messageId, causeId: cause.messageId, because, ...inferred(cause.first, gap) });
  }
  return causes;
}

/** Sent and taken, and nobody that records facts has started it. */
export function wasSentUnseen({ sent, subscriptions: [first] }: Message): boolean {
  return sent?.status === 'taken' && first.executions.length === 0 && first.state !== 'discarded';
}
