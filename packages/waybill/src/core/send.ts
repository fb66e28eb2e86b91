import type { Envelope } from './envelope.ts';
import type { Grouping, SendStatus } from './facts.ts';

/** One message about to be handed over, in the transport's words. */
export interface Send {
  /** As OpenTelemetry names the system: `rabbitmq`, `kafka`, `pg_boss`. */
  system: string;
  destination: string;
  eventType?: string | undefined;
  /** The adapter knows its library's habit; the app may overrule. Left out: a command. */
  kind?: 'command' | 'event' | undefined;
  /** Left out: the operation that is current. */
  operation?: string | undefined;
  /** Unix ms; makes it a delayed send. */
  notBefore?: number | undefined;
  /** Delayed until an instant that is not known here. */
  isDelayed?: boolean | undefined;
  /** False where this message has no place for context: its loss is recorded as a gap. */
  isCarrying?: boolean | undefined;
  /** The app's own job id, deduplication id or singleton key. */
  dedupKey?: string | undefined;
  fanout?: Grouping | undefined;
  businessKey?: string | undefined;
  /** A message made earlier: published as it is, without a new id. */
  relay?: Envelope | undefined;
}

/** What the transport said. `pending`: the app's transaction is still open, and may be rolled back. */
export interface Receipt {
  status: SendStatus | 'pending';
  /** For `duplicate`: the one that stands instead. */
  brokerId?: string | null | undefined;
}

/** A message that has its identity and is not sent yet. */
export interface Sending {
  readonly envelope: Envelope;
  /** Once; later calls do nothing. `pending` records `created`, all else `sent`. */
  settle(receipt: Receipt): void;
}
