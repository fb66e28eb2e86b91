import type { Envelope, Gap } from '../core/envelope.ts';
import { CARRIER_NAMES, type Carrier, type ReceivedCarrier, readHeaders, writeHeaders } from './headers.ts';

/** The key under which context lies in the payloads of transports that have no headers. */
export const PAYLOAD_FIELD = '__waybill';
/** Beside the context, where there was no payload: the handler is given none again. */
const NO_PAYLOAD = 'no_payload';

/** A payload as its handler is to see it, and what came with it. */
interface ReadPayload {
  readonly envelope: Envelope | Gap;
  readonly payload: unknown;
}

type PlainObject = Readonly<Record<string, unknown>>;

function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isStringMap(value: unknown): value is Carrier {
  return isPlainObject(value) && Object.values(value).every((item) => typeof item === 'string');
}

/** Whether context can be written into this payload; where it cannot, the payload goes as it is, and the loss is a gap. */
export function isCarryingPayload(payload: unknown, field: string = PAYLOAD_FIELD): boolean {
  if (payload == null) return true;
  if (Array.isArray(payload)) return payload.length > 0 && payload.every((item) => isCarryingObject(item, field));
  return isCarryingObject(payload, field);
}

function isCarryingObject(payload: unknown, field: string): payload is PlainObject {
  return isPlainObject(payload) && (payload[field] === undefined || isStringMap(payload[field]));
}

/**
 * A payload with the context under a reserved key; the caller's own is not touched. No payload becomes an object,
 * an array of objects carries it in each, anything else stays as it is.
 */
export function writePayloadField(envelope: Envelope, payload: unknown, field: string = PAYLOAD_FIELD): unknown {
  if (envelope.isExternal || !isCarryingPayload(payload, field)) return payload;
  if (payload == null) return { [field]: writeHeaders(envelope, { [NO_PAYLOAD]: 'true' }) };
  if (Array.isArray(payload)) return payload.map((item: PlainObject) => withCarrier(envelope, item, field));
  return withCarrier(envelope, payload as PlainObject, field); // sound: tested above
}

function withCarrier(envelope: Envelope, payload: PlainObject, field: string): PlainObject {
  // A map that is there was copied along from another message, or belongs to a tracer: ours is written beside it.
  return { ...payload, [field]: writeHeaders(envelope, { ...(payload[field] as Carrier | undefined) }) };
}

/** Takes the context out of a payload again: the handler sees what the app sent. */
export function readPayloadField(payload: unknown, field: string = PAYLOAD_FIELD): ReadPayload {
  if (Array.isArray(payload) && payload.some((item) => hasField(item, field))) {
    // Not into arrays in it: nothing is written there, and a stranger's may be nested without end.
    const items = payload.map((item: unknown) => readObject(item, field));
    return { envelope: items[0]?.envelope ?? 'absent', payload: items.map((item) => item.payload) };
  }
  return readObject(payload, field);
}

function hasField(payload: unknown, field: string): payload is PlainObject {
  return isPlainObject(payload) && payload[field] !== undefined;
}

function readObject(payload: unknown, field: string): ReadPayload {
  if (!hasField(payload, field)) return { envelope: 'absent', payload };
  const carrier = payload[field];
  if (!isPlainObject(carrier)) return { envelope: 'unreadable', payload };
  const envelope = readHeaders(carrier as ReceivedCarrier);
  const { [field]: _, ...rest } = payload;
  if (NO_PAYLOAD in carrier && Object.keys(rest).length === 0) return { envelope, payload: null };
  const foreign = Object.entries(carrier).filter(([name]) => !isOurs(name));
  return { envelope, payload: foreign.length === 0 ? rest : { ...rest, [field]: Object.fromEntries(foreign) } };
}

function isOurs(name: string): boolean {
  return name === NO_PAYLOAD || (CARRIER_NAMES as readonly string[]).includes(name);
}
