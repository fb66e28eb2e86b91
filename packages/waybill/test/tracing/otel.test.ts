import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as api from '@opentelemetry/api';
import { createWaybill } from '../../src/core/waybill.ts';
import { type BridgeOptions, bridge } from '../../src/tracing/otel.ts';
import { anEnvelope, knownWaybill, TRACEPARENT } from '../known-waybill.ts';

const traceHeaders = { traceparent: `cc-${TRACEPARENT.slice(3)}-later`, tracestate: ' a@b=1 ', baggage: 'k=v' };
const DELIVERY = { system: 'nats', destination: 'orders', envelope: anEnvelope({ traceHeaders }) };

test('without an SDK an inbound trace goes on byte for byte, and none is begun', () => {
  const { waybill, of } = knownWaybill({ tracing: bridge(api) });
  const sent = waybill.consume(DELIVERY, () =>
    waybill.produce({ system: 'nats', destination: 'mails' }, (made) => made),
  );
  assert.deepEqual(sent.traceHeaders, traceHeaders);
  const outside = waybill.produce({ system: 'nats', destination: 'mails' }, (made) => made);
  assert.equal(outside.traceHeaders.traceparent, undefined);
  assert.deepEqual(
    [...of('started'), ...of('sent')].map(({ span_id }) => span_id),
    [undefined, undefined, undefined],
  );
});

test('a mistake in what is handed over is told where it is made', () => {
  assert.throws(() => bridge({} as typeof api), { code: 'OPTION_INVALID' });
  assert.throws(() => bridge(api, { spans: 'some' } as unknown as BridgeOptions), { code: 'OPTION_INVALID' });
  assert.throws(() => bridge(api, { settleSpan: true } as BridgeOptions), { code: 'OPTION_UNKNOWN' });
  assert.throws(() => bridge(api, { naming: [] } as unknown as BridgeOptions), { code: 'OPTION_INVALID' });
  assert.throws(() => createWaybill({ service: 'checkout', tracing: api as never }), { code: 'OPTION_INVALID' });
});

test('a tracer that throws at every turn breaks no job: its message is sent, and its handler runs, untraced', () => {
  const broken = {
    ...api,
    trace: {
      ...bound(api.trace),
      getTracer: () => ({
        startSpan: () => {
          throw new Error('sampler');
        },
      }),
    },
  };
  const { waybill, of } = knownWaybill({ tracing: bridge(broken) });
  const answer = waybill.consume(DELIVERY, () => {
    waybill.produce({ system: 'nats', destination: 'mails' }, () => {});
    return 'done';
  });
  assert.equal(answer, 'done');
  assert.deepEqual(
    [...of('started'), ...of('sent'), ...of('settled')].map(({ kind }) => kind),
    ['started', 'sent', 'settled'],
  );
});

/** The methods of an API object, which live on its class. */
function bound(object: typeof api.trace) {
  return {
    getSpan: object.getSpan.bind(object),
    setSpan: object.setSpan.bind(object),
    setSpanContext: object.setSpanContext.bind(object),
  };
}

test('a span that cannot be ended breaks no job either', () => {
  const spanContext = () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 });
  const fail = () => {
    throw new Error('processor');
  };
  const span = {
    spanContext,
    isRecording: () => true,
    setAttribute: fail,
    setAttributes: fail,
    addLink: fail,
    setStatus: fail,
    recordException: fail,
    end: fail,
  };
  const broken = {
    ...api,
    trace: {
      ...bound(api.trace),
      setSpan: (context: api.Context) => context,
      getTracer: () => ({ startSpan: () => span }),
    },
  };
  const { waybill, of } = knownWaybill({ tracing: bridge(broken as unknown as typeof api) });
  waybill.consume(DELIVERY, () => waybill.produce({ system: 'nats', destination: 'mails' }, () => {}));
  assert.deepEqual([of('sent').length, of('settled')[0]?.outcome], [1, 'ok']);
});
