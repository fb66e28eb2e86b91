import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headersOf, isValid, remoteSpanOf } from '../../src/tracing/span-context.ts';
import { TraceState } from '../../src/tracing/trace-state.ts';
import { TRACE_ID, TRACEPARENT } from '../known-waybill.ts';

const spanId = TRACEPARENT.slice(36, 52);

test('a span is written as version 00, with the flags that have a meaning', () => {
  const context = { traceId: TRACE_ID, spanId, traceFlags: 0xff, traceState: new TraceState('') };
  assert.deepEqual(headersOf(context, 'a=1'), {
    traceparent: `00-${TRACE_ID}-${spanId}-03`,
    tracestate: undefined,
    baggage: 'a=1',
  });
});

test('headers name a span elsewhere, or none', () => {
  assert.deepEqual(remoteSpanOf({ traceparent: TRACEPARENT }), {
    traceId: TRACE_ID,
    spanId,
    traceFlags: 1,
    isRemote: true,
  });
  for (const traceparent of [undefined, '', TRACEPARENT.toUpperCase(), `ff${TRACEPARENT.slice(2)}`]) {
    assert.equal(remoteSpanOf({ traceparent }), undefined);
  }
});

test('zeros are no span', () => {
  assert.ok(isValid({ traceId: TRACE_ID, spanId, traceFlags: 0 }));
  assert.ok(isValid({ traceId: `0${TRACE_ID.slice(1)}`, spanId: '0000000000000001', traceFlags: 0 }));
  assert.ok(!isValid({ traceId: '0'.repeat(32), spanId, traceFlags: 0 }));
  assert.ok(!isValid({ traceId: TRACE_ID, spanId: '', traceFlags: 0 }));
  assert.ok(!isValid({ traceId: TRACE_ID, spanId: '0'.repeat(16), traceFlags: 0 }));
  assert.ok(!isValid(undefined));
});
