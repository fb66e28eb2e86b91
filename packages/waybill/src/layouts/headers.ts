import { mirrorCorrelation, readCorrelation } from '../core/baggage.ts';
import type { Envelope, Gap } from '../core/envelope.ts';
import { packWaybill, WAYBILL_LENGTH } from '../core/pack-waybill.ts';
import { readWaybill } from '../core/read-waybill.ts';
import { type CarrierValue, isOverBudget, NO_TRACE_HEADERS, readTraceHeaders } from '../core/w3c.ts';

/** The names under which context travels, in every carrier that is a map of strings. */
const WAYBILL_HEADER = 'waybill';
export const CARRIER_NAMES = [WAYBILL_HEADER, 'traceparent', 'tracestate', 'baggage'] as const;

/** A map of strings beside a message, as most transports have one. */
export type Carrier = Record<string, string>;
/** What a client hands back: names may be missing, or come twice. */
export type ReceivedCarrier = Readonly<Record<string, CarrierValue>>;

/**
 * Writes the context into a carrier that is ours: a copy of the caller's, who may have frozen it or share it
 * between sends. Standard headers that are there already were written by a tracer, and stay.
 */
export function writeHeaders(envelope: Envelope, carrier: Carrier, lengthMax: number = WAYBILL_LENGTH): Carrier {
  if (envelope.isExternal) return carrier;
  const { traceparent, tracestate, baggage } = envelope.traceHeaders;
  if (traceparent !== undefined && carrier['traceparent'] === undefined) {
    carrier['traceparent'] = traceparent;
    if (tracestate !== undefined) carrier['tracestate'] = tracestate;
  }
  const carried = carrier['baggage'] ?? baggage;
  // A schedule's template is of no workflow: each of its ticks is of its own.
  const isNamed = envelope.correlationId !== '';
  const named = isNamed ? mirrorCorrelation(carried, envelope.correlationId, lengthOfTrace(carrier)) : carried;
  if (named !== undefined) carrier['baggage'] = named;
  if (envelope.foreignHeaders !== undefined) addForeign(carrier, envelope.foreignHeaders);
  carrier[WAYBILL_HEADER] = packWaybill(envelope, lengthMax);
  return carrier;
}

function lengthOfTrace(carrier: Carrier): number {
  return (carrier['traceparent']?.length ?? 0) + (carrier['tracestate']?.length ?? 0);
}

/** What the app has written in another system's words is the app's. */
function addForeign(carrier: Carrier, headers: Carrier): void {
  for (const [name, value] of Object.entries(headers)) carrier[name] ??= value;
}

/** Reads the context out of a carrier with lower-case names. */
export function readHeaders(carrier: ReceivedCarrier | null | undefined): Envelope | Gap {
  if (carrier == null) return 'absent';
  // Our own member counts too, though it is taken out: what is too long is none before anything is split.
  const isTooLong = isOverBudget(carrier['traceparent'], carrier['tracestate'], carrier['baggage']);
  const { correlationId, baggage } = readCorrelation(isTooLong ? undefined : carrier['baggage']);
  const traceHeaders = isTooLong
    ? NO_TRACE_HEADERS
    : readTraceHeaders(carrier['traceparent'], carrier['tracestate'], baggage);
  const waybill = carrier[WAYBILL_HEADER];
  // Twice, or of a type that no sender of ours writes, it is no more readable than broken text.
  const read =
    typeof waybill === 'string' ? readWaybill(waybill, traceHeaders) : waybill == null ? 'absent' : 'unreadable';
  if (typeof read === 'object') return read;
  if (traceHeaders.traceparent === undefined && correlationId === undefined) return read;
  const unusable = read === 'absent' ? undefined : read;
  return { traceHeaders, ...(unusable && { unusable }), ...(correlationId !== undefined && { correlationId }) };
}
