import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ForeignCarrier } from '../../src/core/dialect.ts';
import { NO_TRACE_HEADERS } from '../../src/core/w3c.ts';
import { massTransit } from '../../src/dialects/masstransit.ts';
import { MASSTRANSIT_ENVELOPE, MASSTRANSIT_HEADERS } from './foreign-messages.ts';

const read = (carrier: ForeignCarrier) => massTransit.read(carrier, NO_TRACE_HEADERS);
const FORMS = [
  ['in its envelope', MASSTRANSIT_ENVELOPE],
  ['among headers', MASSTRANSIT_HEADERS],
] as const;

for (const [where, carrier] of FORMS) {
  test(`${where}, the conversation is the workflow; what initiated the message is for the ledger to join`, () => {
    const envelope = read(carrier);
    assert.ok(envelope);
    const { messageId, correlationId, causationId, eventType, foreign } = envelope;
    assert.deepEqual(
      { messageId, correlationId, causationId, eventType, foreign },
      {
        messageId: '64240000-2b15-0015-5b3a-08de3a6f1c01',
        correlationId: '64240000-2b15-0015-9c44-08de3a6f1c02',
        causationId: null,
        eventType: 'Shop.Messages:OrderPlaced',
        foreign: {
          issuer: 'masstransit',
          correlation_id: 'd2719a3e-5c2b-4a55-9a83-64fd0f3c1e11',
          message_id: '64240000-2b15-0015-5b3a-08de3a6f1c01',
          initiator_id: 'aa11bb22-0000-4000-8000-64fd0f3c1e12',
        },
      },
    );
  });
}

test('what a message is initiated by is what its initiator says of itself', () => {
  const { correlationId: _, ...request } = MASSTRANSIT_ENVELOPE;
  assert.equal(read(request)?.foreign?.correlation_id, MASSTRANSIT_ENVELOPE['requestId'], 'a request has no other');
  const { requestId: __, ...plain } = request;
  assert.equal(read(plain)?.foreign?.correlation_id, MASSTRANSIT_ENVELOPE['messageId']);
  const { CorrelationId: ___, ...headers } = MASSTRANSIT_HEADERS;
  assert.equal(read({ ...headers, RequestId: 'r-1' })?.foreign?.correlation_id, 'r-1');
});

test('a scheduled redelivery has a new id, and is the message that it was', () => {
  const first = MASSTRANSIT_ENVELOPE['messageId'];
  const headers = { 'MT-OriginalMessageId': first, 'MT-Redelivery-Count': 1 };
  const again = read({ ...MASSTRANSIT_ENVELOPE, messageId: 'another', headers });
  assert.deepEqual(again, read(MASSTRANSIT_ENVELOPE));
  const flat = read({ ...MASSTRANSIT_HEADERS, MessageId: 'another', 'MT-OriginalMessageId': first });
  assert.deepEqual(flat, read(MASSTRANSIT_HEADERS));
});

test('without a conversation a message is its own workflow, also when it was redelivered', () => {
  const { conversationId: _, ...bare } = MASSTRANSIT_ENVELOPE;
  const again = { ...bare, messageId: 'another', headers: { 'MT-OriginalMessageId': bare['messageId'] } };
  for (const carrier of [bare, again]) assert.equal(read(carrier)?.correlationId, MASSTRANSIT_ENVELOPE['messageId']);
  const alone = { ...again, correlationId: null, requestId: null };
  assert.equal(read(alone)?.foreign?.correlation_id, MASSTRANSIT_ENVELOPE['messageId']);
});

test('headers that are none say nothing of an original', () => {
  for (const headers of [null, undefined, 7, 'text', [], {}, { 'MT-OriginalMessageId': 7 }])
    assert.equal(read({ ...MASSTRANSIT_ENVELOPE, headers })?.messageId, MASSTRANSIT_ENVELOPE['messageId']);
});

test('a body or headers that only look like it are none', () => {
  for (const carrier of [
    { messageId: '1', conversationId: '2', message: {} },
    { messageId: '1', messageType: 'order.created' },
    { MessageId: '1' },
    { MessageId: '1', CorrelationId: '2' },
    { ConversationId: '1', 'MT-MessageType': 'urn:message:A' },
  ])
    assert.equal(read(carrier), null);
});

const TYPES: [types: readonly unknown[], eventType: string | null][] = [
  [['urn:message:Shop:Orders+Placed'], 'Shop:Orders+Placed'],
  [['urn:message:MassTransit:Fault[[Shop:OrderPlaced]]'], 'MassTransit:Fault[[Shop:OrderPlaced]]'],
  [['order-placed'], 'order-placed'],
  [['urn:message:'], null],
  [[], null],
  [[null], null],
  [[['urn:message:A']], null],
];

for (const [types, eventType] of TYPES) {
  test(`the message types ${JSON.stringify(types)} are the event type ${eventType}`, () => {
    assert.equal(read({ ...MASSTRANSIT_ENVELOPE, messageType: types })?.eventType, eventType);
  });
}

const TIMES: [text: unknown, sentAt: number | null][] = [
  ['2026-04-29T22:08:58.8501907Z', Date.UTC(2026, 3, 29, 22, 8, 58, 850)],
  ['2026-04-29T22:08:58Z', Date.UTC(2026, 3, 29, 22, 8, 58)],
  ['2026-04-29T22:08:58.85+02:00', Date.UTC(2026, 3, 29, 20, 8, 58, 850)],
  ['2026-04-29T22:08:58.8501907', null],
  ['0001-01-01T00:00:00Z', null],
  ['yesterday', null],
  [{}, null],
];

for (const [text, sentAt] of TIMES) {
  test(`the time ${JSON.stringify(text)} is ${sentAt}`, () => {
    assert.equal(read({ ...MASSTRANSIT_ENVELOPE, sentTime: text })?.sentAt, sentAt);
  });
}

test('nothing is written for it: it refuses an id that is no GUID', () => {
  assert.equal(massTransit.write, undefined);
});
