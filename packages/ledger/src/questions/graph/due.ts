import type { CreatedFact, MessageFact, Millis, SentFact } from 'waybill';
import type { Destination } from './destinations.ts';
import type { Execution } from './executions.ts';
import { firstOf, isOrdinary } from './own-facts.ts';

/** Until when a message should have started, or settled, and who says so. */
export interface Due {
  readonly at: Millis;
  readonly from: 'due_at' | 'deadline_ms' | 'usual' | 'lease_until';
}

interface Waiting {
  readonly facts: readonly MessageFact[];
  readonly publishes: readonly (CreatedFact | SentFact)[];
  readonly beginsAt: Millis;
  readonly notBefore: Millis | null;
  readonly destination: Destination | undefined;
  /** What the longest usual wait there is, where nobody declared a deadline; null where too little is known. */
  readonly usualMsMax: number | null;
}

/** A delayed message is late from its time on, and not from when it was sent. */
export function dueToStart({ facts, publishes, beginsAt, notBefore, destination, usualMsMax }: Waiting): Due | null {
  const said = firstOf(facts, (fact) => ('due_at' in fact ? fact.due_at : null));
  if (said !== null) return { at: said, from: 'due_at' };
  const handedOver = publishes.find((fact) => fact.kind === 'sent' && isOrdinary(fact));
  const since = Math.max(notBefore ?? 0, handedOver?.at ?? beginsAt);
  if (destination?.deadline_ms !== undefined) return { at: since + destination.deadline_ms, from: 'deadline_ms' };
  return usualMsMax === null ? null : { at: since + usualMsMax, from: 'usual' };
}

/** When what it runs under is over: whoever ran it is then silent, or has not said that it is longer. */
export function dueToSettle({ leaseUntil }: Execution): Due | null {
  return leaseUntil === null ? null : { at: leaseUntil, from: 'lease_until' };
}
