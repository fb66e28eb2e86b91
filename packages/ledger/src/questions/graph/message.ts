import type { DiscardedFact, GapFact, MessageFact, Millis, ReplayedFact, SentFact } from 'waybill';
import type { Claim } from '../evidence.ts';
import type { Begin } from './begin.ts';
import type { CauseClaim } from './cause.ts';
import type { NoConsumers } from './destinations.ts';
import type { Due } from './due.ts';
import type { Execution } from './executions.ts';
import type { Segment, SegmentKind } from './parts.ts';
import type { Standing } from './state.ts';

/** One message at one subscription: one group's `ok` says nothing about another's. Its claim is that of the state. */
export interface MessageAtSubscription extends Standing {
  readonly destination: string;
  /** Null while nobody is known to take it from there. */
  readonly subscription: string | null;
  readonly beginsAt: Millis;
  /** Where that was read from, and whether it is sure. */
  readonly begin: Begin;
  readonly notBefore: Millis | null;
  readonly dueAt: Millis | null;
  /** Until when it should have started, or settled, and who says so; null where nobody does. */
  readonly due: Due | null;
  /** Nobody is there to take it, where a probe saw that. */
  readonly noConsumers: NoConsumers | null;
  readonly executions: readonly Execution[];
  readonly segments: readonly Segment[];
  readonly totals: ReadonlyMap<SegmentKind, number>;
  /** From its begin to its end, or to as-of while it is not over; null where nobody knows. */
  readonly elapsedMs: number | null;
  readonly attempts: number;
  readonly maxAttempts: number | null;
}

export interface Message {
  readonly messageId: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly eventType: string | null;
  readonly tenantId: string | null;
  readonly operation: string | null;
  readonly businessKey: string | null;
  readonly replayOf: string | null;
  readonly beginsAt: Millis;
  /** The fact that its begin was read from. */
  readonly first: MessageFact;
  readonly sent: SentFact | null;
  readonly gaps: readonly GapFact[];
  readonly replays: readonly ReplayedFact[];
  readonly discarded: DiscardedFact | null;
  /** What led to it. */
  readonly cause: CauseClaim;
  /** Somebody took it who records no facts: what followed from it shows that. */
  readonly takenUnseen: Claim | null;
  /** The one that needs looking at first comes first. */
  readonly subscriptions: readonly [MessageAtSubscription, ...MessageAtSubscription[]];
}
