import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ForeignCarrier } from '../../src/core/dialect.ts';
import { NO_TRACE_HEADERS } from '../../src/core/w3c.ts';
import { wolverine } from '../../src/dialects/wolverine.ts';
import { anEnvelope, TRACEPARENT } from '../known-waybill.ts';
import { WOLVERINE_HEADERS } from './foreign-messages.ts';

const read = (carrier: ForeignCarrier) => wolverine.read(carrier, NO_TRACE_HEADERS);

test('the correlation id is the workflow, and the message that began the conversation the cause', () => {
  const envelope = read(WOLVERINE_HEADERS);
  assert.ok(envelope);
  const { messageId, correlationId, causationId, eventType, tenantId, sentAt, foreign } = envelope;
  assert.deepEqual(
    { messageId, correlationId, causationId, eventType, tenantId, sentAt, foreign },
    {
      messageId: '08de3a6f-1c01-4d36-9f0e-000000000002',
      correlationId: '4bf92f3577b34da6a3ce929d0e0e4736',
      causationId: '08de3a6f-1c01-4d36-9f0e-000000000001',
      eventType: 'Shop.Messages.OrderPlaced',
      tenantId: 'acme',
      sentAt: Date.UTC(2026, 3, 29, 22, 8, 58, 850),
      foreign: {
        issuer: 'wolverine',
        correlation_id: '4bf92f3577b34da6a3ce929d0e0e4736',
        message_id: '08de3a6f-1c01-4d36-9f0e-000000000002',
      },
    },
  );
});

test('a message that begins a conversation names itself, and is not its own cause', () => {
  assert.equal(read({ ...WOLVERINE_HEADERS, 'conversation-id': WOLVERINE_HEADERS['id'] })?.causationId, null);
  const { 'conversation-id': _, ...bare } = WOLVERINE_HEADERS;
  assert.equal(read(bare)?.causationId, null);
});

test('a retry is the same message', () => {
  assert.deepEqual(read({ ...WOLVERINE_HEADERS, attempts: '3' }), read(WOLVERINE_HEADERS));
});

test('on AMQP, where id, workflow and type are properties, the message is the same', () => {
  const { id, 'correlation-id': correlationId, 'message-type': type, ...headers } = WOLVERINE_HEADERS;
  assert.deepEqual(read({ messageId: id, correlationId, type, ...headers }), read(WOLVERINE_HEADERS));
});

test('without a correlation id a message is its own workflow', () => {
  const { 'correlation-id': _, ...bare } = WOLVERINE_HEADERS;
  assert.equal(read(bare)?.correlationId, WOLVERINE_HEADERS['id']);
});

test('a sender from before the protocol version is known by its own names; an id alone is anybody’s', () => {
  const { 'wolverine-protocol-version': _, ...old } = WOLVERINE_HEADERS;
  assert.deepEqual(read(old), read(WOLVERINE_HEADERS));
  const { 'conversation-id': __, ...anybody } = old;
  assert.equal(read(anybody), null);
  assert.equal(read({ id: '1', 'conversation-id': '2', 'correlation-id': '3' }), null, 'a chat may have that');
});

test('the default tenant is nobody', () => {
  assert.equal(read({ ...WOLVERINE_HEADERS, 'tenant-id': '*DEFAULT*' })?.tenantId, null);
});

test('the parent is its W3C parent, where no tracer has written one', () => {
  assert.equal(read(WOLVERINE_HEADERS)?.traceHeaders.traceparent, TRACEPARENT);
  const other = { traceparent: TRACEPARENT.replace('4bf9', 'aaaa') };
  assert.equal(wolverine.read(WOLVERINE_HEADERS, other)?.traceHeaders, other);
  const baggage = { baggage: 'k=v' };
  assert.deepEqual(wolverine.read(WOLVERINE_HEADERS, baggage)?.traceHeaders, {
    traceparent: TRACEPARENT,
    tracestate: undefined,
    baggage: 'k=v',
  });
  assert.equal(read({ ...WOLVERINE_HEADERS, 'parent-id': '|hierarchical.1.2.' })?.traceHeaders.traceparent, undefined);
});

const TIMES: [text: unknown, sentAt: number | null][] = [
  ['2026-04-29 22:08:58:850190 Z', Date.UTC(2026, 3, 29, 22, 8, 58, 850)],
  ['2026-04-29T22:08:58.8501907+00:00', Date.UTC(2026, 3, 29, 22, 8, 58, 850)],
  ['2026-04-29T22:08:58.8501907+02:00', Date.UTC(2026, 3, 29, 20, 8, 58, 850)],
  ['0001-01-01 00:00:00:000000 Z', null],
  ['2026-04-29T22:08:58.8501907', null],
  ['soon', null],
  [7, null],
];

for (const [text, sentAt] of TIMES) {
  test(`the time ${JSON.stringify(text)} is ${sentAt}`, () => {
    assert.equal(read({ ...WOLVERINE_HEADERS, 'sent-at': text })?.sentAt, sentAt);
  });
}

test('to it goes the workflow, and nothing that it acts on', () => {
  assert.deepEqual(wolverine.write?.(anEnvelope()), { 'correlation-id': 'req_7' });
});
