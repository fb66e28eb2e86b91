import { bindingsJsonOf } from './bindings.ts';
import type { Envelope } from './envelope.ts';
import type { ForeignIdentity } from './facts.ts';
import { wholeOrNone } from './identity-text.ts';
import { carriableId } from './ids.ts';
import type { TraceHeaders } from './w3c.ts';

/** A message's headers or fields as a foreign system wrote them: values of any type, names in its own case. */
export type ForeignCarrier = Readonly<Record<string, unknown>>;

/** How a foreign system names what we name, so that a workflow that crosses both stays one. */
export interface Dialect {
  /** As facts name the issuer of its ids. */
  readonly name: string;
  /** The identity in its own words; null where this is no message of that system. Never throws. */
  read(carrier: ForeignCarrier, traceHeaders: TraceHeaders): Envelope | null;
  /** Its own headers for a message that goes there; absent where writing them is not safe. */
  write?(envelope: Envelope): Readonly<Record<string, string>>;
}

/** What a dialect knows of a message. */
export interface ForeignMessage {
  readonly messageId: string;
  readonly correlationId: string;
  readonly causationId?: string | null | undefined;
  readonly eventType?: string | null | undefined;
  readonly tenantId?: string | null | undefined;
  /** Unix ms. */
  readonly sentAt?: number | null | undefined;
  readonly bindings?: Readonly<Record<string, unknown>> | undefined;
  readonly foreign: ForeignIdentity;
}

/** The envelope of a message whose sender knows nothing of our rules: its trace mode is not stamped. */
export function foreignEnvelope(message: ForeignMessage, traceHeaders: TraceHeaders): Envelope {
  return {
    messageId: carriableId(message.messageId),
    correlationId: carriableId(message.correlationId),
    causationId: message.causationId == null ? null : carriableId(message.causationId),
    traceId: null,
    traceHeaders,
    tenantId: wholeOrNone(message.tenantId),
    operation: null,
    eventType: wholeOrNone(message.eventType),
    businessKey: null,
    byExecutionId: null,
    traceMode: null,
    traceReason: null,
    hop: 0,
    sentAt: message.sentAt ?? null,
    bindingsJson: message.bindings === undefined ? null : bindingsJsonOf(message.bindings),
    hiddenJson: null,
    foreign: message.foreign,
  };
}

/** A header's text; undefined where it is absent, empty, or of another type. Some clients hand out bytes. */
export function foreignText(value: unknown): string | undefined {
  const isBytes = value instanceof Uint8Array && value.byteLength <= FOREIGN_TEXT_LENGTH_MAX;
  const text = isBytes ? Buffer.from(value).toString('utf8') : value;
  return typeof text === 'string' && text !== '' && text.length <= FOREIGN_TEXT_LENGTH_MAX ? text : undefined;
}

/** Nobody's id is longer; it is hashed in any case. */
const FOREIGN_TEXT_LENGTH_MAX = 8192;

/** The envelope that the first dialect that knows this message makes of it. */
export function readDialects(
  dialects: readonly Dialect[],
  carrier: ForeignCarrier,
  traceHeaders: TraceHeaders,
): Envelope | null {
  for (const dialect of dialects) {
    try {
      const envelope = dialect.read(carrier, traceHeaders);
      if (envelope !== null) return envelope;
    } catch {
      // One of the app's own may throw; the next may know the message.
    }
  }
  return null;
}

/** The headers that a dialect wants beside ours; none where it fails. */
export function writeDialect(dialect: Dialect, envelope: Envelope): Readonly<Record<string, string>> | undefined {
  try {
    return dialect.write?.(envelope);
  } catch {
    return undefined;
  }
}
