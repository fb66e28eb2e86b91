import { isUtf8 } from 'node:buffer';
import type { Envelope, Gap } from '../../core/envelope.ts';
import { isCarryingPayload, readPayloadField, writePayloadField } from '../../layouts/payload-field.ts';
import { findMember } from './json-member.ts';

/** The key that users of Asynq before v0.26 write by hand, from their tracing vendor's guide. */
const FIELD = 'header';
const NAME = Buffer.from(`"${FIELD}"`);

/**
 * A payload with the context under `header`, all its other bytes as they were; the same payload where it cannot
 * carry any: bytes that are no JSON object, or have a `header` that is no map of strings.
 */
export function writePayloadHeader(envelope: Envelope, payload: Buffer): Buffer {
  if (envelope.isExternal) return payload;
  // No payload at all: the layout notes that, so that the handler is given none again.
  if (payload.length === 0) return Buffer.from(JSON.stringify(writePayloadField(envelope, null, FIELD)));
  const text = jsonText(payload);
  const object = text === undefined ? undefined : findMember(text, FIELD);
  if (text === undefined || object === undefined) return payload;
  const { member, count, end } = object;
  const there = member === undefined ? {} : { [FIELD]: JSON.parse(text.slice(member.valueStart, member.valueEnd)) };
  if (!isCarryingPayload(there, FIELD)) return payload;
  // Sound: an object that carries stays an object, with the field in it.
  const { [FIELD]: carrier } = writePayloadField(envelope, there, FIELD) as { readonly [FIELD]: object };
  if (member !== undefined) return spliced(text, member.valueStart, member.valueEnd, JSON.stringify(carrier));
  return spliced(text, end, end, `${count === 0 ? '' : ','}"${FIELD}":${JSON.stringify(carrier)}`);
}

/** A payload as its handler is to see it, and what came with it. */
interface ReadPayload {
  readonly envelope: Envelope | Gap;
  readonly payload: Buffer;
}

/**
 * Takes the context out of a payload. Where no waybill of ours is in it, it stays byte for byte: a handler may read
 * the map that its sender has written by hand.
 */
export function readPayloadHeader(payload: Buffer, keepHeader: boolean): ReadPayload {
  const nothing: ReadPayload = { envelope: 'absent', payload };
  // Most payloads are not even looked into.
  const text = payload.includes(NAME) ? jsonText(payload) : undefined;
  const object = text === undefined ? undefined : findMember(text, FIELD);
  const member = object?.member;
  if (text === undefined || member === undefined) return nothing;
  const carrier: unknown = JSON.parse(text.slice(member.valueStart, member.valueEnd));
  if (typeof carrier !== 'object' || carrier === null || Array.isArray(carrier)) return nothing;
  const { envelope, payload: rest } = readPayloadField({ [FIELD]: carrier }, FIELD);
  if (keepHeader || !Object.hasOwn(carrier, 'waybill')) return { envelope, payload };
  if (rest === null && object?.count === 1) return { envelope, payload: Buffer.alloc(0) };
  // Sound: the layout gives what is left of the object that it was given, or null.
  const { [FIELD]: theirs } = (rest ?? {}) as { readonly [FIELD]?: object };
  if (theirs !== undefined) {
    return { envelope, payload: spliced(text, member.valueStart, member.valueEnd, JSON.stringify(theirs)) };
  }
  const from = member.previousEnd ?? member.start;
  const to = member.previousEnd === undefined ? (member.nextStart ?? member.valueEnd) : member.valueEnd;
  return { envelope, payload: spliced(text, from, to, '') };
}

function spliced(text: string, from: number, to: number, part: string): Buffer {
  return Buffer.from(`${text.slice(0, from)}${part}${text.slice(to)}`);
}

/** Undefined for bytes that are no JSON. */
function jsonText(payload: Buffer): string | undefined {
  if (!isUtf8(payload)) return undefined;
  const text = payload.toString('utf8');
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}
