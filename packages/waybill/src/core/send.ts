import type { Envelope } from './envelope.ts';
import type { Flow, Grouping, SendStatus } from './facts.ts';

/** An operator's redrive of one message. */
export interface Replay {
  readonly of: Envelope;
  /** The operator: recorded, and in no way the message's own tenant or cause. */
  readonly actor: string;
  readonly reason: string;
  /** `plan_…`: what one decision redrove together. */
  readonly planId: string;
  /** The payload was changed: then it is another message, which says what it replays. */
  readonly isEdited?: boolean | undefined;
}

/** One message about to be handed over, in the transport's words. */
export interface Send {
  /** As OpenTelemetry names the system: `rabbitmq`, `kafka`, `pg_boss`. */
  system: string;
  destination: string;
  eventType?: string | undefined;
  /**
   * The adapter knows its library's habit; the app may overrule. Left out: a command. `request`: an outgoing HTTP
   * call. `transform`: what was made of the message that is being handled, for whoever comes next in a pipeline.
   */
  kind?: 'command' | 'event' | 'request' | 'reply' | 'transform' | undefined;
  /** Left out: the operation that is current. */
  operation?: string | undefined;
  /** Unix ms; makes it a delayed send. */
  notBefore?: number | undefined;
  /** Delayed until an instant that is not known here. */
  isDelayed?: boolean | undefined;
  /** Unix ms: started later than this, it is overdue. */
  dueAt?: number | undefined;
  /** Its library, or an instrumentation of it, makes a span of it: then none of ours is made. */
  isTraced?: boolean | undefined;
  /** False where this message has no place for context: its loss is recorded as a gap. */
  isCarrying?: boolean | undefined;
  /** The app's own job id, deduplication id or singleton key. */
  dedupKey?: string | undefined;
  fanout?: Grouping | undefined;
  businessKey?: string | undefined;
  /** Of a reply: what it answers; what is being handled, if left out. */
  inReplyTo?: string | undefined;
  /** A timeout that a saga arms. */
  sagaId?: string | undefined;
  /** A flow that is created up front. Without an id a new one is made: read it from the first envelope. */
  flow?: (Omit<Flow, 'id'> & { readonly id?: string | undefined }) | undefined;
  /** A child that the running message adds: its end is `awaited`, or it is on its own. */
  child?: 'awaited' | 'detached' | undefined;
  /** Written in the app's own transaction, and published by somebody else. */
  edge?: 'outbox' | undefined;
  /** A schedule's template, which the transport copies into every tick: no message is made yet. */
  scheduleId?: string | undefined;
  /** A message made earlier, published for the first time: by the relay of an outbox. No new id. */
  relay?: Envelope | undefined;
  /** A received message that is handed on unchanged: the same message, one hop further. */
  forward?: Envelope | undefined;
  /** A received message that the consumer itself puts into a dead-letter queue. */
  deadLetter?: Envelope | undefined;
  replay?: Replay | undefined;
}

/** What the transport said. `pending`: the app's transaction is still open, and may be rolled back. */
export interface Receipt {
  status: SendStatus | 'pending';
  /** Of a publish that threw. */
  error?: unknown;
  /** For `duplicate`: the one that stands instead. */
  brokerId?: string | null | undefined;
}

/** A message that has its identity and is not sent yet. */
export interface Sending {
  readonly envelope: Envelope;
  /** Once; later calls do nothing. `pending` records `created`, all else `sent`. */
  settle(receipt: Receipt): void;
}
