/** The standard headers, verbatim: forwarded byte for byte where no tracer writes new ones. */
export interface TraceHeaders {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
  readonly baggage?: string | undefined;
}

/** A span as `traceparent` names it. */
export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: string;
}

export const NO_TRACE_HEADERS: TraceHeaders = Object.freeze({});

// One budget over all three, checked before anything is split: caps for each header were the hole in
// CVE-2026-29181, and splitting before checking the hole in its fix.
export const HEADERS_LENGTH_MAX = 8192;

// No comma in what a later version adds: Node, like most that take HTTP apart, joins two headers of one name with it.
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[\x20-\x2b\x2d-\x7e]*)?$/;
const ZERO_TRACE = '0'.repeat(32);
const ZERO_SPAN = '0'.repeat(16);

// A header is looked at when it is read and when its delivery is opened; and the next is most often of the same trace.
let parsedText = '';
let parsed: SpanContext | null = null;

/** W3C Trace Context level 2, section 3.2: null for whatever it calls invalid. A higher version may add fields. */
export function parseTraceparent(text: string): SpanContext | null {
  if (text !== parsedText) {
    parsed = spanContextOf(text);
    parsedText = text;
  }
  return parsed;
}

function spanContextOf(text: string): SpanContext | null {
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(text) ?? [];
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined) return null;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return null;
  if (traceId === ZERO_TRACE || spanId === ZERO_SPAN) return null;
  return { traceId, spanId, flags };
}

/** Sampled, and random of level 2: no other flag has a meaning yet, and goes on as zero. */
const KNOWN_FLAGS = 0b11;

/** A span as the header names it, always of version 00. */
export function traceparentOf(traceId: string, spanId: string, flags: number): string {
  return `00-${traceId}-${spanId}-0${flags & KNOWN_FLAGS}`;
}

const TRACE_ID = /^[0-9a-f]{32}$/;

export function isTraceId(text: unknown): text is string {
  return typeof text === 'string' && TRACE_ID.test(text) && text !== ZERO_TRACE;
}

// Section 3.3.1.3 as of level 2: an at-sign is an ordinary key character.
const MEMBER = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MEMBERS_MAX = 32;

/**
 * Section 3.3.1: one bad member voids the list. Empty members are legal, and a key that comes twice is for its
 * owner to mend: to take the list away would cost every other tool its own.
 */
function isTracestate(text: string): boolean {
  let count = 0;
  for (const member of text.split(',')) {
    const trimmed = withoutSpaces(member);
    if (trimmed !== '' && (!MEMBER.test(trimmed) || ++count > MEMBERS_MAX)) return false;
  }
  return true;
}

/** Spaces and tabs only, as the specification has it; a regular expression would be quadratic in those inside. */
function withoutSpaces(member: string): string {
  let from = 0;
  let to = member.length;
  while (from < to && isSpace(member, from)) from++;
  while (to > from && isSpace(member, to - 1)) to--;
  return member.slice(from, to);
}

function isSpace(text: string, at: number): boolean {
  return text[at] === ' ' || text[at] === '\t';
}

const PRINTABLE = /^[\t\x20-\x7e]*$/;

/** What a carrier may hold under one name: some clients give a list where a header came twice. */
export type CarrierValue = string | readonly string[] | undefined | null;

/**
 * The standard headers as they may be passed on. A bad `traceparent` takes `tracestate` with it (section 3.3);
 * two `traceparent` are none; two `tracestate` are one list.
 */
export function readTraceHeaders(
  traceparent: CarrierValue,
  tracestate: CarrierValue,
  baggage: CarrierValue,
): TraceHeaders {
  if (traceparent == null && baggage == null) return NO_TRACE_HEADERS;
  if (isOverBudget(traceparent, tracestate, baggage)) return NO_TRACE_HEADERS;
  const parent = single(traceparent);
  const state = joined(tracestate);
  const items = joined(baggage);
  const isTraced = parent !== undefined && parseTraceparent(parent) !== null;
  return {
    traceparent: isTraced ? parent : undefined,
    tracestate: isTraced && state !== undefined && state !== '' && isTracestate(state) ? state : undefined,
    baggage: items !== undefined && items !== '' && PRINTABLE.test(items) ? items : undefined,
  };
}

/** Whether the three are too long together to be looked into. */
export function isOverBudget(traceparent: CarrierValue, tracestate: CarrierValue, baggage: CarrierValue): boolean {
  return carriedLength(traceparent) + carriedLength(tracestate) + carriedLength(baggage) > HEADERS_LENGTH_MAX;
}

function single(value: CarrierValue): string | undefined {
  if (typeof value === 'string') return value;
  return Array.isArray(value) && value.length === 1 && typeof value[0] === 'string' ? value[0] : undefined;
}

/** Summed before anything is joined: a copy of what is too long would be the cost that the budget is there to avoid. */
export function carriedLength(value: CarrierValue): number {
  if (typeof value === 'string') return value.length;
  if (!Array.isArray(value) || value.length > HEADERS_LENGTH_MAX) return value?.length ?? 0;
  return value.reduce((sum: number, part: unknown) => sum + 1 + (typeof part === 'string' ? part.length : 0), -1);
}

function joined(value: CarrierValue): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  return value.every((part) => typeof part === 'string') ? value.join(',') : undefined;
}
