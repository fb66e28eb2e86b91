import type { GapReason } from 'waybill';
import type { Claim } from '../evidence.ts';
import type { CauseClaim } from '../graph/cause.ts';
import type { Searched } from '../searched.ts';
import type { TenantCount } from '../tenants.ts';
import type { LikelyReason } from './loss.ts';

/** The `data` of `waybill.gaps/1`: between whom context is lost. */
export interface GapsData {
  readonly searched: Searched;
  /** Messages that arrived in the window, with context or without. */
  readonly messages_checked: number;
  /** Of those, without: at all boundaries, shown or not. */
  readonly total_messages: number;
  /** Most messages first. */
  readonly boundaries: readonly BoundaryRow[];
  readonly not_shown: number;
  readonly is_at_least: boolean;
}

/** The claim is that of the place and of the likely reason; what is missing was observed. */
export interface BoundaryRow extends Claim {
  /** What came in where context was lost, and who lost it; null where that is not known. */
  readonly from: string | null;
  readonly via: string | null;
  readonly to: string;
  readonly reason: GapReason;
  readonly missing: readonly string[];
  readonly likely_reason: LikelyReason | null;
  readonly messages: number;
  readonly linked: number;
  readonly unlinked: number;
  readonly linked_by: readonly LinkedBy[];
  /** How many links are how sure, by range; null where nobody counts. */
  readonly confidence: Readonly<Record<string, number>> | null;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  readonly tenants: readonly TenantCount[];
  readonly per_bucket: readonly number[];
  readonly example_message_id: string;
  readonly examples: readonly GapExample[];
  /** Where, a comma, and what to do there. */
  readonly fix: string | null;
}

/** By what lost messages were joined to what caused them. */
export interface LinkedBy {
  readonly how: Exclude<CauseClaim['how'], null>;
  /** What the business keys name: `order` of `order:ORD-48213`. */
  readonly key: string | null;
  readonly messages: number;
}

/** The claim is that of its cause. */
export interface GapExample extends Claim {
  readonly message_id: string;
  readonly event_type: string | null;
  readonly business_key: string | null;
  readonly enqueued_at: string | null;
  readonly cause_message_id: string | null;
  readonly confidence: number | null;
  /** Why no cause was taken. */
  readonly why: string | null;
}
