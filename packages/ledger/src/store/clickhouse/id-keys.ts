import { hash } from 'node:crypto';
import type { MessageFact } from 'waybill';
import { endingOf } from '../endings.ts';
import { instantOf, isOwnId } from '../packed-id.ts';

const instantBits = 42;
const keyEndingBits = 22;
/** What of an id's ending is in its key. */
export const keyEndingMask = 2 ** keyEndingBits - 1;
const minuteMs = 60_000;

/**
 * Under what an id is found: an own id's time, and a part of its ending, so that the ids of one time lie together; of any
 * other id 64 bits of its hash. Two ids may share a key: what is found under it is looked at before it is believed.
 */
export function idKey(id: string): bigint {
  const ending = endingOf(id);
  if (ending === null) return hash('sha256', id, 'buffer').readBigUInt64BE(0);
  const instant = BigInt.asUintN(instantBits, BigInt(instantOf(id)));
  return (instant << BigInt(keyEndingBits)) | BigInt.asUintN(keyEndingBits, BigInt(ending));
}

/** By so much the keys of one minute are divided to be equal. */
export const keysOfMinute = minuteMs * 2 ** keyEndingBits;

/** In which minute of the keys an own id is. */
export function minuteOf(ownId: string): number {
  return Number(idKey(ownId) / BigInt(keysOfMinute));
}

/** Ids that a person may type the ending of. */
export function endingIdsIn(fact: MessageFact): string[] {
  const executions = 'execution_id' in fact ? [fact.execution_id] : [];
  return [fact.message_id, fact.correlation_id, ...executions].filter(isOwnId);
}

/** Every id by which its workflow may be asked for; that itself needs none. */
export function idsIn(fact: MessageFact): string[] {
  const { message_id, causation_id, trace_id, broker_id, business_key } = fact;
  const ids = [message_id, trace_id];
  // Its cause may be of another workflow, and is asked there what it caused.
  for (const id of [causation_id, broker_id]) if (id != null) ids.push(id);
  if (business_key !== undefined) ids.push(...keySpellings(business_key));
  if ('execution_id' in fact) ids.push(fact.execution_id);
  if (fact.kind === 'started' && fact.batch !== undefined) ids.push(fact.batch.id);
  if (fact.kind === 'gap' && fact.gap.traceparent !== undefined) ids.push(traceOf(fact.gap.traceparent));
  ids.push(fact.correlation_id);
  return ids;
}

/** Whole, and what follows the first colon: people search for ORD-48213, and the app says order:ORD-48213. */
export function keySpellings(businessKey: string): string[] {
  const colonAt = businessKey.indexOf(':');
  return colonAt < 0 ? [businessKey] : [businessKey, businessKey.slice(colonAt + 1)];
}

function traceOf(traceparent: string): string {
  return traceparent.split('-')[1] ?? '';
}
