import type { Claim } from '../evidence.ts';
import type { SegmentKind } from '../graph/parts.ts';
import type { State } from '../graph/state.ts';
import type { Searched } from '../searched.ts';

/** The `data` of `waybill.search/1`: the workflows that an id, key, tenant, error or time leads to. */
export interface SearchData {
  readonly searched: Searched;
  /** As they were asked for. */
  readonly terms: string;
  readonly workflows: readonly WorkflowRow[];
  /** Workflows that were found beside these. */
  readonly not_shown: number;
  /** Facts of those that are told. */
  readonly total_facts: number;
  /** How many messages were found by what. */
  readonly found_by: readonly FoundBy[];
  /** Where nothing was found: what is spelled nearly so. */
  readonly nearest: readonly Nearest[];
  /** More may be found than was looked through, or a workflow is larger than what was read of it. */
  readonly is_at_least: boolean;
  /** Where the next page begins; null where this is the last. */
  readonly cursor: string | null;
}

/** The claim is that all of its messages are one workflow. */
export interface WorkflowRow extends Claim {
  readonly correlation_id: string;
  readonly operation: string | null;
  readonly tenant_id: string | null;
  readonly business_key: string | null;
  readonly began_at: string;
  readonly elapsed_ms: number | null;
  readonly longest: { readonly kind: SegmentKind; readonly ms: number } | null;
  readonly messages: number;
  readonly executions: number;
  readonly states: Readonly<Partial<Record<State, number>>>;
}

/** Messages that carry the workflow's context; that are only of the same business key; or that something else led to. */
export interface FoundBy extends Claim {
  readonly by: 'context' | 'business_key' | 'cause';
  /** What the business key names: `order` of `order:ORD-48213`. */
  readonly key: string | null;
  readonly messages: number;
}

export interface Nearest {
  readonly message_id: string;
  readonly event_type: string | null;
  readonly business_key: string | null;
}
