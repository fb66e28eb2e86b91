import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dialect, ForeignCarrier } from '../../src/core/dialect.ts';
import { celery } from '../../src/dialects/celery.ts';
import { nServiceBus } from '../../src/dialects/nservicebus.ts';
import { wolverine } from '../../src/dialects/wolverine.ts';
import { type Carrier, readHeaders, writeHeaders } from '../../src/layouts/headers.ts';
import { knownWaybill } from '../known-waybill.ts';

/** A service of a foreign system that handles a message of ours and sends one of its own, as that system does. */
interface ForeignService {
  readonly dialect: Dialect;
  /** What the app writes itself, so that the system takes its message at all. */
  readonly appHeaders: (messageId: string) => Carrier;
  /** The id under which it knows our message; `theirs` where the transport or the system gives one. */
  readonly knows: 'ours' | 'theirs';
  readonly answer: (inbound: Carrier, nativeId: string) => ForeignCarrier;
}

const THEIRS = '6f1c1c9e-2f57-4d36-9f0e-b43b016d03f0';
const SERVICES: readonly ForeignService[] = [
  {
    dialect: nServiceBus,
    appHeaders: () => ({ 'NServiceBus.EnclosedMessageTypes': 'Shop.Charge' }),
    knows: 'ours', // the app has given the transport our id
    answer: (inbound, nativeId) => ({
      'NServiceBus.MessageId': 'm-2',
      'NServiceBus.ConversationId': inbound['NServiceBus.ConversationId'] ?? 'their own',
      'NServiceBus.RelatedTo': inbound['NServiceBus.MessageId'] ?? nativeId,
      'NServiceBus.CorrelationId': inbound['NServiceBus.CorrelationId'] ?? nativeId,
    }),
  },
  {
    dialect: wolverine,
    appHeaders: () => ({ 'message-type': 'Shop.Charge' }),
    knows: 'theirs', // an id that is no GUID is replaced
    answer: (inbound, nativeId) => ({
      'wolverine-protocol-version': '1.0',
      id: 'm-2',
      'correlation-id': inbound['correlation-id'] ?? 'their own',
      'conversation-id': inbound['conversation-id'] ?? nativeId,
    }),
  },
  {
    dialect: celery,
    appHeaders: (messageId) => ({ lang: 'js', task: 'shop.charge', id: messageId }),
    knows: 'ours',
    answer: (inbound) => ({
      lang: 'py',
      task: 'shop.charged',
      id: 'm-2',
      root_id: inbound['root_id'] ?? inbound['id'],
      parent_id: inbound['id'],
    }),
  },
];

/** What our adapter makes of a message that arrives. */
const arrived = (carrier: ForeignCarrier) => ({
  system: 'rabbitmq',
  destination: 'replies',
  envelope: readHeaders(Object.fromEntries(Object.entries(carrier).map(([name, value]) => [name, String(value)]))),
  carrier,
});

for (const { dialect, appHeaders, knows, answer } of SERVICES) {
  test(`a workflow that passes through ${dialect.name} and comes back is one, and each message knows its cause`, () => {
    const { waybill, of } = knownWaybill({ dialects: [dialect], destinations: { theirs: { dialect } } });
    const send = (destination: string) =>
      waybill.produce({ system: 'rabbitmq', destination, eventType: 'charge' }, (envelope) =>
        writeHeaders(envelope, appHeaders(envelope.messageId)),
      );
    const outbound = waybill.ingress({ operation: 'checkout' }).run(() => send('theirs'));
    const theirs = answer(outbound, knows === 'ours' ? 'msg_1' : THEIRS);
    waybill.consume(arrived(theirs), () => send('ours'));

    const causes = [...of('sent'), ...of('started')].map(({ message_id, correlation_id, causation_id }) => [
      message_id,
      correlation_id,
      causation_id,
    ]);
    assert.deepEqual(causes, [
      ['msg_1', 'req_1', 'req_1'],
      ['msg_2', 'req_1', 'm-2'],
      ['req_1', 'req_1', null],
      ['m-2', 'req_1', knows === 'ours' ? 'msg_1' : THEIRS],
    ]);
    assert.deepEqual(of('gap'), []);
  });

  test(`what the app has written for ${dialect.name} stays as it is`, () => {
    const { waybill } = knownWaybill({ destinations: { theirs: { dialect } } });
    const own = Object.fromEntries(
      Object.keys(dialect.write?.(someEnvelope()) ?? {}).map((name) => [name, 'the app’s']),
    );
    assert.ok(Object.keys(own).length > 0);
    waybill.produce({ system: 'rabbitmq', destination: 'theirs' }, (envelope) => {
      const written = writeHeaders(envelope, { ...own });
      for (const [name, value] of Object.entries(own)) assert.equal(written[name], value);
    });
  });
}

function someEnvelope() {
  return knownWaybill().waybill.prepare({ system: 'rabbitmq', destination: 'a' }).envelope;
}

test('a message that carries our waybill is ours, whatever a foreign system has written beside it', () => {
  const { waybill, of } = knownWaybill({ dialects: [celery] });
  const carrier = waybill
    .ingress({ operation: 'checkout' })
    .run(() =>
      waybill.produce({ system: 'rabbitmq', destination: 'replies' }, (envelope) =>
        writeHeaders(envelope, { lang: 'py', task: 'a', id: 'theirs', root_id: 'theirs' }),
      ),
    );
  waybill.consume(arrived(carrier), () => {});
  const [, started] = of('started');
  assert.deepEqual([started?.message_id, started?.correlation_id, started?.foreign], ['msg_1', 'req_1', undefined]);
});
