import { type Dialect, foreignEnvelope, foreignText } from '../core/dialect.ts';

const MESSAGE_ID = 'NServiceBus.MessageId';
const CORRELATION_ID = 'NServiceBus.CorrelationId';
const CONVERSATION_ID = 'NServiceBus.ConversationId';
const RELATED_TO = 'NServiceBus.RelatedTo';
const ENCLOSED_MESSAGE_TYPES = 'NServiceBus.EnclosedMessageTypes';
const TIME_SENT = 'NServiceBus.TimeSent';

/**
 * Names and forms as in NServiceBus 10.2 (`Headers.cs`, `DateTimeOffsetHelper.cs`, `MessageMetadata.cs`) and on its
 * page "Message Headers", which has them from version 5 on. `MessageId` stays through immediate and delayed retries
 * (`NServiceBus.FLRetries`, `NServiceBus.Retries`) and a return from the error queue; the transport's own id does not.
 */
export const nServiceBus: Dialect = {
  name: 'nservicebus',
  read(carrier, traceHeaders) {
    const messageId = foreignText(carrier[MESSAGE_ID]);
    if (messageId === undefined) return null;
    const conversationId = foreignText(carrier[CONVERSATION_ID]);
    const correlationId = foreignText(carrier[CORRELATION_ID]) ?? conversationId ?? messageId;
    return foreignEnvelope(
      {
        messageId,
        correlationId: conversationId ?? messageId,
        causationId: foreignText(carrier[RELATED_TO]),
        eventType: firstTypeOf(foreignText(carrier[ENCLOSED_MESSAGE_TYPES])),
        sentAt: timeOf(foreignText(carrier[TIME_SENT])),
        foreign: { issuer: 'nservicebus', correlation_id: correlationId, message_id: messageId },
      },
      traceHeaders,
    );
  },
  // Both are text that an endpoint passes on or shows, and acts on in no way. MessageId is the key of its outbox, and
  // where it is missing the transport's id stands in, which may be one that the app chose for de-duplication.
  // CorrelationId pairs a reply with its request.
  write({ correlationId, causationId }) {
    return { [CONVERSATION_ID]: correlationId, ...(causationId !== null && { [RELATED_TO]: causationId }) };
  },
};

/** `Ns.Type, Assembly, Version=…;Ns.Base, …`: the concrete type is the first. Commas in brackets are of type arguments. */
function firstTypeOf(types: string | undefined): string | undefined {
  if (types === undefined) return undefined;
  let depth = 0;
  for (let at = 0; at < types.length; at++) {
    const letter = types[at];
    if (letter === '[') depth++;
    else if (letter === ']') depth--;
    else if (depth === 0 && (letter === ',' || letter === ';')) return types.slice(0, at).trim();
  }
  return types.trim();
}

/** `yyyy-MM-dd HH:mm:ss:ffffff Z`, always UTC, and no RFC 3339. */
function timeOf(text: string | undefined): number | null {
  const [, date, time, millis] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d):(\d{3})\d{3} Z$/.exec(text ?? '') ?? [];
  const at = Date.parse(`${date}T${time}.${millis}Z`);
  return at > 0 ? at : null;
}
