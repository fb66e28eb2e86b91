import type { GapFact, SentFact, SettledFact, StartedFact } from 'waybill';

let count = 0;

const COMMON = {
  at: 1_000,
  service: 'shop',
  instance: 'shop-1',
  seq: 1,
  message_id: 'm',
  correlation_id: 'm',
  causation_id: null,
  trace_id: '6146776277720eb83dedaedf129dbcc7',
  tenant_id: 'acme',
  operation: null,
  event_type: 'order.created',
  system: 'kafka',
  destination: 'orders',
};

/** A fact with only what it must have, and what a test says of it. Each has an id of its own. */
export function sent(fields: Partial<SentFact> = {}): SentFact {
  return { ...COMMON, fact_id: nextFactId(), kind: 'sent', status: 'taken', ...fields };
}

export function started(fields: Partial<StartedFact> = {}): StartedFact {
  const trace_mode = { mode: 'P', reason: 'command' } as const;
  const own = { kind: 'started', execution_id: 'e', attempt: 1, received_at: 1_000, trace_mode } as const;
  return { ...COMMON, ...own, fact_id: nextFactId(), ...fields };
}

export function settled(fields: Partial<SettledFact> = {}): SettledFact {
  return { ...COMMON, fact_id: nextFactId(), kind: 'settled', execution_id: 'e', attempt: 1, outcome: 'ok', ...fields };
}

/** It came without context. */
export function gap(fields: Partial<GapFact> = {}): GapFact {
  const { tenant_id: _, ...common } = COMMON;
  const lost = { reason: 'no_context', missing: ['waybill'], edge: { from: null, to: 'orders' } } as const;
  return { ...common, tenant_id: null, fact_id: nextFactId(), kind: 'gap', gap: lost, ...fields };
}

function nextFactId(): string {
  count++;
  return `fct_${String(count).padStart(26, '0')}`;
}
