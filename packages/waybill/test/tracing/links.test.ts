import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExecutionStart } from '../../src/core/tracing.ts';
import { creationLinks, creationSpan } from '../../src/tracing/links.ts';
import { TRACE_ID, TRACEPARENT } from '../known-waybill.ts';

const start = (inbound: ExecutionStart['inbound']): ExecutionStart => ({
  place: { system: 'nats', destination: 'orders' },
  ...{ edge: undefined, envelope: undefined, executionId: 'exe_1', mode: 'L', reason: 'batch', inbound },
});

test('of a batch no more messages are linked than tracers keep', () => {
  const links = creationLinks(start(Array.from({ length: 300 }, () => ({ traceparent: TRACEPARENT }))), 'batch');
  assert.equal(links.length, 128);
});

test('what came without a trace, or with one that is none, is not linked', () => {
  const inbound = [{}, { traceparent: 'x' }, { traceparent: TRACEPARENT, tracestate: 'a@b=1' }];
  const [link, ...others] = creationLinks(start(inbound), 'event');
  assert.deepEqual(
    [link?.context.traceId, link?.context.traceState?.serialize(), link?.attributes, others],
    [TRACE_ID, 'a@b=1', { 'waybill.trace_mode.reason': 'event' }, []],
  );
});

test('the messages of a batch have a span of creation each, and it has none', () => {
  const headers = { traceparent: TRACEPARENT };
  assert.equal(creationSpan(start([headers]))?.traceId, TRACE_ID);
  assert.equal(creationSpan(start([headers, headers])), undefined);
  assert.equal(creationSpan(start([])), undefined);
});
