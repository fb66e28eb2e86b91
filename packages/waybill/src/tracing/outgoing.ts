import { type OtelSpan, SPAN_KIND } from './opentelemetry-api.ts';
import { attributesOf, kindOf } from './sdk-span.ts';
import { ATTRIBUTE } from './span-attributes.ts';

/** What is being injected into, as far as the span beside it tells. */
export interface Outgoing {
  readonly what: 'message' | 'request' | 'unknown';
  readonly system: string;
  readonly destination: string;
  /** Of a request: whom it goes to. */
  readonly origin: string | undefined;
  /** Whether the span stands for this message alone. */
  readonly isOwnSpan: boolean;
}

/** An app that injects by hand does so beside whatever span it has: only an HTTP client's says that this is no message. */
export function outgoingOf(span: OtelSpan | undefined): Outgoing {
  const attributes = attributesOf(span);
  const text = (name: string) => (typeof attributes[name] === 'string' ? (attributes[name] as string) : undefined); // sound: just tested
  const system = text(ATTRIBUTE.system) ?? text(ATTRIBUTE.systemBefore) ?? 'unknown';
  const destination = text(ATTRIBUTE.destination) ?? text('messaging.destination') ?? 'unknown';
  const kind = kindOf(span);
  const isMessaging = kind === SPAN_KIND.producer || (kind === SPAN_KIND.client && system !== 'unknown');
  const place = { system, destination, origin: undefined };
  if (isMessaging) return { what: 'message', ...place, isOwnSpan: true };
  if (kind === SPAN_KIND.client) {
    const url = text('url.full') ?? text('http.url');
    const origin = url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined;
    return { what: 'request', system: 'http', destination: origin ?? 'unknown', origin, isOwnSpan: true };
  }
  const isKnown = span === undefined || kind !== undefined;
  return { what: isKnown ? 'message' : 'unknown', ...place, isOwnSpan: false };
}
