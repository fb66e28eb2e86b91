import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ForeignCarrier } from '../../src/core/dialect.ts';
import { NO_TRACE_HEADERS } from '../../src/core/w3c.ts';
import { nServiceBus } from '../../src/dialects/nservicebus.ts';
import { anEnvelope } from '../known-waybill.ts';
import { NSERVICEBUS_REPLY } from './foreign-messages.ts';

const read = (carrier: ForeignCarrier) => nServiceBus.read(carrier, NO_TRACE_HEADERS);

test('the conversation is the workflow, and the message it is related to the cause', () => {
  const envelope = read(NSERVICEBUS_REPLY);
  assert.ok(envelope);
  const { messageId, correlationId, causationId, eventType, sentAt, foreign } = envelope;
  assert.deepEqual(
    { messageId, correlationId, causationId, eventType, sentAt, foreign },
    {
      messageId: '32ac55a7-5a66-4ca4-94ec-b43b016d03f9',
      correlationId: '3a0fb0c4-8b60-4cad-a6db-b43b016d03ef',
      causationId: '6f1c1c9e-2f57-4d36-9f0e-b43b016d03f0',
      eventType: 'Shop.Messages.OrderPlaced',
      sentAt: Date.UTC(2026, 3, 29, 22, 8, 58, 850),
      foreign: {
        issuer: 'nservicebus',
        correlation_id: '0a96c254-e745-4296-b1a5-b43b016d03ee',
        message_id: '32ac55a7-5a66-4ca4-94ec-b43b016d03f9',
      },
    },
  );
});

test('a message from before correlation ids is found by its conversation', () => {
  const { 'NServiceBus.CorrelationId': _, ...old } = NSERVICEBUS_REPLY;
  assert.equal(read(old)?.foreign?.correlation_id, NSERVICEBUS_REPLY['NServiceBus.ConversationId']);
});

test('a retry, delayed or from the error queue, is the same message', () => {
  const delayed = {
    ...NSERVICEBUS_REPLY,
    'NServiceBus.Retries': '2',
    'NServiceBus.Retries.Timestamp': '2026-04-29 22:09:00:000000 Z',
  };
  const returned = {
    ...NSERVICEBUS_REPLY,
    'NServiceBus.FLRetries': '3',
    'ServiceControl.Retry.UniqueMessageId': 'a-b',
  };
  for (const retry of [delayed, returned]) assert.deepEqual(read(retry), read(NSERVICEBUS_REPLY));
});

test('a message sent outside every handler begins its conversation, and has no cause', () => {
  const { 'NServiceBus.RelatedTo': _, ...first } = NSERVICEBUS_REPLY;
  assert.equal(read(first)?.causationId, null);
});

test('without a conversation a message is its own workflow, whatever it replies to', () => {
  const { 'NServiceBus.ConversationId': _, ...bare } = NSERVICEBUS_REPLY;
  const envelope = read(bare);
  assert.equal(envelope?.correlationId, envelope?.messageId);
  assert.equal(envelope?.foreign?.correlation_id, '0a96c254-e745-4296-b1a5-b43b016d03ee');
});

const TYPES: [types: unknown, eventType: string | null][] = [
  ['Shop.OrderPlaced', 'Shop.OrderPlaced'],
  ['Shop.OrderPlaced;Shop.IEvent', 'Shop.OrderPlaced'],
  [' Shop.OrderPlaced , Shop, Version=1.0.0.0', 'Shop.OrderPlaced'],
  ['Shop.Orders+Placed, Shop', 'Shop.Orders+Placed'],
  ['Shop.Changed`1[[Shop.Order, Shop, Version=1.0.0.0]], Shop', 'Shop.Changed`1[[Shop.Order, Shop, Version=1.0.0.0]]'],
  ['Shop.Changed`1[[Shop.Order, Shop', 'Shop.Changed`1[[Shop.Order, Shop'],
  ['x'.repeat(129), null],
  [', Shop', null],
  [';', null],
  [' ', null],
  ['', null],
  [7, null],
  [undefined, null],
];

for (const [types, eventType] of TYPES) {
  test(`the message type ${JSON.stringify(types)?.slice(0, 70)} is the event type ${eventType}`, () => {
    assert.equal(read({ ...NSERVICEBUS_REPLY, 'NServiceBus.EnclosedMessageTypes': types })?.eventType, eventType);
  });
}

const TIMES: [text: unknown, sentAt: number | null][] = [
  ['2026-04-29 22:08:58:850190 Z', Date.UTC(2026, 3, 29, 22, 8, 58, 850)],
  ['1969-12-31 23:59:59:999999 Z', null],
  ['0001-01-01 00:00:00:000000 Z', null],
  ['2026-13-29 22:08:58:850190 Z', null],
  ['2026-04-29T22:08:58.850190Z', null],
  ['2026-04-29 22:08:58:850190', null],
  ['', null],
  [1_777_500_538_850, null],
];

for (const [text, sentAt] of TIMES) {
  test(`the time ${JSON.stringify(text)} is ${sentAt}`, () => {
    assert.equal(read({ ...NSERVICEBUS_REPLY, 'NServiceBus.TimeSent': text })?.sentAt, sentAt);
  });
}

test('to an endpoint go the conversation and the cause, and nothing that it de-duplicates or replies by', () => {
  assert.deepEqual(nServiceBus.write?.(anEnvelope()), {
    'NServiceBus.ConversationId': 'req_7',
    'NServiceBus.RelatedTo': 'msg_8',
  });
  assert.deepEqual(nServiceBus.write?.(anEnvelope({ causationId: null })), { 'NServiceBus.ConversationId': 'req_7' });
});
