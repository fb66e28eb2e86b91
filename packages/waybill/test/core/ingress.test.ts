import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Gap } from '../../src/core/envelope.ts';
import { current, logFields } from '../../src/core/scope.ts';
import { anEnvelope, knownWaybill, NOW, TRACE_ID, TRACEPARENT } from '../known-waybill.ts';

const SEND = { system: 'nats', destination: 'orders' };
const traceHeaders = { traceparent: TRACEPARENT, tracestate: 'a=1', baggage: 'waybill.correlation_id=req_0' };
const CLAIMED = anEnvelope({
  messageId: 'req_666',
  correlationId: 'req_667',
  tenantId: 'tenant_668',
  operation: 'steal',
  eventType: 'stolen',
  businessKey: 'order:ORD-669',
  bindingsJson: '{"claimed":"c-670"}',
  hiddenJson: '{"claimed":"c-671"}',
  inheritJson: '{"claimed":"c-672"}',
  originTraceId: 'c'.repeat(32),
  hop: 18,
  traceHeaders,
});

test('a request is a message, the root of its workflow, and an execution', () => {
  const { waybill, of } = knownWaybill();
  const edge = { operation: 'checkout', eventType: 'POST /checkout', tenantId: 'tenant_42', businessKey: 'cart:1' };
  const traceId = waybill.ingress(edge, ({ context }) => context.traceId);
  assert.deepEqual(of('started'), [
    {
      kind: 'started',
      fact_id: 'fct_1',
      at: NOW,
      service: 'checkout',
      instance: 'checkout-1',
      seq: 1,
      message_id: 'req_1',
      correlation_id: 'req_1',
      causation_id: null,
      hop: 0,
      trace_id: traceId,
      tenant_id: 'tenant_42',
      operation: 'checkout',
      event_type: 'POST /checkout',
      business_key: 'cart:1',
      system: 'http',
      destination: 'checkout',
      subscription: 'checkout',
      execution_id: 'exe_1',
      attempt: 1,
      delivery_count: 1,
      redelivered: false,
      received_at: NOW,
      trace_mode: { mode: 'L', reason: 'untrusted edge' },
    },
  ]);
  assert.deepEqual(
    of('settled').map(({ message_id, outcome, ended_at }) => [message_id, outcome, ended_at]),
    [['req_1', 'ok', NOW]],
  );
});

test('an edge that names no more than its operation is told by it', () => {
  const { waybill, of } = knownWaybill();
  waybill.ingress({ operation: 'nightly', system: 'cron', destination: 'reports' }, () => {});
  const [fact] = of('started');
  assert.deepEqual(
    [fact?.system, fact?.destination, fact?.event_type, fact?.tenant_id],
    ['cron', 'reports', 'nightly', null],
  );
});

test('a public edge believes nothing that a stranger sends: no identity, no bindings, no baggage', () => {
  const { waybill, of, facts } = knownWaybill();
  const sent = waybill.ingress({ operation: 'checkout', envelope: CLAIMED }, () => {
    assert.ok(!/[_-]6[67]\d|stolen/.test(JSON.stringify([logFields(), current()])));
    return waybill.produce(SEND, (envelope) => envelope);
  });
  assert.ok(!/[_-]6[67]\d|req_0|c{8}|stolen/.test(JSON.stringify(sent)), JSON.stringify(sent));
  assert.deepEqual([sent.traceHeaders, sent.hop], [{ traceparent: TRACEPARENT, tracestate: 'a=1' }, 1]);
  assert.notEqual(sent.traceId, TRACE_ID);
  assert.deepEqual(of('started')[0]?.foreign, { correlation_id: 'req_667' });
  const { foreign: _, ...started } = of('started')[0] ?? {};
  assert.ok(!/[_-]6[67]\d|req_0|c{8}|stolen/.test(JSON.stringify([started, ...facts.slice(1)])));
});

test('a public edge without a waybill has nothing foreign, and is no gap', () => {
  for (const envelope of ['absent', 'unreadable', 'oversized', { traceHeaders }, undefined] as const) {
    const { waybill, of } = knownWaybill();
    waybill.ingress({ operation: 'checkout', envelope }, () => {});
    assert.deepEqual([of('gap'), of('started')[0]?.foreign], [[], undefined]);
  }
});

test('a trusted edge joins the workflow of a request that was sent to it, under the request’s own id', () => {
  const { waybill, of } = knownWaybill();
  const envelope = anEnvelope({ messageId: 'req_9', traceHeaders, inheritJson: '{"saga":"s1"}' });
  const sent = waybill.ingress({ operation: 'reserve', trust: 'trusted', envelope }, ({ context }) => {
    const { messageId, correlationId, causationId, tenantId, operation, businessKey, traceId, hop } = context;
    assert.deepEqual(
      [messageId, correlationId, causationId, tenantId, operation, businessKey, traceId, hop],
      ['req_9', 'req_7', 'msg_8', 'tenant_42', 'reserve', 'order:ORD-48213', TRACE_ID, 3],
    );
    assert.equal('plan' in logFields(), false, 'bindings of others are not taken in unasked');
    return waybill.produce(SEND, (made) => made);
  });
  assert.deepEqual(
    [sent.correlationId, sent.causationId, sent.tenantId, sent.hop, sent.inheritJson, sent.traceHeaders],
    ['req_7', 'req_9', 'tenant_42', 4, '{"saga":"s1"}', traceHeaders],
  );
  assert.equal(of('started')[0]?.foreign, undefined);
});

test('behind a trusted edge, what the caller was handling is the cause of a request that has no id', () => {
  const { waybill } = knownWaybill();
  const { context } = waybill.ingress({ operation: 'reserve', trust: 'trusted', envelope: anEnvelope() });
  assert.deepEqual(
    [context.messageId, context.causationId, context.correlationId, context.hop],
    ['req_1', 'msg_9', 'req_7', 4],
  );
});

test('whose account it is the app says, also behind a trusted edge; one too long to carry is not replaced', () => {
  const { waybill } = knownWaybill();
  const tenantOf = (tenantId: string | null | undefined) =>
    waybill.ingress({ operation: 'reserve', trust: 'trusted', tenantId, envelope: anEnvelope() }).context.tenantId;
  assert.deepEqual(
    [tenantOf('tenant_1'), tenantOf(undefined), tenantOf('x'.repeat(129))],
    ['tenant_1', 'tenant_42', null],
  );
});

test('a trusted edge without a waybill joins the caller’s trace, and begins a workflow', () => {
  const { waybill, of } = knownWaybill();
  const { context } = waybill.ingress({ operation: 'reserve', trust: 'trusted', envelope: { traceHeaders } });
  assert.deepEqual([context.traceId, context.correlationId], [TRACE_ID, 'req_1']);
  waybill.ingress({ operation: 'reserve', trust: 'trusted' });
  assert.deepEqual(
    of('started').map(({ trace_mode }) => trace_mode),
    [
      { mode: 'P', reason: 'trusted edge' },
      { mode: 'root', reason: 'no_context' },
    ],
  );
});

test('a request is settled by its handler’s end, or by whoever holds its execution', async () => {
  const { waybill, of } = knownWaybill();
  const error = new Error('broken');
  await assert.rejects(
    waybill.ingress({ operation: 'pay' }, async () => {
      throw error;
    }),
    (thrown) => thrown === error,
  );
  const held = waybill.ingress({ operation: 'pay' });
  held.settle({ outcome: 'released', by: 'client closed' });
  assert.deepEqual(
    of('settled').map(({ outcome }) => outcome),
    ['failed', 'released'],
  );
});

const TRUSTED = { operation: 'charge', trust: 'trusted' } as const;
const LOSSES: [what: string, envelope: Gap, reason: string, correlationId: string][] = [
  ['nothing', 'absent', 'no_context', 'req_1'],
  ['a waybill that cannot be read', 'unreadable', 'unreadable', 'req_1'],
  ['a waybill that is too long', 'oversized', 'oversized', 'req_1'],
  ['a trace alone', { traceHeaders: { traceparent: TRACEPARENT } }, 'w3c_only', 'req_1'],
  ['baggage alone that names its workflow', { traceHeaders: {}, correlationId: 'req_7' }, 'partial', 'req_7'],
];

for (const [what, envelope, reason, correlationId] of LOSSES) {
  test(`a request that comes to a trusted edge with ${what} has lost its context there`, () => {
    const { waybill, of } = knownWaybill();
    waybill.ingress({ ...TRUSTED, envelope }, () => {});
    assert.deepEqual(
      of('gap').map(({ gap, message_id, correlation_id }) => [gap.reason, message_id, correlation_id]),
      [[reason, 'req_1', correlationId]],
    );
    assert.deepEqual([of('started')[0]?.correlation_id, of('started')[0]?.causation_id], [correlationId, null]);
  });
}

test('a request that its caller sends again says nothing of how often it came', () => {
  const { waybill, of } = knownWaybill();
  waybill.ingress({ ...TRUSTED, envelope: anEnvelope({ messageId: 'req_9' }) }, () => {});
  const [started] = of('started');
  assert.deepEqual(
    [started?.message_id, started?.attempt ?? null, started?.delivery_count, started?.redelivered],
    ['req_9', null, undefined, undefined],
  );
});

test('of the bindings that come to a trusted edge only those are taken over that it lets in', () => {
  const { waybill } = knownWaybill();
  const envelope = anEnvelope({ bindingsJson: '{"plan":"gold","order_id":"ORD-1"}' });
  const fieldsAt = (inboundBindings?: string[]) =>
    waybill.ingress({ ...TRUSTED, envelope, inboundBindings }, () =>
      Object.keys(logFields()).filter((name) => /plan|order_/.test(name)),
    );
  assert.deepEqual(fieldsAt(), []);
  assert.deepEqual(fieldsAt(['plan', 'user_id']), ['plan']);
  const atPublic = waybill.ingress(
    { operation: 'x', envelope, inboundBindings: ['plan'] },
    () => 'plan' in logFields(),
  );
  assert.equal(atPublic, false);
});
