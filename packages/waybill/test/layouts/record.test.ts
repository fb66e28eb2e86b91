import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindingsOf } from '../../src/core/bindings.ts';
import { packWaybill } from '../../src/core/pack-waybill.ts';
import { readTraceHeaders } from '../../src/core/w3c.ts';
import { readRecord, writeRecord } from '../../src/layouts/record.ts';
import { anEnvelope, TRACEPARENT } from '../known-waybill.ts';

const traceHeaders = { traceparent: TRACEPARENT, tracestate: 'a=1', baggage: undefined };
const ENVELOPE = anEnvelope({ traceHeaders });
const stored = (column: unknown): unknown => JSON.parse(JSON.stringify(column));

test('a record is the W3C keys, the waybill without its bindings, and the bindings as structlog keeps them', () => {
  assert.deepEqual(writeRecord(ENVELOPE, undefined), {
    traceparent: TRACEPARENT,
    tracestate: 'a=1',
    baggage: 'waybill.correlation_id=req_7',
    waybill: packWaybill({ ...ENVELOPE, bindingsJson: null }),
    structlog_context: { plan: 'gold' },
  });
});

test('a record for a destination outside our systems is what it was', () => {
  assert.deepEqual(writeRecord({ ...ENVELOPE, isExternal: true }, { own: 1 }), { own: 1 });
});

test('it comes out of the column as it went in', () => {
  assert.deepEqual(readRecord(stored(writeRecord(ENVELOPE, {}))), {
    envelope: ENVELOPE,
    bindingsJson: '{"plan":"gold"}',
  });
});

test('a reader that knows only W3C finds its trace', () => {
  const column = stored(writeRecord(ENVELOPE, {})) as Record<string, string>;
  const baggage = 'waybill.correlation_id=req_7';
  assert.deepEqual(readTraceHeaders(column['traceparent'], column['tracestate'], column['baggage']), {
    ...traceHeaders,
    baggage,
  });
});

test('what only Python wrote is read: its trace, and its bindings though there is no waybill', () => {
  const column = { traceparent: TRACEPARENT, structlog_context: { Straße: 'Köln', n: 1 } };
  const { envelope, bindingsJson } = readRecord(column);
  assert.deepEqual(envelope, { traceHeaders: { traceparent: TRACEPARENT, tracestate: undefined, baggage: undefined } });
  assert.deepEqual(bindingsOf(bindingsJson), { Straße: 'Köln', n: 1 });
});

test('keys and values of every alphabet stay what they are', () => {
  const fields = { ключ: '値', '🔑': '😀', 'a b': '"\\\n' };
  const envelope = anEnvelope({ bindingsJson: JSON.stringify(fields) });
  const column = stored(writeRecord(envelope, {})) as { structlog_context: unknown };
  assert.deepEqual(column.structlog_context, fields);
  assert.deepEqual(bindingsOf(readRecord(column).bindingsJson), fields);
});

test('there is no budget: all bindings are kept, however many', () => {
  const fields = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`field_${at}`, 'x'.repeat(100)]));
  const column = stored(writeRecord(anEnvelope({ bindingsJson: JSON.stringify(fields) }), {}));
  const { envelope, bindingsJson } = readRecord(column);
  assert.deepEqual(bindingsOf(bindingsJson), fields);
  assert.equal(typeof envelope === 'object' && 'messageId' in envelope && envelope.messageId, 'msg_9');
});

test('what is hidden never makes the waybill longer than a reader takes: the identity would be lost with it', () => {
  const hiddenJson = JSON.stringify({ a: 'x'.repeat(5000), b: 'x'.repeat(5000) });
  const { envelope } = readRecord(stored(writeRecord(anEnvelope({ hiddenJson }), {})));
  assert.ok(typeof envelope === 'object' && 'messageId' in envelope);
  assert.deepEqual([envelope.messageId, envelope.overflow], ['msg_9', 1]);
});

test('what lies beside it in the column stays, and another key may hold the bindings', () => {
  const column = writeRecord(ENVELOPE, { own: { a: 1 }, structlog_context: 'theirs' }, 'log_context');
  assert.deepEqual([column['own'], column['structlog_context']], [{ a: 1 }, 'theirs']);
  assert.deepEqual(column['log_context'], { plan: 'gold' });
  assert.equal(readRecord(column, 'log_context').bindingsJson, '{"plan":"gold"}');
});

test('a column that is no object, or holds nothing of ours, has no context', () => {
  for (const column of [null, undefined, 'text', 7, [], {}, { structlog_context: [1] }, { structlog_context: 'a' }])
    assert.deepEqual(readRecord(column), { envelope: 'absent', bindingsJson: null });
});

test('secrets that another language left in the column go no further', () => {
  const { bindingsJson } = readRecord({ structlog_context: { user: { password: 'canary' }, n: 1 } });
  assert.deepEqual(bindingsOf(bindingsJson), { user: { password: '[redacted]' }, n: 1 });
});
