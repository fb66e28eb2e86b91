import type { GapFact } from 'waybill';

/** The span that sent a message which came with W3C headers alone. */
interface SenderSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Otherwise its tracer kept nothing of it, and so nothing can be derived. */
  readonly isSampled: boolean;
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/;

export function senderSpanOf(gaps: readonly GapFact[]): SenderSpan | null {
  for (const { gap } of gaps) {
    const [, traceId, spanId, flags] = TRACEPARENT.exec(gap.traceparent ?? '') ?? [];
    if (traceId === undefined || spanId === undefined || flags === undefined) continue;
    return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
  }
  return null;
}
