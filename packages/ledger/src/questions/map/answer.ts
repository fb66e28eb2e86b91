import type { Claim } from '../evidence.ts';
import type { Searched } from '../searched.ts';

/** The `data` of `waybill.map/1`: what talks to what. */
export interface MapData {
  readonly searched: Searched;
  /** From an ingress, a subscription or a dead-letter queue, to a destination; most messages first. */
  readonly edges: readonly MapEdge[];
  readonly not_shown: number;
  readonly subscriptions: readonly MapSubscription[];
  readonly dead_letters: readonly DeadLetters[];
  /** More was sent than was looked at: counts are at least so, and what is rare may be missing. */
  readonly is_at_least: boolean;
}

/** The claim is that it leads from there: across a gap that is inferred. */
export interface MapEdge extends Claim {
  /** A service, where it sent outside of every scope; null where context was lost, and nobody knows by whom. */
  readonly from: string | null;
  /** Where a subscription takes its messages from; null of what is none. */
  readonly from_destination: string | null;
  readonly to: string;
  readonly event_type: string | null;
  readonly messages: number;
  readonly is_gap: boolean;
  readonly is_replay: boolean;
}

/** Null is what nobody records. The claim is that of what it received. */
export interface MapSubscription extends Claim {
  readonly destination: string;
  /** Null while nobody is known to take messages from there. */
  readonly subscription: string | null;
  readonly received: number | null;
  readonly done: number | null;
  readonly waiting: number | null;
}

export interface DeadLetters {
  readonly from: string;
  /** Null where nobody said where they are put. */
  readonly to: string | null;
  readonly messages: number;
  readonly replayed: number;
}
