import type { Claim, Evidence } from '../evidence.ts';
import type { Destination } from '../graph/destinations.ts';
import type { Searched } from '../searched.ts';

/** The `data` of `waybill.queues/1`: where work is waiting. */
export interface QueuesData {
  readonly searched: Searched;
  /** All that are known, queues or not. */
  readonly destinations: number;
  /** In the order that was asked for; empty ones too. */
  readonly queues: readonly QueueRow[];
  readonly not_shown: number;
  readonly unknown: readonly QueueUnknown[];
  /** More messages wait than were looked at: a depth that was worked out of them is at least so. */
  readonly is_at_least: boolean;
}

/** What comes first: what waits longest, where most waits, by name, or where fewest take. */
export type QueueOrder = 'oldest' | 'depth' | 'name' | 'consumers';

/** A value that nobody declared, learned or probed is null, and never 0. */
export interface QueueRow {
  readonly destination: string;
  readonly system: string | null;
  readonly subscriptions: readonly string[];
  readonly depth: number | null;
  /** Probed it is observed; learned, as sends without a start, it is inferred. */
  readonly depth_evidence: Evidence;
  readonly oldest_ms: number | null;
  readonly consumers: number | null;
  readonly last_consumer_seen_at: string | null;
  readonly queued_p50_ms: number | null;
  readonly queued_p99_ms: number | null;
  readonly run_p99_ms: number | null;
  readonly lease_ms: number | null;
  /** Above 60 s and 20 times the p99 run: a worker that goes silent is waited for so long. */
  readonly is_lease_long: boolean;
  readonly deadline_ms: number | null;
  readonly max_attempts: number | null;
  readonly dead_letter: string | null;
  readonly sources: NonNullable<Destination['sources']>;
}

/** A destination of which nobody can say what waits there. */
interface QueueUnknown extends Claim {
  readonly destination: string;
  readonly because: 'no_facts' | 'facts_missing';
}
