import type { Match } from '../../store/store.ts';
import type { Claim, Evidence } from '../evidence.ts';
import type { Effect } from '../graph/graph.ts';
import type { State } from '../graph/state.ts';
import type { Searched } from '../searched.ts';
import type { TenantCount } from '../tenants.ts';

/** The `data` of `waybill.blast/1`: what a message led to; and apart from it, what the same trouble hit. */
export interface BlastData {
  readonly searched: Searched;
  readonly asked: { readonly kind: Match['kind']; readonly id: string; readonly attempt: number | null };
  readonly message_id: string;
  readonly event_type: string | null;
  /** Nearest first. */
  readonly caused: readonly CausedRow[];
  readonly caused_not_shown: number;
  /** How many of all that it caused are not over. */
  readonly pending: number;
  /** It caused more than was followed. */
  readonly is_at_least: boolean;
  /** The one with most others first; null where nobody looked. */
  readonly same_trouble: readonly SameTroubleRow[] | null;
}

/** The claim is that it was caused. */
export interface CausedRow extends Claim {
  readonly message_id: string;
  readonly parent: string;
  readonly depth: number;
  readonly via: Effect['via'];
  readonly event_type: string | null;
  readonly tenant_id: string | null;
  readonly operation: string | null;
  readonly destination: string;
  readonly instance: string | null;
  readonly state: State;
  readonly state_evidence: Evidence;
  readonly is_pending: boolean;
}

/** One trouble that hit the message, and whom else. */
export interface SameTroubleRow extends Claim {
  readonly kind: 'error' | 'lost';
  readonly title: string;
  readonly instance: string | null;
  readonly destination: string;
  readonly subscription: string | null;
  readonly fingerprint: string | null;
  /** When it first struck. */
  readonly first_at: string;
  /** How many others, by where they stand now and by tenant. */
  readonly messages: number;
  /** More failed in that time than was looked through, or a little before or after it. */
  readonly is_at_least: boolean;
  readonly states: Readonly<Partial<Record<State, number>>>;
  readonly tenants: readonly TenantCount[];
  /** What those caused and is not over, alike ones counted together. */
  readonly downstream: readonly DownstreamRow[];
  /** In the order in which it hit them. */
  readonly others: readonly OtherRow[];
  readonly others_not_shown: number;
}

export interface DownstreamRow extends Claim {
  readonly event_type: string | null;
  readonly state: State;
  readonly messages: number;
  readonly because: 'no_consumers' | null;
}

/** The claim is that the same trouble hit it. */
export interface OtherRow extends Claim {
  readonly message_id: string;
  readonly correlation_id: string;
  readonly event_type: string | null;
  readonly tenant_id: string | null;
  readonly operation: string | null;
  readonly instance: string;
  readonly started_at: string;
  readonly lease_until: string | null;
  readonly state: State;
  readonly effects: readonly { readonly event_type: string | null; readonly state: State }[];
}
