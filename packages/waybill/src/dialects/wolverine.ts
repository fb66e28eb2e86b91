import { type Dialect, type ForeignCarrier, foreignEnvelope, foreignText } from '../core/dialect.ts';
import { readTraceHeaders, type TraceHeaders } from '../core/w3c.ts';

const CORRELATION_ID = 'correlation-id';
const NO_TENANT = '*DEFAULT*';

/**
 * Names as in Wolverine 6.29 (`EnvelopeConstants.cs`, `EnvelopeMapper.cs`); `wolverine-protocol-version` is written
 * since June 2023. On AMQP it keeps id, correlation id and message type in the properties `messageId`, `correlationId`
 * and `type`. A retry keeps the id, and counts in `attempts`.
 *
 * The conversation id is what comes nearest to a cause: on the first message of a chain it is its own id, on all that
 * follow the id of that first one. So beyond the second message it names an ancestor, and those between are not known.
 */
export const wolverine: Dialect = {
  name: 'wolverine',
  read(carrier, traceHeaders) {
    const messageId = foreignText(carrier['id']) ?? foreignText(carrier['messageId']);
    if (messageId === undefined || !isWolverine(carrier)) return null;
    const correlationId = foreignText(carrier[CORRELATION_ID]) ?? foreignText(carrier['correlationId']) ?? messageId;
    const conversationId = foreignText(carrier['conversation-id']);
    const tenantId = foreignText(carrier['tenant-id']);
    return foreignEnvelope(
      {
        messageId,
        correlationId,
        causationId: conversationId === messageId ? null : conversationId,
        eventType: foreignText(carrier['message-type']) ?? foreignText(carrier['type']),
        tenantId: tenantId === NO_TENANT ? null : tenantId,
        sentAt: timeOf(foreignText(carrier['sent-at'])),
        foreign: { issuer: 'wolverine', correlation_id: correlationId, message_id: messageId },
      },
      withParent(traceHeaders, foreignText(carrier['parent-id'])),
    );
  },
  // It is text, handed on to whatever the message causes. The others are acted on: the inbox de-duplicates by the id,
  // a reply finds its listener by the conversation id (both only GUIDs), and the tenant chooses the database.
  write({ correlationId }) {
    return { [CORRELATION_ID]: correlationId };
  },
};

/** Names like `id` are anybody's. */
function isWolverine(carrier: ForeignCarrier): boolean {
  if (foreignText(carrier['wolverine-protocol-version']) !== undefined) return true;
  return foreignText(carrier['conversation-id']) !== undefined && foreignText(carrier['message-type']) !== undefined;
}

/** Its tracer writes the W3C parent under a name of its own. */
function withParent(traceHeaders: TraceHeaders, parentId: string | undefined): TraceHeaders {
  if (traceHeaders.traceparent !== undefined || parentId === undefined) return traceHeaders;
  return readTraceHeaders(parentId, undefined, traceHeaders.baggage);
}

/** `yyyy-MM-dd HH:mm:ss:ffffff Z` from its transports, RFC 3339 from its own serializer. */
function timeOf(text: string | undefined): number | null {
  const [, date, time, fraction, zone] =
    /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)[:.](\d{1,7}) ?(Z|[+-]\d\d:\d\d)$/.exec(text ?? '') ?? [];
  const at = Date.parse(`${date}T${time}.${fraction}${zone}`);
  return at > 0 ? at : null;
}
