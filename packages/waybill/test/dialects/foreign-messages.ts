import type { Dialect, ForeignCarrier } from '../../src/core/dialect.ts';
import { celery } from '../../src/dialects/celery.ts';
import { massTransit } from '../../src/dialects/masstransit.ts';
import { nServiceBus } from '../../src/dialects/nservicebus.ts';
import { sidekiq } from '../../src/dialects/sidekiq.ts';
import { wolverine } from '../../src/dialects/wolverine.ts';

/** A message as a foreign system writes it. Where it has two forms, there are two. */
export interface ForeignMessageSample {
  readonly what: string;
  readonly dialect: Dialect;
  readonly carrier: ForeignCarrier;
  /** The name of the field that is its id. */
  readonly idField: string;
}

export const NSERVICEBUS_REPLY: ForeignCarrier = {
  '$.diagnostics.originating.hostid': 'daaf5ebc8d6a51b7b0dccdd8b15c3626',
  'NServiceBus.ContentType': 'application/json',
  'NServiceBus.ConversationId': '3a0fb0c4-8b60-4cad-a6db-b43b016d03ef',
  'NServiceBus.CorrelationId': '0a96c254-e745-4296-b1a5-b43b016d03ee',
  'NServiceBus.EnclosedMessageTypes':
    'Shop.Messages.OrderPlaced, Shop.Messages, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null;Shop.Messages.IEvent, Shop.Messages',
  'NServiceBus.MessageId': '32ac55a7-5a66-4ca4-94ec-b43b016d03f9',
  'NServiceBus.MessageIntent': 'Reply',
  'NServiceBus.OriginatingEndpoint': 'Sales',
  'NServiceBus.RelatedTo': '6f1c1c9e-2f57-4d36-9f0e-b43b016d03f0',
  'NServiceBus.ReplyToAddress': 'Sales',
  'NServiceBus.TimeSent': '2026-04-29 22:08:58:850190 Z',
  'NServiceBus.Version': '10.2.0',
};

export const MASSTRANSIT_ENVELOPE: ForeignCarrier = {
  messageId: '64240000-2b15-0015-5b3a-08de3a6f1c01',
  requestId: '64240000-2b15-0015-0000-08de3a6f1c09',
  correlationId: 'd2719a3e-5c2b-4a55-9a83-64fd0f3c1e11',
  conversationId: '64240000-2b15-0015-9c44-08de3a6f1c02',
  initiatorId: 'aa11bb22-0000-4000-8000-64fd0f3c1e12',
  sourceAddress: 'rabbitmq://localhost/sales',
  destinationAddress: 'rabbitmq://localhost/billing',
  messageType: ['urn:message:Shop.Messages:OrderPlaced', 'urn:message:Shop.Messages:IEvent'],
  message: { orderId: 7, messageId: 'of the app' },
  sentTime: '2026-04-29T22:08:58.8501907Z',
  headers: {},
  host: { machineName: 'web-1', massTransitVersion: '8.5.8.0' },
};

export const MASSTRANSIT_HEADERS: ForeignCarrier = {
  MessageId: '64240000-2b15-0015-5b3a-08de3a6f1c01',
  CorrelationId: 'd2719a3e-5c2b-4a55-9a83-64fd0f3c1e11',
  ConversationId: '64240000-2b15-0015-9c44-08de3a6f1c02',
  'MT-InitiatorId': 'aa11bb22-0000-4000-8000-64fd0f3c1e12',
  'MT-MessageType': 'urn:message:Shop.Messages:OrderPlaced;urn:message:Shop.Messages:IEvent',
  'MT-Source-Address': 'loopback://localhost/sales',
  'MT-Host-Info': '{"machineName":"web-1"}',
};

export const WOLVERINE_HEADERS: ForeignCarrier = {
  'wolverine-protocol-version': '1.0',
  id: '08de3a6f-1c01-4d36-9f0e-000000000002',
  'correlation-id': '4bf92f3577b34da6a3ce929d0e0e4736',
  'conversation-id': '08de3a6f-1c01-4d36-9f0e-000000000001',
  'parent-id': '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  'content-type': 'application/json',
  source: 'Sales',
  'message-type': 'Shop.Messages.OrderPlaced',
  'tenant-id': 'acme',
  'sent-at': '2026-04-29 22:08:58:850190 Z',
  attempts: '0',
};

export const CELERY_HEADERS: ForeignCarrier = {
  lang: 'py',
  task: 'shop.tasks.charge',
  id: '3b1c6a54-6a5f-4a8c-8b8e-0d2f6f8b0002',
  shadow: null,
  eta: null,
  expires: null,
  group: null,
  group_index: null,
  retries: 0,
  timelimit: [null, null],
  root_id: '3b1c6a54-6a5f-4a8c-8b8e-0d2f6f8b0000',
  parent_id: '3b1c6a54-6a5f-4a8c-8b8e-0d2f6f8b0001',
  argsrepr: '(7,)',
  kwargsrepr: '{}',
  origin: 'gen41@web-1',
  ignore_result: false,
};

export const SIDEKIQ_JOB: ForeignCarrier = {
  retry: true,
  queue: 'default',
  class: 'ChargeJob',
  args: [7],
  jid: 'b4a577edbccf1d805744efa9',
  created_at: 1_777_500_538_850,
  enqueued_at: 1_777_500_539_000,
  cattr: [
    [{ _aj_serialized: 'ActiveJob::Serializers::SymbolSerializer', value: 'user_id' }, 16],
    [{ _aj_serialized: 'ActiveJob::Serializers::SymbolSerializer', value: 'plan' }, 'gold'],
  ],
};

export const FOREIGN_MESSAGES: readonly ForeignMessageSample[] = [
  { what: 'NServiceBus', dialect: nServiceBus, carrier: NSERVICEBUS_REPLY, idField: 'NServiceBus.MessageId' },
  { what: 'MassTransit, as a body', dialect: massTransit, carrier: MASSTRANSIT_ENVELOPE, idField: 'messageId' },
  { what: 'MassTransit, as headers', dialect: massTransit, carrier: MASSTRANSIT_HEADERS, idField: 'MessageId' },
  { what: 'Wolverine', dialect: wolverine, carrier: WOLVERINE_HEADERS, idField: 'id' },
  { what: 'Celery', dialect: celery, carrier: CELERY_HEADERS, idField: 'id' },
  { what: 'Sidekiq', dialect: sidekiq, carrier: SIDEKIQ_JOB, idField: 'jid' },
];
