import type { Millis } from 'waybill';
import type { Claim } from '../evidence.ts';

export type SegmentKind =
  | 'scheduled'
  | 'queued'
  | 'awaiting_children'
  | 'run'
  | 'backoff'
  | 'parked'
  | 'lease_lost'
  | 'unaccounted'
  | 'skipped';

/** A stretch of a message's time. `ms` below zero is a disagreement of clocks: kept as it is, never clamped. */
export interface Segment extends Claim {
  readonly kind: SegmentKind;
  readonly from: Millis;
  readonly to: Millis;
  readonly ms: number;
  /** The execution that it is, or that it came before; null for a wait that nothing has ended yet. */
  readonly executionId: string | null;
}

/** Adds stretch to stretch: whatever their kinds are, from the begin to the end they leave nothing out. */
export class Parts {
  readonly segments: Segment[] = [];
  #at: Millis;

  constructor(begin: Millis) {
    this.#at = begin;
  }

  add(kind: SegmentKind, to: Millis, executionId: string | null, { evidence, because_facts }: Claim): void {
    const [from, ms] = [this.#at, to - this.#at];
    this.#at = to;
    if (ms === 0) return;
    // Two clocks made a negative one, and which of them is wrong no fact says.
    const own = ms < 0 && evidence === 'observed' ? 'inferred' : evidence;
    this.segments.push({ kind, from, to, ms, executionId, evidence: own, because_facts });
  }
}
