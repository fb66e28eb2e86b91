import type { Envelope } from '../src/core/envelope.ts';
import type { Fact } from '../src/core/facts.ts';
import { createWaybill, type Waybill, type WaybillOptions } from '../src/core/waybill.ts';
import { memoryRecorder } from '../src/recorders/memory.ts';

/** The instant at which everything happens, unless a test moves the clock. */
export const NOW = 1_760_000_000_000;
export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
export const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

export interface KnownWaybill {
  readonly waybill: Waybill;
  readonly facts: readonly Fact[];
  /** The facts of one kind, without what every fact says alike and without what is absent. */
  of<Kind extends Fact['kind']>(kind: Kind): Extract<Fact, { kind: Kind }>[];
}

/** An instance whose ids (`msg_1`, `exe_2`, …), clock and facts a test knows. */
export function knownWaybill(options: Partial<WaybillOptions> = {}): KnownWaybill {
  const recorder = memoryRecorder();
  const minted = new Map<string, number>();
  const mintId = (prefix: string) => {
    const count = (minted.get(prefix) ?? 0) + 1;
    minted.set(prefix, count);
    return `${prefix}_${count}`;
  };
  const waybill = createWaybill({
    service: 'checkout',
    instance: 'checkout-1',
    recorder,
    clock: () => NOW,
    mintId,
    ...options,
  });
  return {
    waybill,
    facts: recorder.facts,
    // Sound: a fact's kind says which fact it is.
    of: <Kind extends Fact['kind']>(kind: Kind) =>
      recorder.facts.filter((fact) => fact.kind === kind).map(present) as Extract<Fact, { kind: Kind }>[],
  };
}

/** A fact without the fields that are absent: they are written out as undefined, so that all facts have one shape. */
export function present<T extends object>(fact: T): T {
  return JSON.parse(JSON.stringify(fact));
}

/** An envelope as a checkout would send it. */
export function anEnvelope(fields: Partial<Envelope> = {}): Envelope {
  return {
    messageId: 'msg_9',
    correlationId: 'req_7',
    causationId: 'msg_8',
    traceId: TRACE_ID,
    originTraceId: undefined,
    traceHeaders: {},
    tenantId: 'tenant_42',
    operation: 'checkout',
    eventType: 'order.created',
    businessKey: 'order:ORD-48213',
    byExecutionId: 'exe_6',
    traceMode: 'P',
    traceReason: 'command',
    hop: 3,
    sentAt: NOW - 1000,
    bindingsJson: '{"plan":"gold"}',
    hiddenJson: null,
    relations: undefined,
    overflow: undefined,
    inheritJson: undefined,
    unknownJson: undefined,
    ...fields,
  };
}
