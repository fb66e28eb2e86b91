import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as api from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { bridge } from '../../src/tracing/otel.ts';
import { anEnvelope, knownWaybill } from '../known-waybill.ts';

const PLACE = { system: 'nats', destination: 'orders' };

/** A message sent and handled: the spans of its facts. */
function spansOf(tracing: ReturnType<typeof bridge>): (string | undefined)[] {
  const { waybill, of } = knownWaybill({ tracing });
  waybill.produce(PLACE, () => {});
  waybill.consume({ ...PLACE, envelope: anEnvelope() }, () => {});
  return [...of('sent'), ...of('started')].map(({ span_id }) => span_id);
}

test('without a provider no span is begun, and one that is registered later is found', (context) => {
  const begun = context.mock.method(api.ProxyTracer.prototype, 'startSpan');
  const tracing = bridge(api);
  assert.deepEqual(spansOf(tracing), [undefined, undefined]);
  assert.equal(begun.mock.callCount(), 0);
  new NodeTracerProvider().register();
  context.after(() => api.trace.disable());
  for (const span of spansOf(tracing)) assert.match(span ?? '', /^[0-9a-f]{16}$/);
  assert.equal(begun.mock.callCount(), 2);
});

test('another provider than the API’s own stand-in is asked for spans, and so is one that nobody can tell', (context) => {
  const begun = context.mock.method(api.ProxyTracer.prototype, 'startSpan');
  const tracer = new api.ProxyTracerProvider().getTracer('waybill');
  const trace = {
    getTracer: () => tracer,
    getSpan: api.trace.getSpan,
    setSpan: api.trace.setSpan,
    setSpanContext: api.trace.setSpanContext,
  };
  const { ProxyTracerProvider: _, ...older } = api;
  spansOf(bridge({ ...api, trace: { ...trace, getTracerProvider: () => ({ getTracer: () => tracer }) } }));
  spansOf(bridge({ ...api, trace }));
  spansOf(bridge({ ...older, trace }));
  assert.equal(begun.mock.callCount(), 6);
});
