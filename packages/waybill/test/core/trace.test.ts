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

const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;

/** The parts of the `traceparent` that a message got. */
const partsOf = (traceparent = '') => {
  const [version, traceId, spanId = '', flags] = traceparent.split('-');
  return { version, traceId, spanId, flags };
};

test('asked to originate, it makes each execution a span, and each send another of the same trace', () => {
  const { sent, context, of } = forwarded({ traceHeaders }, { originateTrace: true });
  assert.match(context.spanId ?? '', SPAN_ID);
  const { spanId, ...rest } = partsOf(sent.traceHeaders.traceparent);
  assert.match(spanId, SPAN_ID);
  assert.deepEqual(rest, { version: '00', traceId: TRACE_ID, flags: '01' });
  assert.deepEqual([sent.traceHeaders.tracestate, sent.traceHeaders.baggage], ['a=1', 'k=v']);
  const spans = [of('started')[0]?.span_id, of('sent')[0]?.span_id];
  assert.deepEqual(spans, [context.spanId, spanId], 'the fact of a send names the span that its message carries');
  assert.equal(new Set([context.spanId, spanId, '00f067aa0ba902b7']).size, 3);
});

test('the messages of a fan-out have a parent each, of one trace', () => {
  const { waybill } = knownWaybill({ originateTrace: true });
  const delivery = { system: 'nats', destination: 'orders', envelope: anEnvelope({ traceHeaders }) };
  const sends = [SEND, SEND, SEND];
  const envelopes = waybill.consume(delivery, () => waybill.produceAll(sends, (made) => made));
  const parents = envelopes.map((envelope) => partsOf(envelope.traceHeaders.traceparent));
  assert.deepEqual(
    [new Set(parents.map(({ spanId }) => spanId)).size, new Set(parents.map(({ traceId }) => traceId))],
    [3, new Set([TRACE_ID])],
  );
});

test('flags that nobody has given a meaning yet go on as zero, and the version as the one that we know', () => {
  for (const [came, goes] of [
    ['00', '00'],
    ['01', '01'],
    ['02', '02'],
    ['03', '03'],
    ['04', '00'],
    ['ff', '03'],
  ] as const) {
    for (const traceparent of [TRACEPARENT.replace(/01$/, came), `cc${TRACEPARENT.slice(2, -2)}${came}-more`]) {
      const { sent } = forwarded({ traceHeaders: { traceparent } }, { originateTrace: true });
      const { version, traceId, flags } = partsOf(sent.traceHeaders.traceparent);
      assert.deepEqual([version, traceId, flags], ['00', TRACE_ID, goes], traceparent);
    }
  }
});

test('a new trace is not sampled: nobody has decided it, and another vendor’s state does not belong to it', () => {
  const { sent } = forwarded({ traceHeaders }, { originateTrace: true, mintTraceId: () => 'b'.repeat(32) }, 2);
  const { traceId, flags } = partsOf(sent.traceHeaders.traceparent);
  assert.deepEqual([traceId, flags], ['b'.repeat(32), '00']);
  assert.deepEqual([sent.traceHeaders.tracestate, sent.traceHeaders.baggage], [undefined, 'k=v']);
});

test('a child of a trace whose span is not known is not sampled either', () => {
  const { sent } = forwarded({}, { originateTrace: true });
  const { traceId, flags } = partsOf(sent.traceHeaders.traceparent);
  assert.deepEqual([traceId, flags], [TRACE_ID, '00']);
});

test('the waybill’s trace wins over headers that another tool has changed on the way', () => {
  const other = { traceparent: TRACEPARENT.replace('4bf9', 'aaaa'), tracestate: 'a=1' };
  const { sent, context } = forwarded({ traceHeaders: other }, { originateTrace: true });
  assert.equal(context.traceId, TRACE_ID);
  const { traceId, flags } = partsOf(sent.traceHeaders.traceparent);
  assert.deepEqual([traceId, flags], [TRACE_ID, '00'], 'its flags are not this trace’s');
  assert.equal(sent.traceHeaders.tracestate, undefined, 'nor is its state');
});
