import { quote, textOf } from './bindings.ts';
import type { Envelope, Unusable } from './envelope.ts';
import { wholeOrNone } from './identity-text.ts';
import { carriableId, IDENTITY_LENGTH_MAX } from './ids.ts';
import { countOf, RELATION_KEYS, relationsOf } from './read-relations.ts';
import { isTraceId, type TraceHeaders } from './w3c.ts';

/** More than this is not looked into: the limit is checked before anything is parsed. */
export const WAYBILL_LENGTH_MAX = 8192;

/**
 * Reads a waybill. A higher `v` may add keys and never changes what these mean, so it is not looked at; only
 * text that is no JSON object, or has no identity, is unreadable.
 */
export function readWaybill(text: string, traceHeaders: TraceHeaders): Envelope | Unusable {
  if (text.length > WAYBILL_LENGTH_MAX) return 'oversized';
  return readOwn(text, traceHeaders) ?? readAny(text, traceHeaders);
}

// Printable ASCII but the quote and the backslash: text that stands in JSON as it is. Lengths are checked after:
// a counted loop makes the expression three times as slow.
const PLAIN = '[ !#-\\[\\]-~]';
const TEXT = `"(${PLAIN}+)"`;
const TRACE = '"([0-9a-f]+)"';
const STRING = `"${PLAIN}*(?:\\\\(?:["\\\\/bfnrt]|u[0-9a-f]{4})${PLAIN}*)*"`;
const NUMBER = '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?';
const FLAT = `\\{(?:${STRING}:(?:${STRING}|${NUMBER}|true|false|null)(?:,(?=")|(?=\\})))*\\}`;
/**
 * What `packWaybill` writes for an ordinary message. One pass checks every separator and every character, and
 * leaves the bindings as text: a third of the time that JSON.parse takes. What it accepts, JSON.parse accepts with
 * equal fields; all else goes there.
 */
const OWN = new RegExp(
  `^\\{"v":1,"message_id":${TEXT},"correlation_id":${TEXT},"causation_id":(?:null|${TEXT}),"trace_id":(?:null|${TRACE}),` +
    `"tenant_id":(?:null|${TEXT}),"operation":(?:null|${TEXT}),"event_type":(?:null|${TEXT}),"trace_mode":"([PL])",` +
    `"hop":(0|[1-9][0-9]*),"sent_at":(0|[1-9][0-9]*)(?:,"business_key":${TEXT})?(?:,"by_execution_id":${TEXT})?` +
    `(?:,"origin_trace_id":${TRACE})?(?:,"trace_reason":${TEXT})?(?:,"bindings":(${FLAT}))?\\}$`,
);
const fits = (text: string | undefined): boolean => text === undefined || text.length <= IDENTITY_LENGTH_MAX;
const ZERO_TRACE = '0'.repeat(32);
const isTrace = (hex: string | undefined): boolean => hex === undefined || (hex.length === 32 && hex !== ZERO_TRACE);

/** What is longer than it may be goes the slow way, where it is hashed or dropped. */
function readOwn(text: string, traceHeaders: TraceHeaders): Envelope | null {
  const own = OWN.exec(text);
  if (own === null) return null;
  const [, messageId, correlationId, causationId, traceId, tenantId, operation, eventType, mode, hop, sentAt] = own;
  const businessKey = own[11];
  const byExecutionId = own[12];
  const originTraceId = own[13];
  const traceReason = own[14];
  // The groups before the first question mark are in every match; the compiler cannot know it.
  if (messageId === undefined || correlationId === undefined || hop === undefined || sentAt === undefined) return null;
  const isBounded =
    fits(messageId) &&
    fits(correlationId) &&
    fits(causationId) &&
    fits(tenantId) &&
    fits(operation) &&
    fits(eventType) &&
    fits(businessKey) &&
    fits(byExecutionId) &&
    fits(traceReason) &&
    hop.length < 10 &&
    sentAt.length < 16;
  if (!isBounded || !isTrace(traceId) || !isTrace(originTraceId)) return null;
  return {
    messageId,
    correlationId,
    causationId: causationId ?? null,
    traceId: traceId ?? null,
    originTraceId,
    traceHeaders,
    tenantId: tenantId ?? null,
    operation: operation ?? null,
    eventType: eventType ?? null,
    businessKey: businessKey ?? null,
    byExecutionId: byExecutionId ?? null,
    traceMode: mode === 'P' ? 'P' : 'L',
    traceReason: traceReason ?? null,
    hop: Number(hop),
    sentAt: Number(sentAt),
    bindingsJson: own[15] ?? null,
    hiddenJson: null,
    relations: undefined,
    overflow: undefined,
    inheritJson: undefined,
    unknownJson: undefined,
  };
}

/** The keys that have a field of their own; all others are kept for whoever forwards the message. */
const KNOWN = new Set([
  ...`v message_id correlation_id causation_id trace_id tenant_id operation event_type trace_mode hop sent_at
    business_key by_execution_id origin_trace_id trace_reason overflow inherit hidden bindings`.split(/\s+/),
  ...RELATION_KEYS,
]);

function readAny(text: string, traceHeaders: TraceHeaders): Envelope | 'unreadable' {
  let wire: Record<string, unknown>;
  try {
    wire = JSON.parse(text);
  } catch {
    return 'unreadable';
  }
  return envelopeOf(wire, traceHeaders) ?? 'unreadable';
}

/** An envelope from an object with the wire's keys, whoever wrote it; null where it has no identity. */
export function envelopeOf(wire: unknown, traceHeaders: TraceHeaders): Envelope | null {
  if (typeof wire !== 'object' || wire === null || Array.isArray(wire)) return null;
  // Sound: an object that is no array; every field is tested before it is believed.
  const fields = wire as Readonly<Record<string, unknown>>;
  const relations = relationsOf(fields);
  // A schedule's template has no message yet: its ticks are named when they are due.
  const nameless = relations?.scheduleId === undefined ? null : '';
  const messageId = idOf(fields['message_id']) ?? nameless;
  const correlationId = idOf(fields['correlation_id']) ?? nameless;
  if (messageId === null || correlationId === null) return null;
  const mode = fields['trace_mode'];
  return {
    messageId,
    correlationId,
    causationId: idOf(fields['causation_id']),
    traceId: traceIdOf(fields['trace_id']),
    originTraceId: traceIdOf(fields['origin_trace_id']) ?? undefined,
    traceHeaders,
    tenantId: wholeTextOf(fields['tenant_id']),
    operation: wholeTextOf(fields['operation']),
    eventType: wholeTextOf(fields['event_type']),
    businessKey: wholeTextOf(fields['business_key']),
    byExecutionId: idOf(fields['by_execution_id']),
    traceMode: mode === 'P' || mode === 'L' ? mode : null,
    traceReason: wholeTextOf(fields['trace_reason']),
    hop: countOf(fields['hop']) ?? 0,
    sentAt: countOf(fields['sent_at']) ?? null,
    bindingsJson: objectTextOf(fields['bindings']) ?? null,
    hiddenJson: objectTextOf(fields['hidden']) ?? null,
    relations,
    overflow: countOf(fields['overflow']),
    inheritJson: objectTextOf(fields['inherit']),
    unknownJson: unknownTextOf(fields),
  };
}

const idOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? carriableId(value) : null);
const traceIdOf = (value: unknown): string | null => (isTraceId(value) ? value : null);
const wholeTextOf = (value: unknown): string | null => (typeof value === 'string' ? wholeOrNone(value) : null);

function objectTextOf(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? writtenAgain(value) : undefined;
}

/** Undefined where it is nested too deeply for the stack that is left: writing recurses, reading does not. */
function writtenAgain(value: unknown): string | undefined {
  try {
    return textOf(value);
  } catch {
    return undefined;
  }
}

function unknownTextOf(fields: Readonly<Record<string, unknown>>): string | undefined {
  let members = '';
  for (const [name, value] of Object.entries(fields)) {
    if (KNOWN.has(name)) continue;
    const text = writtenAgain(value);
    if (text !== undefined) members += `${members === '' ? '' : ','}${quote(name)}:${text}`;
  }
  return members === '' ? undefined : members;
}
