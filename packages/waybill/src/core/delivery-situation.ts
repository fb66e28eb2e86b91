import type { Delivery } from './delivery.ts';
import { type Envelope, type Gap, isEnvelope } from './envelope.ts';
import type { Kernel } from './kernel.ts';
import { RULES, type Rule } from './rules.ts';

/** The row of a delivery. The weakest situation wins: what was dead once is no first delivery, whatever its attempt says. */
export function situationOfDelivery(kernel: Kernel, delivery: Delivery, carried: Envelope | Gap): Rule {
  if (delivery.schedule !== undefined) return RULES.tick;
  const isTrusted = isBelieved(kernel, delivery);
  if (!isEnvelope(carried)) return isTrusted ? situationOfGap(carried) : situationOfStranger(carried);
  if (!isTrusted) return RULES.deliveryPublic;
  if (carried.messageId === '') return RULES.tick; // its template, from a scheduler that does not say what is due
  if (delivery.deadLettered) return RULES.fromDeadLetter;
  if (delivery.replay !== undefined) return RULES.logReplay;
  if (carried.relations?.replay !== undefined) return RULES.replayed;
  if ((delivery.attempt ?? 1) > 1) return RULES.retry;
  return delivery.redelivered ? RULES.redelivery : RULES.firstDelivery;
}

/** The row of what came without a waybill that can be used. */
export function situationOfGap(gap: Gap): Rule {
  if (typeof gap === 'string') return RULES.nothingReadable;
  if (gap.correlationId !== undefined) return RULES.partial;
  return gap.traceHeaders.traceparent === undefined ? RULES.nothingReadable : RULES.w3cOnly;
}

/** Where nothing is believed, baggage names no workflow either. */
function situationOfStranger(gap: Gap): Rule {
  return situationOfGap(gap) === RULES.nothingReadable ? RULES.nothingReadable : RULES.deliveryPublic;
}

/** Whether what a delivery carries is believed: what strangers can write to is not, neither the event nor the queue of its copy. */
function isBelieved(kernel: Kernel, { trust, destination, subscription }: Delivery): boolean {
  if (trust !== undefined) return trust === 'trusted';
  if ((kernel.policyOf(destination)?.trust ?? 'trusted') !== 'trusted') return false;
  return subscription === undefined || (kernel.policyOf(subscription)?.trust ?? 'trusted') === 'trusted';
}
