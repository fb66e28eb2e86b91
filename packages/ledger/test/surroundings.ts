import type { Evidence } from '../src/questions/evidence.ts';
import type { LikelyReason } from '../src/questions/gaps/loss.ts';
import type { State } from '../src/questions/graph/state.ts';
import type { Searched } from '../src/questions/searched.ts';
import { WORKFLOW } from './workflow.ts';

/** What `workflow.json` tells of other workflows, as it is written there. */
interface Surroundings {
  readonly window: Searched['window'];
  readonly failures: {
    readonly total_failed_executions: number;
    readonly total_messages: number;
    readonly messages_in_two_groups: readonly string[];
    readonly groups: readonly FailureGroup[];
  };
  readonly blast: { readonly cause: string; readonly selected_message_id: string; readonly others: readonly Other[] };
  readonly gaps: { readonly messages_checked: number; readonly boundaries: readonly Boundary[] };
  readonly overdue: { readonly groups: readonly OverdueGroup[] };
  readonly map: {
    readonly edges: readonly (Labelled & {
      readonly from: string;
      readonly to: string;
      readonly event_type: string;
      readonly messages: number;
      readonly gap?: true;
      readonly replay?: true;
    })[];
    readonly subscriptions: readonly (Labelled & {
      readonly destination: string;
      readonly subscription: string;
      readonly received: number | null;
      readonly done: number | null;
      readonly waiting: number | null;
    })[];
    readonly dead_letters: readonly {
      readonly from: string;
      readonly to: string;
      readonly messages: number;
      readonly replayed: number;
    }[];
  };
}

interface Labelled {
  readonly evidence: Evidence;
}

interface FailureGroup extends Labelled {
  readonly fingerprint: string;
  readonly title: string;
  readonly destination: string;
  readonly subscription: string;
  readonly messages: number;
  readonly dead: number;
  readonly replayed: number;
  readonly tenants: readonly string[];
  readonly example_message_id: string;
  readonly trend: string;
  readonly deploys?: readonly { readonly minute: number; readonly label: string }[];
  readonly failed_executions: number;
  readonly first_minute: string;
  readonly last_minute: string;
  readonly per_minute: readonly number[];
}

interface Other {
  readonly message_id: string;
  readonly correlation_id: string;
  readonly event_type: string;
  readonly tenant_id: string;
  readonly operation: string;
  readonly instance: string;
  readonly started_at: string;
  readonly lease_until: string;
  readonly state: State;
  readonly effects: readonly { readonly event_type: string; readonly state: State }[];
}

interface Boundary {
  readonly from: string;
  readonly via: string;
  readonly to: string;
  readonly missing: readonly string[];
  readonly likely_reason: LikelyReason;
  readonly messages: number;
  readonly linked: number;
  readonly unlinked: number;
  readonly confidence: Readonly<Record<string, number>>;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  readonly tenants: Readonly<Record<string, number>>;
  readonly example_message_id: string;
  readonly fix: string;
  readonly per_minute: readonly number[];
  readonly examples?: readonly {
    readonly message_id: string;
    readonly event_type: string;
    readonly business_key: string;
    readonly enqueued_at: string;
    readonly cause_message_id: string | null;
    readonly confidence?: number;
    readonly why?: string;
  }[];
}

interface OverdueGroup extends Labelled {
  readonly destination: string;
  readonly subscription: string;
  readonly event_type: string;
  readonly overdue: number;
  readonly waiting: number;
  readonly deadline_ms: number;
  readonly oldest_sent_at: string;
  readonly why: string;
  readonly fix: string;
  readonly tenants: Readonly<Record<string, number>>;
  readonly example_message_id: string;
  readonly waiting_by_age_min: readonly number[];
  readonly oldest?: readonly {
    readonly message_id: string;
    readonly sent_at: string;
    readonly tenant_id: string;
    readonly operation: string;
  }[];
}

/** One message as `derived` has it: the results that a real fold is checked against. */
interface DerivedMessage {
  readonly message_id: string;
  readonly state: State;
  readonly elapsed_ms?: number;
}

// Sound because both are parts of the document, which nothing but this file reads.
const { surroundings, derived } = WORKFLOW as typeof WORKFLOW & {
  readonly surroundings: Surroundings;
  readonly derived: { readonly messages: readonly DerivedMessage[] };
};

export const SURROUNDINGS = surroundings;
export const DERIVED = derived.messages;
