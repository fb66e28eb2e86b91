import { bindingsJsonOf, bindingsOf } from './bindings.ts';
import type { BatchExecution, Delivery, Settlement } from './delivery.ts';
import type { Envelope } from './envelope.ts';
import { freshRun, freshScope, OpenExecution } from './execution.ts';
import type { Kernel } from './kernel.ts';
import { openOne } from './open.ts';
import { recordGap } from './record-gap.ts';
import { RULES } from './rules.ts';
import type { Run } from './scope.ts';
import { type ExecutionTrace, traceHeadersOf, traceOfRun } from './trace.ts';

/** Several deliveries that one call of the handler takes: one execution, whose scope has only what all share. */
export function openBatch(kernel: Kernel, deliveries: readonly Delivery[]): BatchExecution {
  const at = kernel.now();
  const id = kernel.mint('bat', at);
  const executionId = kernel.mint('exe', at);
  const run = freshRun(kernel);
  const [first] = deliveries;
  const inbound = deliveries.map(({ envelope }) => traceHeadersOf(envelope));
  const together = { place: first, edge: undefined, envelope: undefined, executionId, inbound };
  const trace = traceOfRun(kernel, together, RULES.batch);
  const settled = lastOf(deliveries.length, (worst) => {
    trace.span?.settled(worst);
    meters[0]?.ran(worst, (run.endedAt ?? kernel.now()) - at);
  });
  const opened = deliveries.map((delivery, index) =>
    openOne(kernel, delivery, {
      executionId,
      trace,
      run: itemRun(run),
      grouping: { id, index, count: deliveries.length },
      settled,
    }),
  );
  const meters = opened.flatMap(({ meter }) => meter ?? []);
  const scope = batchScope(
    opened.map(({ envelope }) => envelope),
    id,
    executionId,
    trace,
    run,
  );
  if (scope.isTenantMixed && first !== undefined) {
    const envelope = { ...opened[0]?.envelope, ...scope.identity } as Envelope; // sound: identity has every id that a gap names
    recordGap(kernel, envelope, first, at, 'mixed_tenants', ['tenant_id'], null);
  }
  const items = opened.map(({ execution }) => execution);
  const settleAll = (settlement: Settlement) => {
    const isOneByOne = items.some((item) => item.isReached);
    for (const item of items) item.settle(isOneByOne && !item.isReached ? handedBack(settlement) : settlement);
  };
  const ended = () => {
    for (const meter of meters) meter.ended();
  };
  return { batch: new OpenExecution(scope.scope, kernel.now, trace.span, settleAll, { ended }), items };
}

/** Counts the items of a batch down, and tells how the worst of them ended. */
function lastOf(count: number, over: (worst: Settlement) => void): (settlement: Settlement) => void {
  let left = count;
  let worst: Settlement | undefined;
  return (settlement) => {
    if (worst === undefined || (!FAILURES.has(worst.outcome) && FAILURES.has(settlement.outcome))) worst = settlement;
    if (--left === 0) over(worst);
  };
}

/** What a handler that goes from item to item had not come to did not fail with the one that did. */
function handedBack({ outcome, by }: Settlement): Settlement {
  return { outcome: FAILURES.has(outcome) ? 'released' : outcome, by };
}

const FAILURES: ReadonlySet<Settlement['outcome']> = new Set(['retry', 'dead', 'failed']);

/** An item may end before its batch does; with the batch all of them have ended. They send as one execution. */
function itemRun(batch: Run): Run {
  let endedAt: number | undefined;
  return {
    get endedAt() {
      return endedAt ?? batch.endedAt;
    },
    set endedAt(at) {
      endedAt = at;
    },
    get sends() {
      return batch.sends;
    },
    set sends(count) {
      batch.sends = count;
    },
    minter: batch.minter,
  };
}

function batchScope(envelopes: readonly Envelope[], id: string, executionId: string, trace: ExecutionTrace, run: Run) {
  const shared = <T>(fieldOf: (envelope: Envelope) => T): T | undefined => {
    const [first] = envelopes;
    if (first === undefined) return undefined;
    const value = fieldOf(first);
    return envelopes.every((envelope) => fieldOf(envelope) === value) ? value : undefined;
  };
  const correlationId = shared((envelope) => envelope.correlationId);
  const tenantId = shared((envelope) => envelope.tenantId);
  const identity = {
    messageId: id,
    correlationId: correlationId ?? id,
    causationId: null,
    traceId: trace.traceId,
    tenantId: tenantId ?? null,
    operation: shared((envelope) => envelope.operation) ?? null,
    eventType: shared((envelope) => envelope.eventType) ?? null,
    businessKey: shared((envelope) => envelope.businessKey) ?? null,
    hop: Math.max(0, ...envelopes.map((envelope) => envelope.hop)),
  };
  const correlations =
    correlationId === undefined ? [...new Set(envelopes.map((envelope) => envelope.correlationId))] : undefined;
  // What tenants have in common is still somebody's: a line of the batch as a whole names nobody's fields.
  const isTenantMixed = tenantId === undefined;
  const scope = freshScope({
    context: { ...identity, executionId, attempt: null, spanId: trace.spanId },
    causeId: id,
    traceHeaders: trace.headers,
    correlations,
    inheritJson: shared((envelope) => envelope.inheritJson),
    bindingsJson: isTenantMixed ? null : equalBindings(envelopes.map((envelope) => envelope.bindingsJson)),
    hiddenJson: isTenantMixed ? null : equalBindings(envelopes.map((envelope) => envelope.hiddenJson)),
    run,
  });
  return { scope, identity, isTenantMixed };
}

/** Only the bindings that all have, and with the same value; every other would be somebody else's. */
function equalBindings(texts: readonly (string | null)[]): string | null {
  const [first, ...rest] = texts;
  if (first == null || rest.every((text) => text === first)) return first ?? null;
  const others = rest.map(bindingsOf);
  const equal = Object.entries(bindingsOf(first)).filter(([name, value]) =>
    others.every((other) => Object.hasOwn(other, name) && JSON.stringify(other[name]) === JSON.stringify(value)),
  );
  return bindingsJsonOf(Object.fromEntries(equal));
}
