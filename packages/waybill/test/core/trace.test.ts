import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WaybillOptions } from '../../src/core/waybill.ts';
import { anEnvelope, knownWaybill, TRACE_ID, TRACEPARENT } from '../known-waybill.ts';

const SEND = { system: 'nats', destination: 'mails' };
const traceHeaders = { traceparent: TRACEPARENT, tracestate: 'a=1', baggage: 'k=v' };

function forwarded(fields: Parameters<typeof anEnvelope>[0], options: Partial<WaybillOptions> = {}, attempt = 1) {
  const known = knownWaybill(options);
  const delivery = { system: 'nats', destination: 'orders', attempt, envelope: anEnvelope(fields) };
  const [sent, context] = known.waybill.consume(delivery, ({ context }) => [
    known.waybill.produce(SEND, (envelope) => envelope),
    context,
  ]);
  return { ...known, sent, context };
}

test('without a tracer what came in goes on byte for byte, though this execution is of another trace', () => {
  for (const attempt of [1, 2]) {
    const { sent, context } = forwarded({ traceHeaders }, {}, attempt);
    assert.equal(sent.traceHeaders, traceHeaders);
    assert.equal(context.spanId, null);
    assert.equal(context.traceId === TRACE_ID, attempt === 1);
  }
});

test('without a tracer no parent is made up: nobody would export it', () => {
  const { sent } = forwarded({});
  assert.deepEqual(sent.traceHeaders, {});
  const { waybill } = knownWaybill();
  const atTheEdge = waybill.ingress({ operation: 'pay' }, () => waybill.produce(SEND, (envelope) => envelope));
  assert.deepEqual(atTheEdge.traceHeaders, {});
  assert.deepEqual(waybill.produce(SEND, (envelope) => envelope).traceHeaders, {});
});

test('asked to originate, it makes each execution a span, and passes it on', () => {
  const { sent, context, of } = forwarded({ traceHeaders }, { originateTrace: true });
  assert.match(context.spanId ?? '', /^(?!0{16})[0-9a-f]{16}$/);
  assert.deepEqual(sent.traceHeaders, {
    traceparent: `00-${TRACE_ID}-${context.spanId}-01`,
    tracestate: 'a=1',
    baggage: 'k=v',
  });
  assert.deepEqual([of('started')[0]?.span_id, of('sent')[0]?.span_id], [context.spanId, context.spanId]);
});

test('a new trace is not sampled: nobody has decided it, and another vendor’s state does not belong to it', () => {
  const { sent, context } = forwarded({ traceHeaders }, { originateTrace: true, mintTraceId: () => 'b'.repeat(32) }, 2);
  assert.deepEqual(sent.traceHeaders, {
    traceparent: `00-${'b'.repeat(32)}-${context.spanId}-00`,
    tracestate: undefined,
    baggage: 'k=v',
  });
});

test('a child of a trace whose span is not known is not sampled either', () => {
  const { sent, context } = forwarded({}, { originateTrace: true });
  assert.equal(sent.traceHeaders.traceparent, `00-${TRACE_ID}-${context.spanId}-00`);
});

test('the waybill’s trace wins over headers that another tool has changed on the way', () => {
  const other = { traceparent: TRACEPARENT.replace('4bf9', 'aaaa') };
  const { sent, context } = forwarded({ traceHeaders: other }, { originateTrace: true });
  assert.equal(context.traceId, TRACE_ID);
  assert.equal(sent.traceHeaders.traceparent, `00-${TRACE_ID}-${context.spanId}-00`, 'its flags are not this trace’s');
});
