import type { Claim } from '../evidence.ts';
import type { Searched } from '../searched.ts';

/** The `data` of `waybill.failures/1`: what fails, and of what. */
export interface FailuresData {
  readonly searched: Searched;
  /** The one with most executions first. */
  readonly groups: readonly FailureRow[];
  readonly not_shown: number;
  /** Of all groups, shown or not. */
  readonly total_failed_executions: number;
  readonly total_messages: number;
  readonly messages_in_several: readonly { readonly message_id: string; readonly groups: number }[];
  readonly is_at_least: boolean;
}

/** Executions that one trouble struck. The claim is that all of them were struck by it. */
export interface FailureRow extends Claim {
  readonly kind: 'error' | 'lost';
  readonly fingerprint: string | null;
  readonly title: string;
  /** The worker that went silent. */
  readonly instance: string | null;
  readonly destination: string;
  readonly subscription: string | null;
  readonly failed_executions: number;
  readonly messages: number;
  /** Messages that died of it, and how many of those were sent again. */
  readonly dead: number;
  readonly replayed: number;
  readonly tenants: readonly string[];
  readonly example_message_id: string;
  readonly first_at: string;
  readonly last_at: string;
  readonly per_bucket: readonly number[];
  /** How it went on, in a few words. */
  readonly trend: string | null;
  /** Versions that began to run there in the window; null where nobody looked. */
  readonly deploys: readonly { readonly at: string; readonly label: string }[] | null;
}
