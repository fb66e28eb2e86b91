import { hash } from 'node:crypto';
import type { MessageFact } from 'waybill';
import { type EndingRange, endingOf } from '../endings.ts';

const hashBits = 64n;
const endingBits = 30n;
const restBits = hashBits - endingBits;

/**
 * Under what an id is found: 64 bits of its hash, of which an own id gives the upper 30 to its ending, so that the ids of
 * one ending lie together. Two ids may share a key: what is found under it is looked at before it is believed.
 */
export function idKey(id: string): bigint {
  const hashed = hash('sha256', id, 'buffer').readBigUInt64BE(0);
  const ending = endingOf(id);
  return ending === null ? hashed : (BigInt(ending) << restBits) | BigInt.asUintN(Number(restBits), hashed);
}

/** Keys that are equal when they are divided by `width`: of own ids of one ending, the wider the shorter that is. */
export function endingKey({ low, high }: EndingRange): { readonly width: bigint; readonly quotient: bigint } {
  const width = BigInt(high - low + 1) << restBits;
  return { width, quotient: (BigInt(low) << restBits) / width };
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
  // Of its own ending, too, where no message is named after it.
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
