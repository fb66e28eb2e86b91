import assert from 'node:assert/strict';
import type { Delivery } from '../../src/core/delivery.ts';
import type { Envelope } from '../../src/core/envelope.ts';
import { captureScope, restoreScope } from '../../src/core/passed-scope.ts';
import type { Rule } from '../../src/core/rules.ts';
import { bind, current, logFields } from '../../src/core/scope.ts';
import { knownWaybill } from '../known-waybill.ts';
import { gapOf, HANDLED, type Observed, SEND } from './observe-send.ts';

const DELIVERY: Delivery = { system: 'nats', destination: 'orders', envelope: HANDLED, brokerId: '17' };

/** What comes of a delivery; asked of a message that its sender stamped P, and of one stamped L. */
export function observeDelivery(more: Partial<Delivery>): Observed {
  const known = knownWaybill();
  const open = (traceMode: 'P' | 'L') => {
    const envelope = more.envelope ?? { ...HANDLED, traceMode };
    return known.waybill.consume({ ...DELIVERY, ...more, envelope }, ({ context }) => ({
      ...context,
      plan: logFields()['plan'],
    }));
  };
  const asParent = open('P');
  const asLink = open('L');
  const [started, linked] = known.of('started');
  assert.ok(started);
  const isStamped = started.trace_mode.mode === 'P' && linked?.trace_mode.mode === 'L';
  return {
    correlation: correlationOf(asParent),
    causation: asParent.causationId === 'msg_8' ? 'carried' : 'none',
    messageId: messageIdOf(asParent.messageId, asLink.messageId),
    trace: isStamped ? 'stamped' : started.trace_mode.mode,
    traceReason: started.trace_mode.reason,
    bindings: asParent.plan === 'gold' ? 'carried' : 'none',
    gap: gapOf(known),
  };
}

function correlationOf(context: { readonly correlationId: string; readonly messageId: string }): Rule['correlation'] {
  if (context.correlationId === 'req_7') return 'carried';
  return context.correlationId === context.messageId ? 'own' : 'inherited';
}

function messageIdOf(first: string, second: string): Rule['messageId'] {
  if (first === 'msg_9') return 'carried';
  if (first !== second) return 'new';
  return first.startsWith('tick_') ? 'derived' : 'hashed';
}

/** What comes of a request that carries a waybill of ours, at an edge that lets one of its bindings in. */
export function observeIngress(trust: 'public' | 'trusted'): Observed {
  const known = knownWaybill();
  const envelope = { ...HANDLED, messageId: 'req_9', bindingsJson: '{"plan":"gold","row":2}' };
  const edge = { operation: 'checkout', trust, envelope, inboundBindings: ['plan'] };
  const { context, fields } = known.waybill.ingress(edge, (execution) => ({
    context: execution.context,
    fields: logFields(),
  }));
  const mode = known.of('started')[0]?.trace_mode;
  assert.equal('row' in fields, false);
  return {
    correlation: correlationOf(context),
    causation: context.causationId === 'msg_8' ? 'carried' : 'none',
    messageId: context.messageId === 'req_9' ? 'carried' : 'new',
    trace: mode?.mode ?? 'root',
    traceReason: mode?.reason ?? '',
    bindings: fields['plan'] === 'gold' ? 'allowed' : 'none',
    gap: gapOf(known),
  };
}

/** What comes of two messages in one call: of one workflow and tenant, and of two. */
export function observeBatch(): Observed {
  const known = knownWaybill();
  const open = (fields: Partial<Envelope>) => {
    const other = { ...HANDLED, messageId: 'msg_10', bindingsJson: '{"plan":"gold","row":2}', ...fields };
    const { batch, items } = known.waybill.openBatch([DELIVERY, { ...DELIVERY, envelope: other }]);
    const sent = batch.run(() => known.waybill.produce(SEND, (envelope) => envelope));
    return { context: batch.context, items, sent, logged: batch.run(logFields) };
  };
  const alike = open({});
  assert.equal(gapOf(known), null, 'one tenant is no gap');
  const mixed = open({ correlationId: 'req_8', tenantId: 'tenant_7' });
  const isUnanimous =
    alike.context.correlationId === 'req_7' && mixed.context.correlationId === mixed.context.messageId;
  const mode = known.of('started')[0]?.trace_mode;
  return {
    correlation: isUnanimous ? 'unanimous' : 'own',
    causation: /^bat_\d+$/.test(alike.sent.causationId ?? '') ? 'batch' : 'handled',
    messageId: alike.items.map(({ context }) => context.messageId).join() === 'msg_9,msg_10' ? 'carried' : 'new',
    trace: mode?.mode ?? 'root',
    traceReason: mode?.reason ?? '',
    bindings: alike.logged['plan'] === 'gold' && !('row' in alike.logged) ? 'equal' : 'none',
    gap: gapOf(known),
  };
}

/** What comes of work that a handler posts to a worker thread, whose messages are copies. */
export function observePassedScope(): Observed {
  const known = knownWaybill();
  const here = known.waybill.consume(DELIVERY, () => {
    bind({ plan: 'platinum' });
    return { context: current(), passed: structuredClone(captureScope()) };
  });
  const there = restoreScope(here.passed, () => ({ context: current(), plan: logFields()['plan'] }));
  assert.deepEqual(there.context, here.context);
  return {
    correlation: there.context?.correlationId === 'req_7' ? 'inherited' : 'own',
    causation: there.context?.causationId === 'msg_8' ? 'carried' : 'none',
    messageId: there.context?.messageId === 'msg_9' ? 'carried' : 'new',
    trace: there.context?.traceId === here.context?.traceId ? 'P' : 'root',
    traceReason: known.of('started').length === 1 ? 'same scope' : 'another execution',
    bindings: there.plan === 'platinum' ? 'snapshot' : 'none',
    gap: gapOf(known),
  };
}
