import type { Envelope, Gap } from '../../core/envelope.ts';
import type { GapReason } from '../../core/facts.ts';
import { type Carrier, readHeaders, writeHeaders } from '../../layouts/headers.ts';
import { PAYLOAD_FIELD, readPayloadField, writePayloadField } from '../../layouts/payload-field.ts';
import { readRecord, writeRecord } from '../../layouts/record.ts';
import type { SeededIds } from './seeded-ids.ts';
import type { Transport } from './transports.ts';

/** A message as it lies in a broker: text, and nothing that a sender and a receiver could share. */
export interface Wire {
  readonly layout: Transport['layout'];
  readonly text: string;
}

export function writeWire(envelope: Envelope, layout: Transport['layout']): Wire {
  switch (layout) {
    case 'headers':
      return { layout, text: JSON.stringify(writeHeaders(envelope, {})) };
    case 'payload field':
      return { layout, text: JSON.stringify(writePayloadField(envelope, { lines: 3 })) };
    case 'record':
      return { layout, text: JSON.stringify(writeRecord(envelope, null)) };
  }
}

export function readWire({ layout, text }: Wire): Envelope | Gap {
  const carrier: unknown = JSON.parse(text);
  switch (layout) {
    case 'headers':
      return readHeaders(carrier as Carrier); // sound: writeWire and stripWire write a map of strings
    case 'payload field':
      return readPayloadField(carrier).envelope;
    case 'record':
      return readRecord(carrier).envelope;
  }
}

/** As a tracer of somebody else's writes it. */
export function traceparentOf(ids: SeededIds): string {
  return `00-${ids.mintTraceId()}-${ids.mintSpanId()}-01`;
}

/** What may be left of the context behind a hop that does not carry it, and what the receiver then says of it. */
export type Remains = Extract<GapReason, 'no_context' | 'w3c_only' | 'partial' | 'unreadable'>;

export function stripWire({ layout, text }: Wire, remains: Remains, ids: SeededIds): Wire {
  const whole = JSON.parse(text) as Record<string, unknown>; // sound: every layout writes an object
  if (layout !== 'payload field') return { layout, text: JSON.stringify(remainsOf(whole as Carrier, remains, ids)) };
  const carrier = remainsOf(whole[PAYLOAD_FIELD] as Carrier, remains, ids); // sound: written there as a map of strings
  return { layout, text: JSON.stringify({ ...whole, [PAYLOAD_FIELD]: carrier }) };
}

function remainsOf(carrier: Carrier, remains: Remains, ids: SeededIds): Carrier {
  switch (remains) {
    case 'no_context':
      return {};
    case 'w3c_only':
      return { traceparent: carrier['traceparent'] ?? traceparentOf(ids) };
    case 'partial':
      return { baggage: carrier['baggage'] ?? '' };
    case 'unreadable':
      return { waybill: (carrier['waybill'] ?? '').slice(0, 120) };
  }
}
