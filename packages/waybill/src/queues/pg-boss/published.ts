import { type Envelope, type Gap, isEnvelope } from '../../core/envelope.ts';
import { PAYLOAD_FIELD } from '../../layouts/payload-field.ts';

/** Beside the waybill of what was published: a job tells its own queue, and not the event. */
const PUBLISHED_AS = 'published_as';

type Fields = Readonly<Record<string, unknown>>;

/** All copies are one message, sent to the event; the subscribed queues are known to the database alone. */
export function publishedAs(event: string, envelope: Envelope): Envelope {
  return { ...envelope, foreignHeaders: { ...envelope.foreignHeaders, [PUBLISHED_AS]: event } };
}

/**
 * The event under which data was published; undefined for what was sent to a queue. Only where the waybill says the
 * same: apps send what strangers gave them, and that may have such a field.
 */
export function eventOf(data: unknown, envelope: Envelope | Gap): string | undefined {
  const event = carrierOf(Array.isArray(data) ? data[0] : data)?.[PUBLISHED_AS];
  return typeof event === 'string' && isEnvelope(envelope) && envelope.eventType === event ? event : undefined;
}

/** Data out of which the waybill is taken already, without the event too. */
export function withoutEvent(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(withoutEvent);
  const carrier = carrierOf(data);
  if (carrier === undefined) return data;
  const { [PUBLISHED_AS]: _, ...foreign } = carrier;
  const { [PAYLOAD_FIELD]: __, ...own } = data as Fields; // sound: what has a carrier is an object
  return Object.keys(foreign).length === 0 ? own : { ...own, [PAYLOAD_FIELD]: foreign };
}

function carrierOf(item: unknown): Fields | undefined {
  const carrier = (item as Fields | null | undefined)?.[PAYLOAD_FIELD]; // sound: all values but these two have fields
  return carrier instanceof Object ? (carrier as Fields) : undefined; // sound: tested, and read as unknown
}
