import type { DiscardedFact, FactError, GapReason, Outcome, SendStatus } from 'waybill';
import type { Evidence } from '../evidence.ts';
import type { Searched } from '../searched.ts';

/** The `data` of `waybill.tail/1`: facts as they came, oldest first. */
export interface TailData {
  readonly searched: Searched;
  readonly facts: readonly TailFact[];
  /** Older ones of the same window. */
  readonly not_shown: number;
  /** Where the next answer is to begin; null while there is nothing. */
  readonly cursor: string | null;
}

/** A fact, its times RFC 3339; of each kind what a reader of one line wants to know. */
export type TailFact = MessageRecord | DroppedRecord;

interface Recorded {
  readonly fact_id: string;
  readonly at: string;
  readonly service: string;
  readonly instance: string;
  /** `inferred` where it was derived of something else, and no recorder wrote it. */
  readonly evidence: Evidence;
}

interface OfMessage extends Recorded {
  readonly message_id: string;
  readonly correlation_id: string;
  readonly trace_id: string;
  readonly event_type: string | null;
  readonly tenant_id: string | null;
  readonly operation: string | null;
  readonly business_key: string | null;
  readonly destination: string;
  readonly subscription: string | null;
}

export type MessageRecord = OfMessage &
  (
    | { readonly kind: 'created' }
    | { readonly kind: 'sent'; readonly status: SendStatus; readonly replay_of: string | null }
    | { readonly kind: 'started'; readonly attempt: number | null; readonly redelivered: boolean }
    | {
        readonly kind: 'settled';
        readonly outcome: Outcome;
        /** Since its start; null where that was not recorded. */
        readonly ran_ms: number | null;
        readonly error: FactError | null;
      }
    | { readonly kind: 'gap'; readonly reason: GapReason; readonly missing: readonly string[] }
    | { readonly kind: 'discarded'; readonly how: DiscardedFact['how']; readonly actor: string | null }
    | { readonly kind: 'replayed'; readonly actor: string; readonly new_message_id: string | null }
  );

/** It belongs to no message. */
interface DroppedRecord extends Recorded {
  readonly kind: 'dropped';
  readonly count: number;
  readonly why: string;
}
