import { type Envelope, type Gap, isEnvelope, type Unusable } from './envelope.ts';
import type { GapReason } from './facts.ts';
import type { Kernel } from './kernel.ts';
import { type Place, rareFact } from './rare-fact.ts';

/** Where context should have been, and was not. */
export function recordGap(
  kernel: Kernel,
  envelope: Envelope,
  place: Place,
  at: number,
  reason: GapReason,
  missing: readonly string[],
  from: string | null,
  traceparent?: string | undefined,
): void {
  kernel.metering?.gap(place, reason);
  if (!kernel.isRecording) return;
  const edge = { from, to: place.destination };
  const gap = traceparent === undefined ? { reason, missing, edge } : { reason, missing, edge, traceparent };
  kernel.record({ kind: 'gap', ...rareFact(kernel, envelope, place, at), gap });
}

/** The headers that were looked for and not found, or not usable. */
const ALL_MISSING = ['waybill', 'traceparent'];
const WAYBILL_MISSING = ['waybill'];

/** What came without the context that it should have had. A waybill that is there and broken says more than its absence. */
export function recordLoss(
  kernel: Kernel,
  envelope: Envelope,
  place: Place,
  carried: Envelope | Gap,
  reason: GapReason,
  at: number,
): void {
  const traceparent = typeof carried === 'object' ? carried.traceHeaders.traceparent : undefined;
  const missing = isEnvelope(carried) ? NOTHING_MISSING : traceparent !== undefined ? WAYBILL_MISSING : ALL_MISSING;
  const said = unusableOf(carried) ?? reason;
  recordGap(kernel, envelope, place, at, said, missing, null, NAMES_SENDER.has(said) ? traceparent : undefined);
}

/** Gaps where the span that sent it is all that is left to tell who did. */
const NAMES_SENDER: ReadonlySet<GapReason> = new Set(['w3c_only', 'partial']);

/** It was all there, and not believed. */
const NOTHING_MISSING: readonly string[] = [];

function unusableOf(carried: Envelope | Gap): Unusable | undefined {
  if (typeof carried === 'string') return carried === 'absent' ? undefined : carried;
  return isEnvelope(carried) ? undefined : carried.unusable;
}
