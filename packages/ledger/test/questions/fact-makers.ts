import type {
  DiscardedFact,
  FactError,
  GapFact,
  MessageFact,
  ReplayedFact,
  SentFact,
  SettledFact,
  StartedFact,
} from 'waybill';

const common = {
  service: 'orders',
  instance: 'orders-1',
  seq: 1,
  correlation_id: 'msg_root',
  causation_id: null,
  trace_id: '0'.repeat(32),
  tenant_id: 'acme',
  operation: 'checkout',
  event_type: 'order.created',
  system: 'pg_boss',
  destination: 'orders',
};

let made = 0;
const factId = () => `fct_${++made}`;

/** Facts of one message, at milliseconds that a test can count with; what matters to a case is given, the rest is usual. */
export function sent(message_id: string, at: number, more: Partial<SentFact> = {}): SentFact {
  return { ...common, fact_id: factId(), kind: 'sent', at, message_id, status: 'taken', ...more };
}

export function started(message_id: string, attempt: number, at: number, more: Partial<StartedFact> = {}): StartedFact {
  const trace_mode = { mode: 'L', reason: 'event' } as const;
  const own = {
    execution_id: `exe_${message_id}_${attempt}`,
    attempt,
    received_at: at,
    trace_mode,
    subscription: 'worker',
  };
  return { ...common, fact_id: factId(), kind: 'started', at, message_id, ...own, ...more };
}

export function settled(
  message_id: string,
  attempt: number,
  at: number,
  outcome: SettledFact['outcome'],
  more: Partial<SettledFact> = {},
): SettledFact {
  const own = { execution_id: `exe_${message_id}_${attempt}`, attempt, outcome, subscription: 'worker' };
  return { ...common, fact_id: factId(), kind: 'settled', at, message_id, ...own, ...more };
}

export function gap(message_id: string, at: number, more: Partial<GapFact> = {}): GapFact {
  const seen = { reason: 'no_context', missing: ['waybill'], edge: { from: null, to: 'orders' } } as const;
  return { ...common, fact_id: factId(), kind: 'gap', at, message_id, gap: seen, ...more };
}

export function discarded(message_id: string, at: number, more: Partial<DiscardedFact> = {}): DiscardedFact {
  return { ...common, fact_id: factId(), kind: 'discarded', at, message_id, how: 'cancelled', ...more };
}

export function replayed(message_id: string, at: number, more: Partial<ReplayedFact> = {}): ReplayedFact {
  const own = { actor: 'mira', reason: 'fixed', plan_id: 'plan_1' };
  return { ...common, fact_id: factId(), kind: 'replayed', at, message_id, ...own, ...more };
}

export const timeout: FactError = { type: 'ProviderTimeout', message: 'answered 504', fingerprint: 'f_504' };

/** What a transport that counts attempts and deliveries says of an arrival. */
export function counted(deliveryCount: number): Partial<StartedFact> {
  return { delivery_count: deliveryCount, redelivered: deliveryCount > 1 };
}

/** Numbers each instance's facts from 1, in the order in which they were recorded. */
export function numbered<Own extends MessageFact>(facts: readonly Own[]): Own[] {
  const counts = new Map<string, number>();
  return facts.map((fact) => {
    const seq = (counts.get(fact.instance) ?? 0) + 1;
    counts.set(fact.instance, seq);
    return { ...fact, seq };
  });
}

/** A message that was sent, started and settled as ok, half a second each. */
export function handled(message_id: string, at: number, more: Partial<SentFact> = {}): MessageFact[] {
  // Sound: `more` of these tests names fields that every fact has.
  const shared = more as Partial<StartedFact> & Partial<SettledFact>;
  return [
    sent(message_id, at, more),
    started(message_id, 1, at + 500, shared),
    settled(message_id, 1, at + 1_000, 'ok', shared),
  ];
}
