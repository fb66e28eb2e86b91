import type { Settlement } from '../core/delivery.ts';
import type { ExecutionStart } from '../core/tracing.ts';
import type { Bridged } from './bridged.ts';
import { type OtelContext, type OtelLink, SPAN_KIND } from './opentelemetry-api.ts';
import { messagingAttributes } from './span-attributes.ts';

/** Where the consumer itself asks for messages, the asking is a span of its own, linked to what came. */
export function recordReceive({ api, tracer }: Bridged, { place, envelope }: ExecutionStart, links: OtelLink[]): void {
  const { askedAt, destination, isTraced } = place;
  if (askedAt === undefined || isTraced) return;
  const attributes = messagingAttributes(envelope, undefined, place, 'receive');
  const options = { kind: SPAN_KIND.client, attributes, links, startTime: askedAt };
  tracer.startSpan(`receive ${destination}`, options, api.context.active()).end();
}

/** What lies between the handler's end and the transport's word: asked for, because it doubles a consumer's spans. */
export function recordSettle(
  { tracer, hasSettleSpans }: Bridged,
  { place, envelope, executionId, edge }: ExecutionStart,
  { by = 'settle' }: Settlement,
  within: OtelContext,
  endedAt: number | undefined,
): void {
  if (!hasSettleSpans || edge !== undefined || endedAt === undefined) return;
  const attributes = messagingAttributes(envelope, executionId, place, 'settle', by);
  const options = { kind: SPAN_KIND.client, attributes, startTime: endedAt };
  tracer.startSpan(`${by} ${place.destination}`, options, within).end();
}
