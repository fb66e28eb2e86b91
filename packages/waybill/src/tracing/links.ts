import type { ExecutionStart } from '../core/tracing.ts';
import type { OtelAttributes, OtelLink, OtelSpanContext } from './opentelemetry-api.ts';
import { ATTRIBUTE } from './span-attributes.ts';
import { remoteSpanOf } from './span-context.ts';

/** Tracers keep no more: of a batch only so many messages are linked. */
const LINKS_MAX = 128;

/** In which span the message was created; undefined for a batch, whose messages have one each. */
export function creationSpan({ inbound }: ExecutionStart): OtelSpanContext | undefined {
  const [only] = inbound;
  return only === undefined || inbound.length > 1 ? undefined : remoteSpanOf(only);
}

/** Links to where the messages were created, and of an operator's replay to where it was ordered; each with its reason. */
export function creationLinks({ inbound, envelope }: ExecutionStart, reason: string): OtelLink[] {
  const links = inbound.slice(0, LINKS_MAX).flatMap((headers) => {
    const context = remoteSpanOf(headers);
    return context === undefined ? [] : [{ context, attributes: reasonOf(reason) }];
  });
  const ordered = remoteSpanOf({ traceparent: envelope?.relations?.replay?.traceparent });
  if (ordered !== undefined) links.push({ context: ordered, attributes: reasonOf('operator') });
  return links;
}

export function reasonOf(reason: string | null | undefined): OtelAttributes {
  return reason == null ? {} : { [ATTRIBUTE.linkReason]: reason };
}
