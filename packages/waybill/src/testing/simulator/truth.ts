import type { GapReason, Millis, Outcome } from '../../core/facts.ts';

/** What really happened in one simulated workflow, as the generator decided it: nothing in here is computed from facts. */
export interface Truth {
  /** When the questions are asked. */
  readonly asOf: Millis;
  /** What a platform engineer would have declared: configuration, and no part of the truth. */
  readonly destinations: readonly DeclaredDestination[];
  readonly messages: readonly TrueMessage[];
  readonly failures: readonly TrueFailure[];
  /** The kinds of trouble that this workflow has. */
  readonly has: ReadonlySet<SimulatedKind>;
}

/** In the shape of the ledger's API. */
export interface DeclaredDestination {
  readonly name: string;
  readonly kind: 'queue' | 'topic' | 'ingress';
  readonly system: string;
  readonly subscriptions: readonly string[];
  /** False where no consumer of it records facts. */
  readonly instrumented: boolean;
  readonly deadline_ms?: number | undefined;
  readonly lease_ms?: number | undefined;
  readonly max_attempts?: number | undefined;
  readonly dead_letter?: string | undefined;
}

export const SIMULATED_KINDS = [
  'fan-out',
  'fan-in',
  'retry',
  'redelivery',
  'duplicate',
  'reorder',
  'delay',
  'dead letter',
  'replay',
  'subscriptions',
  'discarded',
  'skew',
  'no context',
  'lost facts',
] as const;
export type SimulatedKind = (typeof SIMULATED_KINDS)[number];

export interface TrueMessage {
  readonly messageId: string;
  /** What really led to it: none at a root, several where a batch made it. Across a hop that lost the context, too. */
  readonly causeIds: readonly string[];
  /** `replay`: it is an edited replay of its cause. */
  readonly via: 'root' | 'cause' | 'replay';
  /** Where its context was lost on the way here; then it has the id that its receiver made. */
  readonly lost: TrueLoss | null;
  /**
   * One for each destination and subscription where it lay or ran: also where it was forwarded to, and a dead-letter
   * queue once somebody put it there by a send of his own or took it from there. One with a null subscription where
   * nobody can take it.
   */
  readonly places: readonly TruePlace[];
}

export interface TrueLoss {
  readonly reason: GapReason;
  readonly destination: string;
  /** `carrier`: sent by us, and stripped on the way. `service`: sent by somebody who carries no context. */
  readonly how: 'carrier' | 'service';
}

export type TrueState = 'waiting' | 'running' | 'done' | 'dead' | 'discarded' | 'overdue' | 'unknown';

export interface TruePlace {
  readonly destination: string;
  readonly subscription: string | null;
  /**
   * `unknown` where no fact of anybody could tell: a rolled-back transaction, a consumer that records nothing, a
   * message whose context was stripped before it arrived. A refused send, and one that a broker recognised as a
   * duplicate of another message, are `discarded`; so is a request that its client gave up. In a dead-letter queue
   * that nobody reads it is `dead`.
   */
  readonly state: TrueState;
  /**
   * In order, and without holes, so that they add up; a stretch of no length is left out. The instants are those on
   * the clock of the host that acted, skewed as it is. None where there is nothing to tell: the state is `unknown`, it
   * was refused, or it lies in a dead-letter queue.
   *
   * - It begins at the first `sent` there (`created`, for an outbox), when that was recorded; where nobody recorded
   *   a send (an ingress, a lost hop, the transport's own dead-letter queue), at the broker's `enqueued_at`, else at
   *   its first start.
   * - It ends with the last execution that was no duplicate, or when it was discarded; else at as-of.
   * - `backoff` lasts to the `retry_at` that was said; where none was said there was none: it is `queued`.
   * - `lease_lost` lasts from the start of an execution that never ended to its `lease_until`, and is `queued` from
   *   there; without a lease it lasts to the next start.
   * - `parked` lasts from `dead` to the start of an unedited redrive, and from `ok` to when a log is read again. What
   *   stays as it is ends at its last settlement.
   * - `awaiting_children` lasts to the end of the last child, on the clock of whoever ran that.
   */
  readonly segments: readonly TrueSegment[];
  readonly executions: readonly TrueExecution[];
  /** `dueAt` of what started and never settled is the end of its lease. */
  readonly overdue: { readonly kind: 'never_started' | 'never_settled'; readonly dueAt: Millis } | null;
}

export type TrueSegmentKind =
  | 'run'
  | 'queued'
  | 'awaiting_children'
  | 'backoff'
  | 'scheduled'
  | 'parked'
  | 'lease_lost';

export interface TrueSegment {
  readonly kind: TrueSegmentKind;
  readonly from: Millis;
  readonly to: Millis;
}

/** In the order in which they started. */
export interface TrueExecution {
  /** A batch is one execution of all its messages. */
  readonly executionId: string;
  /** A retry stays one when it follows a replay. The first run of an edited replay is a `replay`. */
  readonly is: 'first' | 'retry' | 'redelivery' | 'duplicate' | 'replay';
  /** `lost`: it never ended, and a later one started. Until one does, it is `open`, whatever became of it. */
  readonly outcome: Outcome | 'lost' | 'open';
}

/** One trouble at one subscription, with all that it hit. Lost executions are none of them. */
export interface TrueFailure {
  /** The generator's name of it: equal for errors whose numbers and ids differ. */
  readonly trouble: string;
  readonly destination: string;
  readonly subscription: string;
  readonly executionIds: readonly string[];
  readonly messageIds: readonly string[];
  /** Those that settled as `dead` with this trouble there; a later redrive does not change that. */
  readonly deadMessageIds: readonly string[];
}
