import type { Claim } from '../evidence.ts';
import type { Searched } from '../searched.ts';

/** The `data` of `waybill.map/1`: what talks to what. */
export interface MapData {
  readonly searched: Searched;
  /** From an ingress, a subscription or a dead-letter queue, to a destination. */
  readonly edges: readonly MapEdge[];
  readonly subscriptions: readonly MapSubscription[];
  readonly dead_letters: readonly DeadLetters[];
}

/** The claim is that it leads from there: across a gap that is inferred. */
interface MapEdge extends Claim {
  readonly from: string;
  readonly to: string;
  readonly event_type: string | null;
  readonly messages: number;
  readonly is_gap: boolean;
  readonly is_replay: boolean;
}

/** Null is what nobody records. */
interface MapSubscription extends Claim {
  readonly destination: string;
  readonly subscription: string;
  readonly received: number | null;
  readonly done: number | null;
  readonly waiting: number | null;
}

interface DeadLetters {
  readonly from: string;
  readonly to: string;
  readonly messages: number;
  readonly replayed: number;
}
