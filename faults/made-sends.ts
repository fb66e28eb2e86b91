import { randomBytes } from 'node:crypto';
import type { SentFact } from 'waybill';

/** A request of facts of which each is its own message, so that each can be asked for. */
export interface MadeSend {
  readonly ids: readonly string[];
  readonly facts: readonly SentFact[];
}

let made = 0;

/** `padding` characters of bindings make each as large as that, also where it is packed. */
export function nextSend(name: string, count: number, padding: number): MadeSend {
  const send = made++;
  const ids = Array.from({ length: count }, (_, index) => `${name}.${send}.${index}`);
  const facts = ids.map(
    (id): SentFact => ({
      fact_id: `fct of ${id}`,
      kind: 'sent',
      at: Date.now(),
      service: 'faults',
      instance: 'faults-1',
      seq: 1,
      message_id: id,
      correlation_id: id,
      causation_id: null,
      trace_id: '6146776277720eb83dedaedf129dbcc7',
      tenant_id: 'acme',
      operation: null,
      event_type: 'order.created',
      business_key: name,
      system: 'kafka',
      destination: 'orders',
      status: 'taken',
      bindings: JSON.stringify({ note: noise(padding) }),
    }),
  );
  return { ids, facts };
}

function noise(length: number): string {
  return randomBytes(Math.ceil(length / 2))
    .toString('hex')
    .slice(0, length);
}
