import type { Claim } from '../evidence.ts';
import type { Searched } from '../searched.ts';
import type { TenantCount } from '../tenants.ts';

/** The `data` of `waybill.overdue/1`: what was sent and never started, or started and never settled. */
export interface OverdueData {
  readonly searched: Searched;
  readonly total_overdue: number;
  /** Most overdue messages first. */
  readonly groups: readonly OverdueRow[];
  readonly not_shown: number;
  /** Where nobody can say whether something is. */
  readonly unknown: readonly OverdueUnknown[];
  /** Destinations that nothing can be overdue at. */
  readonly without_deadline: readonly string[];
  readonly is_at_least: boolean;
}

/** Messages of one kind at one subscription. The claim is that of `why`. */
export interface OverdueRow extends Claim {
  readonly destination: string;
  readonly subscription: string | null;
  /** Others take from the same destination, so that its name alone does not say where. */
  readonly has_other_subscriptions: boolean;
  readonly event_type: string | null;
  readonly overdue: number;
  readonly waiting: number;
  /** Null where each message has its own. */
  readonly deadline_ms: number | null;
  readonly oldest_sent_at: string;
  readonly why: OverdueWhy;
  readonly fix: string | null;
  readonly tenants: readonly TenantCount[];
  readonly example_message_id: string;
  /** All that wait, by whole minutes since they were sent; a day and more counts as one day. */
  readonly waiting_by_age_min: readonly number[];
  readonly oldest: readonly OldestMessage[];
}

export type OverdueWhy =
  | { readonly kind: 'no_consumers'; readonly consumers: 0; readonly since: string | null }
  /** This subscription has started nothing of all that was sent in the window. */
  | { readonly kind: 'none_started'; readonly sent: number }
  | { readonly kind: 'not_started' }
  | { readonly kind: 'released'; readonly at: string }
  | { readonly kind: 'retry_not_started'; readonly retry_at: string }
  | { readonly kind: 'not_settled'; readonly lease_until: string | null };

interface OldestMessage {
  readonly message_id: string;
  readonly sent_at: string;
  readonly tenant_id: string | null;
  readonly operation: string | null;
}

export interface OverdueUnknown extends Claim {
  readonly destination: string;
  readonly subscription: string | null;
  readonly messages: number | null;
  readonly because: 'no_facts' | 'facts_missing';
}
