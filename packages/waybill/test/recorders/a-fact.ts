import type { SentFact } from '../../src/core/facts.ts';
import { NOW, TRACE_ID } from '../known-waybill.ts';

/** A fact with a number of its own. */
export function aFact(number: number, fields: Partial<SentFact> = {}): SentFact {
  return {
    kind: 'sent',
    status: 'taken',
    fact_id: `fct_${number}`,
    at: NOW + number,
    service: 'checkout',
    instance: 'checkout-1',
    seq: number,
    message_id: `msg_${number}`,
    correlation_id: 'req_7',
    causation_id: null,
    trace_id: TRACE_ID,
    tenant_id: null,
    operation: null,
    event_type: null,
    system: 'nats',
    destination: 'orders',
    ...fields,
  };
}
