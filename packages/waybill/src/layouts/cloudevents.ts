import { readCorrelation } from '../core/baggage.ts';
import { foreignEnvelope, foreignText } from '../core/dialect.ts';
import type { Envelope, Gap, Unusable } from '../core/envelope.ts';
import { carriableId } from '../core/ids.ts';
import { packWaybill, WAYBILL_LENGTH } from '../core/pack-waybill.ts';
import { readWaybill, WAYBILL_LENGTH_MAX } from '../core/read-waybill.ts';
import { readTraceHeaders, type TraceHeaders } from '../core/w3c.ts';
import type { Carrier } from './headers.ts';

// CloudEvents 1.0.2, with the extensions "Distributed Tracing" (`traceparent`, `tracestate`) and "Correlation"
// (`correlationid`, `causationid`; documented since July 2025, in no release yet). `waybill` is ours, and holds all of it.

type Attributes = Readonly<Record<string, unknown>>;

/**
 * An event in the JSON format, with the context in its extensions. What the app has set stays; an event without an
 * id gets the message's. `data` is not touched.
 */
export function writeStructured(envelope: Envelope, event: object, lengthMax: number = WAYBILL_LENGTH): Attributes {
  if (envelope.isExternal) return event as Attributes; // an object: nothing is claimed of its values
  const given = jsonOf(event);
  const context = contextAttributes(envelope, envelope.traceHeaders, (name) => given[name] != null);
  return { ...given, ...context, waybill: packWaybill(envelope, lengthMax) };
}

/** Reads an event in the JSON format, parsed. */
export function readStructured(event: unknown): Envelope | Gap {
  if (typeof event !== 'object' || event === null) return 'absent';
  const attributes = event as Attributes; // an object, as above
  const traceHeaders = traceHeadersOf(attributes['traceparent'], attributes['tracestate'], undefined);
  return readAttributes((name) => attributes[name], traceHeaders, undefined);
}

/**
 * Writes the context into the headers of an event whose data is the body: a copy of the caller's. The attributes are
 * named as those that are there: `ce-` in HTTP and NATS, `ce_` in Kafka, `cloudEvents_` or `cloudEvents:` in AMQP.
 */
export function writeBinary(envelope: Envelope, headers: Carrier, lengthMax: number = WAYBILL_LENGTH): Carrier {
  if (envelope.isExternal) return headers;
  const prefix = PREFIXES.find((each) => headers[`${each}source`] !== undefined) ?? ENCODED_PREFIX;
  const encode = prefix === ENCODED_PREFIX ? percentEncoded : (text: string) => text;
  // For one hop, says the extension, it must be the trace that the transport's own header has.
  const isTraced = headers['traceparent'] !== undefined;
  const context = contextAttributes(
    envelope,
    isTraced ? headers : envelope.traceHeaders,
    (name) => headers[`${prefix}${name}`] !== undefined,
  );
  for (const [name, value] of Object.entries(context)) headers[`${prefix}${name}`] = encode(value);
  headers[`${prefix}waybill`] = packEncoded(envelope, encode, lengthMax);
  return headers;
}

/** Reads the headers of an event whose data is the body. */
export function readBinary(headers: Attributes): Envelope | Gap {
  const { correlationId, baggage } = readCorrelation(foreignText(headers['baggage']));
  const transport = traceHeadersOf(headers['traceparent'], headers['tracestate'], baggage);
  const prefix = PREFIXES.find((each) => headers[`${each}specversion`] !== undefined);
  if (prefix === undefined) return gapOf('absent', transport, correlationId);
  const decode = prefix === ENCODED_PREFIX ? decoded : (value: unknown) => value;
  const attribute = (name: string) => decode(headers[`${prefix}${name}`]);
  // The event's own says where it began; the transport's may be of the last hop.
  const own = traceHeadersOf(attribute('traceparent'), attribute('tracestate'), baggage);
  return readAttributes(attribute, own.traceparent === undefined ? transport : own, correlationId);
}

/** The bindings for HTTP and NATS have their values percent-encoded; the others carry any text. */
const ENCODED_PREFIX = 'ce-';
const PREFIXES = [ENCODED_PREFIX, 'ce_', 'cloudEvents_', 'cloudEvents:'] as const;

/** An event of the official SDK keeps its data where only its own JSON shows it. */
function jsonOf(event: object): Attributes {
  try {
    const json: unknown = 'toJSON' in event && typeof event.toJSON === 'function' ? event.toJSON() : event;
    if (typeof json === 'object' && json !== null) return json as Attributes; // an object, as above
  } catch {
    // Whoever serialises it will hear of it: that is not ours to say.
  }
  return event as Attributes; // an object, as above
}

/** What any language can read, without what is there already. */
function contextAttributes(
  envelope: Envelope,
  trace: TraceHeaders,
  isThere: (name: string) => boolean,
): Readonly<Record<string, string>> {
  const isTraced = trace.traceparent !== undefined && !isThere('traceparent');
  const wanted = {
    specversion: '1.0',
    id: envelope.messageId,
    type: envelope.eventType,
    correlationid: envelope.correlationId,
    causationid: envelope.causationId,
    traceparent: isTraced ? trace.traceparent : null,
    tracestate: isTraced ? trace.tracestate : null,
  };
  const missing: Record<string, string> = {};
  for (const [name, value] of Object.entries(wanted)) if (value != null && !isThere(name)) missing[name] = value;
  return missing;
}

/** Ours where it is there; else the event's own identity, if it is a CloudEvent at all. */
function readAttributes(
  attribute: (name: string) => unknown,
  traceHeaders: TraceHeaders,
  mirrored: string | undefined,
): Envelope | Gap {
  if (foreignText(attribute('specversion')) === undefined) return gapOf('absent', traceHeaders, mirrored);
  const correlationId = foreignText(attribute('correlationid')) ?? mirrored;
  const waybill = attribute('waybill');
  if (waybill == null) {
    return readForeign(attribute, correlationId, traceHeaders) ?? gapOf('absent', traceHeaders, correlationId);
  }
  const text = waybill instanceof Uint8Array ? Buffer.from(waybill).toString() : waybill;
  const read = typeof text === 'string' ? readWaybill(text, traceHeaders) : 'unreadable';
  return typeof read === 'object' ? read : gapOf(read, traceHeaders, correlationId);
}

function readForeign(
  attribute: (name: string) => unknown,
  correlationId: string | undefined,
  traceHeaders: TraceHeaders,
): Envelope | null {
  const source = foreignText(attribute('source'));
  const id = foreignText(attribute('id'));
  if (source === undefined || id === undefined) return null;
  // Only both together name an event. No URI holds a bar, so the first one divides them.
  const messageId = `${source.replaceAll('|', '%7C')}|${id}`;
  return foreignEnvelope(
    {
      messageId,
      correlationId: correlationId ?? messageId,
      // The id alone of the event before, as the extension has it: exact where that one was ours.
      causationId: foreignText(attribute('causationid')),
      eventType: foreignText(attribute('type')),
      // `time` is when something happened, which may be long before it was sent.
      foreign: { issuer: source, correlation_id: correlationId ?? id, message_id: id },
    },
    traceHeaders,
  );
}

/** What else is known stays known: the trace, and the workflow, which stands beside the waybill. */
function gapOf(reason: 'absent' | Unusable, traceHeaders: TraceHeaders, correlationId: string | undefined): Gap {
  if (traceHeaders.traceparent === undefined && correlationId === undefined) return reason;
  return {
    traceHeaders,
    ...(reason !== 'absent' && { unusable: reason }),
    ...(correlationId !== undefined && { correlationId: carriableId(correlationId) }),
  };
}

function traceHeadersOf(traceparent: unknown, tracestate: unknown, baggage: unknown): TraceHeaders {
  return readTraceHeaders(foreignText(traceparent), foreignText(tracestate), foreignText(baggage));
}

/** Encoding makes it longer: packed again with that much less room it fits, for what is left out is encoded no more. */
function packEncoded(envelope: Envelope, encode: (text: string) => string, lengthMax: number): string {
  const room = Math.min(lengthMax, WAYBILL_LENGTH_MAX);
  const packed = packWaybill(envelope, room);
  const encoded = encode(packed);
  if (encoded.length <= room) return encoded;
  return encode(packWaybill(envelope, room - (encoded.length - packed.length)));
}

/** All but printable ASCII, and of that the space, the quote and the percent sign. Quotes are many, the rest is rare. */
function percentEncoded(text: string): string {
  const ascii = text.replaceAll('%', '%25').replaceAll('"', '%22');
  return ascii.replace(/[^\x21-\x7e]+/g, (part) => encodeURIComponent(part.toWellFormed()));
}

/** Older writers quote instead. What is no UTF-8 when it is decoded is none, as the binding says. */
function decoded(value: unknown): unknown {
  const text = value instanceof Uint8Array ? Buffer.from(value).toString() : value;
  // What is too long is handed on as it came: whoever reads it says so.
  if (typeof text !== 'string' || text.length > WAYBILL_LENGTH_MAX) return value;
  const bare = /^".*"$/s.test(text) ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : text;
  try {
    return decodeURIComponent(bare);
  } catch {
    return NOT_TEXT;
  }
}

const NOT_TEXT = Symbol('not text');
