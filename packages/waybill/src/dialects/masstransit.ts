import { type Dialect, type ForeignCarrier, foreignEnvelope, foreignText } from '../core/dialect.ts';

const ORIGINAL_MESSAGE_ID = 'MT-OriginalMessageId';
const URN_PREFIX = 'urn:message:';

/**
 * Names as in MassTransit 8.5 (`MessageHeaders.cs`, `JsonMessageEnvelope.cs`, `RawMessageSerializer.cs`): the fields of
 * its JSON envelope, which is the message's body, or the headers that raw JSON, Kafka and Event Hubs have instead.
 *
 * Writes nothing: MassTransit takes nothing but GUIDs for these ids. Among headers another text is ignored; in an
 * envelope it throws, and the message goes to the error queue.
 */
export const massTransit: Dialect = {
  name: 'masstransit',
  read(carrier, traceHeaders) {
    const named = ofEnvelope(carrier) ?? ofHeaders(carrier);
    if (named === null) return null;
    // A scheduled redelivery is a retry under a new id, and names the first.
    const messageId = named.originalMessageId ?? named.messageId;
    return foreignEnvelope(
      {
        messageId,
        correlationId: named.conversationId ?? messageId,
        eventType: named.messageType?.startsWith(URN_PREFIX)
          ? named.messageType.slice(URN_PREFIX.length)
          : named.messageType,
        sentAt: timeOf(named.sentTime),
        foreign: {
          issuer: 'masstransit',
          // What the InitiatorId of the messages that this one causes will be.
          correlation_id: named.correlationId ?? named.requestId ?? messageId,
          message_id: messageId,
          // It names no message but whatever shares that correlation id: the cause is the ledger's to infer.
          initiator_id: named.initiatorId,
        },
      },
      traceHeaders,
    );
  },
};

interface Named {
  readonly messageId: string;
  readonly originalMessageId: string | undefined;
  readonly conversationId: string | undefined;
  readonly correlationId: string | undefined;
  readonly requestId: string | undefined;
  readonly initiatorId: string | undefined;
  readonly messageType: string | undefined;
  readonly sentTime: string | undefined;
}

function ofEnvelope(carrier: ForeignCarrier): Named | null {
  const messageId = foreignText(carrier['messageId']);
  const types = carrier['messageType'];
  // Many a body has a messageId; the list of URNs is what all of theirs have.
  if (messageId === undefined || !Array.isArray(types)) return null;
  return {
    messageId,
    originalMessageId: originalIdOf(carrier['headers']),
    conversationId: foreignText(carrier['conversationId']),
    correlationId: foreignText(carrier['correlationId']),
    requestId: foreignText(carrier['requestId']),
    initiatorId: foreignText(carrier['initiatorId']),
    messageType: foreignText(types[0]),
    sentTime: foreignText(carrier['sentTime']),
  };
}

function originalIdOf(headers: unknown): string | undefined {
  if (typeof headers !== 'object' || headers === null || !(ORIGINAL_MESSAGE_ID in headers)) return undefined;
  return foreignText(headers[ORIGINAL_MESSAGE_ID]);
}

function ofHeaders(carrier: ForeignCarrier): Named | null {
  const messageId = foreignText(carrier['MessageId']);
  const conversationId = foreignText(carrier['ConversationId']);
  const types = foreignText(carrier['MT-MessageType']);
  if (messageId === undefined || (conversationId === undefined && types === undefined)) return null;
  return {
    messageId,
    originalMessageId: foreignText(carrier[ORIGINAL_MESSAGE_ID]),
    conversationId,
    correlationId: foreignText(carrier['CorrelationId']),
    requestId: foreignText(carrier['RequestId']),
    initiatorId: foreignText(carrier['MT-InitiatorId']),
    messageType: types?.split(';', 1)[0],
    sentTime: undefined,
  };
}

/** Without a zone it would be read as local time, and be wrong by hours. */
function timeOf(text: string | undefined): number | null {
  const at = text !== undefined && /^\d{4}-.*(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : 0;
  return at > 0 ? at : null;
}
