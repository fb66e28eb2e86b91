import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery } from '../../src/core/delivery.ts';
import type { Envelope } from '../../src/core/envelope.ts';
import type { GapFact } from '../../src/core/facts.ts';
import { RULES, type Rule, type Situation } from '../../src/core/rules.ts';
import { bind, logFields, newWorkflow } from '../../src/core/scope.ts';
import type { Send } from '../../src/core/send.ts';
import { anEnvelope, type KnownWaybill, knownWaybill, NOW, TRACEPARENT } from '../known-waybill.ts';

/** A row as it should be, and as it shows from outside: the table may not change without what it describes. */
interface Case {
  readonly row: Rule;
  readonly observe: () => Omit<Rule, 'situation'>;
}

const SEND: Send = { system: 'nats', destination: 'mails' };
const traceHeaders = { traceparent: TRACEPARENT };
const carriedEnvelope = anEnvelope({ traceHeaders, traceReason: null });
const DELIVERY: Delivery = { system: 'nats', destination: 'orders', envelope: carriedEnvelope, brokerId: '17' };

const gapOf = ({ of }: KnownWaybill) => (of('gap')[0] as GapFact | undefined)?.gap.reason ?? null;

/** What comes of a message that is sent while msg_9 of the workflow req_7 is handled. */
function observeSend(known: KnownWaybill, sendOne: () => Envelope): Omit<Rule, 'situation'> {
  const [first, seventeenth] = known.waybill.consume(DELIVERY, () => {
    bind({ plan: 'gold' });
    const sent = Array.from({ length: 17 }, sendOne);
    return [sent[0], sent[16]] as [Envelope, Envelope];
  });
  return { ...shownBy(first, seventeenth), gap: gapOf(known) };
}

function shownBy(sent: Envelope, seventeenth: Envelope): Omit<Rule, 'situation' | 'gap'> {
  const { correlationId, messageId } = sent;
  const isOrdinary = sent.traceMode === 'P' && seventeenth.traceMode === 'L';
  const isInherited = correlationId === 'req_7';
  const isContinued = sent.continuedFrom === 'req_7';
  return {
    correlation: isInherited
      ? 'inherited'
      : isContinued
        ? 'continued'
        : correlationId === messageId
          ? 'own'
          : 'carried',
    causation: sent.causationId === 'msg_9' ? 'handled' : sent.causationId === null ? 'none' : 'carried',
    messageId: /^msg_\d+$/.test(messageId) && messageId !== 'msg_9' ? 'new' : 'carried',
    trace: isOrdinary ? 'P?' : sent.traceMode === 'P' ? 'P' : sent.traceHeaders.traceparent ? 'L' : 'root',
    traceReason: sent.traceReason ?? '',
    bindings: JSON.parse(sent.bindingsJson ?? '{}').plan === 'gold' ? 'snapshot' : 'none',
  };
}

const sendOf = (known: KnownWaybill, more: Partial<Send> = {}) =>
  known.waybill.produce({ ...SEND, ...more }, (envelope) => envelope);

/** What comes of a delivery; asked of a message that its sender stamped P, and of one stamped L. */
function observeDelivery(more: Partial<Delivery>): Omit<Rule, 'situation'> {
  const known = knownWaybill();
  const open = (traceMode: 'P' | 'L') => {
    const envelope = more.envelope ?? { ...carriedEnvelope, traceMode };
    return known.waybill.consume({ ...DELIVERY, ...more, envelope }, ({ context }) => ({
      ...context,
      plan: logFields()['plan'],
    }));
  };
  const asParent = open('P');
  const asLink = open('L');
  const [started, linked] = known.of('started');
  const isStamped = started?.trace_mode.mode === 'P' && linked?.trace_mode.mode === 'L';
  assert.ok(started);
  return {
    correlation:
      asParent.correlationId === 'req_7'
        ? 'carried'
        : asParent.correlationId === asParent.messageId
          ? 'own'
          : 'inherited',
    causation: asParent.causationId === 'msg_8' ? 'carried' : 'none',
    messageId: asParent.messageId === 'msg_9' ? 'carried' : asParent.messageId === asLink.messageId ? 'hashed' : 'new',
    trace: isStamped ? 'stamped' : started.trace_mode.mode,
    traceReason: started.trace_mode.reason,
    bindings: asParent.plan === 'gold' ? 'carried' : 'none',
    gap: gapOf(known),
  };
}

/** What comes of a request that carries a waybill of ours. */
function observeIngress(trust: 'public' | 'trusted'): Omit<Rule, 'situation'> {
  const known = knownWaybill();
  const inbound = { ...carriedEnvelope, messageId: 'req_9' };
  const context = known.waybill.ingress({ operation: 'checkout', trust, envelope: inbound }, (execution) => {
    assert.equal('plan' in logFields(), false);
    return execution.context;
  });
  const mode = known.of('started')[0]?.trace_mode;
  return {
    correlation:
      context.correlationId === 'req_7' ? 'carried' : context.correlationId === context.messageId ? 'own' : 'inherited',
    causation: context.causationId === 'msg_8' ? 'carried' : 'none',
    messageId: context.messageId === 'req_9' ? 'carried' : 'new',
    trace: mode?.mode ?? 'root',
    traceReason: mode?.reason ?? '',
    bindings: 'none',
    gap: gapOf(known),
  };
}

/** What comes of two messages in one call: of one workflow and tenant, and of two. */
function observeBatch(): Omit<Rule, 'situation'> {
  const known = knownWaybill();
  const open = (fields: Partial<Envelope>) => {
    const other = { ...carriedEnvelope, messageId: 'msg_10', bindingsJson: '{"plan":"gold","row":2}', ...fields };
    const { batch, items } = known.waybill.openBatch([DELIVERY, { ...DELIVERY, envelope: other }]);
    return { context: batch.context, items, logged: batch.run(logFields) };
  };
  const alike = open({});
  assert.equal(gapOf(known), null, 'one tenant is no gap');
  const mixed = open({ correlationId: 'req_8', tenantId: 'tenant_7' });
  const isUnanimous =
    alike.context.correlationId === 'req_7' && mixed.context.correlationId === mixed.context.messageId;
  const mode = known.of('started')[0]?.trace_mode;
  return {
    correlation: isUnanimous ? 'unanimous' : 'own',
    causation: alike.items.every(({ context }) => context.causationId === 'msg_8') ? 'carried' : 'none',
    messageId: /^bat_\d+$/.test(alike.context.messageId) ? 'new' : 'carried',
    trace: mode?.mode ?? 'root',
    traceReason: mode?.reason ?? '',
    bindings: alike.logged['plan'] === 'gold' && !('row' in alike.logged) ? 'equal' : 'none',
    gap: gapOf(known),
  };
}

const SENT = {
  correlation: 'inherited',
  causation: 'handled',
  messageId: 'new',
  bindings: 'snapshot',
  gap: null,
} as const;
const TAKEN = {
  correlation: 'carried',
  causation: 'carried',
  messageId: 'carried',
  bindings: 'carried',
  gap: null,
} as const;

const CASES: Record<Situation, Case> = {
  ingressPublic: {
    row: {
      situation: 'ingress, public edge',
      correlation: 'own',
      causation: 'none',
      messageId: 'new',
      trace: 'L',
      traceReason: 'untrusted edge',
      bindings: 'none',
      gap: null,
    },
    observe: () => observeIngress('public'),
  },
  ingressTrusted: {
    row: { situation: 'ingress, trusted edge', ...TAKEN, bindings: 'none', trace: 'P', traceReason: 'trusted edge' },
    observe: () => observeIngress('trusted'),
  },
  event: {
    row: { situation: 'publish an event', ...SENT, trace: 'L', traceReason: 'event' },
    observe: () => {
      const known = knownWaybill();
      return observeSend(known, () => sendOf(known, { kind: 'event' }));
    },
  },
  command: {
    row: { situation: 'send a command', ...SENT, trace: 'P?', traceReason: 'command' },
    observe: () => {
      const known = knownWaybill();
      return observeSend(known, () => sendOf(known));
    },
  },
  delayed: {
    row: { situation: 'delayed / scheduled once', ...SENT, trace: 'L', traceReason: 'delayed' },
    observe: () => {
      const known = knownWaybill();
      return observeSend(known, () => sendOf(known, { notBefore: NOW + 1 }));
    },
  },
  fanout: {
    row: { situation: 'fan-out of n', ...SENT, trace: 'P?', traceReason: 'command' },
    observe: () => {
      const known = knownWaybill();
      const sendTwo = () => known.waybill.produceAll([SEND, SEND], ([first]) => first as Envelope); // two are sent
      return observeSend(known, sendTwo);
    },
  },
  newWorkflow: {
    row: {
      situation: '`newWorkflow()` in a handler',
      ...SENT,
      correlation: 'continued',
      trace: 'L',
      traceReason: 'new workflow',
      // What is bound inside it: nothing comes in from the workflow that it continues.
      bindings: 'snapshot',
    },
    observe: () => {
      const known = knownWaybill();
      const sendOne = () =>
        newWorkflow(() => {
          assert.equal(sendOf(known).bindingsJson, null);
          bind({ plan: 'gold' });
          return sendOf(known);
        });
      return observeSend(known, sendOne);
    },
  },
  noScope: {
    row: {
      situation: 'send outside any scope',
      correlation: 'own',
      causation: 'none',
      messageId: 'new',
      trace: 'root',
      traceReason: 'no_context',
      bindings: 'none',
      gap: 'no_context',
    },
    observe: () => {
      const known = knownWaybill();
      const sent = sendOf(known);
      return { ...shownBy(sent, sent), gap: gapOf(known) };
    },
  },
  firstDelivery: {
    row: { situation: 'first delivery', ...TAKEN, trace: 'stamped', traceReason: 'command' },
    observe: () => observeDelivery({ attempt: 1, redelivered: false }),
  },
  retry: {
    row: { situation: 'application retry', ...TAKEN, trace: 'L', traceReason: 'retry' },
    observe: () => observeDelivery({ attempt: 2, redelivered: true }),
  },
  redelivery: {
    row: { situation: 'broker redelivery', ...TAKEN, trace: 'L', traceReason: 'redelivery' },
    observe: () => observeDelivery({ redelivered: true }),
  },
  deadLetter: {
    row: { situation: 'taken from a dead-letter queue', ...TAKEN, trace: 'L', traceReason: 'dead letter' },
    observe: () => observeDelivery({ deadLettered: true, attempt: 2, redelivered: true }),
  },
  batch: {
    row: {
      situation: 'batch / fan-in',
      correlation: 'unanimous',
      causation: 'carried',
      messageId: 'new',
      trace: 'L',
      traceReason: 'batch',
      bindings: 'equal',
      gap: 'mixed_tenants',
    },
    observe: observeBatch,
  },
  nothingReadable: {
    row: {
      situation: 'delivery with nothing readable',
      correlation: 'own',
      causation: 'none',
      messageId: 'hashed',
      trace: 'root',
      traceReason: 'no_context',
      bindings: 'none',
      gap: 'no_context',
    },
    observe: () => observeDelivery({ envelope: 'absent' }),
  },
  w3cOnly: {
    row: {
      situation: 'delivery with W3C headers alone',
      correlation: 'own',
      causation: 'none',
      messageId: 'hashed',
      trace: 'L',
      traceReason: 'w3c_only',
      bindings: 'none',
      gap: 'w3c_only',
    },
    observe: () => observeDelivery({ envelope: { traceHeaders } }),
  },
};

for (const [situation, { row, observe }] of Object.entries(CASES)) {
  test(`${row.situation}: what is inherited, made and linked`, () => {
    assert.deepEqual(RULES[situation as Situation], row, 'as the table says');
    assert.deepEqual({ situation: row.situation, ...observe() }, row, 'as it is');
  });
}

test('every situation of the table has its case', () => {
  assert.deepEqual(Object.keys(RULES), Object.keys(CASES));
});

test('no two rows are of one situation', () => {
  const rows: readonly Rule[] = Object.values(RULES);
  assert.equal(new Set(rows.map(({ situation }) => situation)).size, rows.length);
});
