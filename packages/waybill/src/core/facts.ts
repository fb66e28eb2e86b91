import type { Probe } from './destination-report.ts';

/** An instant in Unix milliseconds. Documents that people read (exports, answers) print it as RFC 3339. */
export type Millis = number;

/** How an execution ended. `failed`: it failed, and what the transport does next is not known here. */
export type Outcome = 'ok' | 'retry' | 'dead' | 'released' | 'skipped' | 'failed';
/** What became of a send. `unknown`: the publish threw, and may still have been taken. */
export type SendStatus = 'taken' | 'duplicate' | 'refused' | 'unknown';
export type GapReason =
  | 'no_context'
  | 'w3c_only'
  | 'unreadable'
  | 'oversized'
  | 'untrusted'
  | 'partial'
  | 'mixed_tenants';
/** `operator` redrove single messages; `log` and `backfill` read a stretch of a log again. */
export type ReplayKind = 'operator' | 'log' | 'backfill';
/** P: child of the creation context. L: a new root with a link to it. root: a new root without one. */
export type TraceMode = 'P' | 'L' | 'root';

/** Fields of every fact. Absent means: not known, or does not apply. */
export interface FactCommon {
  /** `fct_…`; the same fact that arrives twice is kept once. */
  fact_id: string;
  at: Millis;
  service: string;
  /** One running copy of the service; `seq` counts its facts from 1, so that a reader can tell what was lost. */
  instance: string;
  seq: number;
  version?: string | undefined;
  message_id: string;
  correlation_id: string;
  /** Null at the root of a workflow. */
  causation_id: string | null;
  /** A batch of several workflows: all their ids. */
  correlations?: readonly string[] | undefined;
  /** What an untrusted edge claimed, kept and never believed; or the words of a foreign system that a dialect read. */
  foreign?: ForeignIdentity | undefined;
  hop?: number | undefined;
  trace_id: string;
  origin_trace_id?: string | undefined;
  span_id?: string | undefined;
  tenant_id: string | null;
  operation: string | null;
  event_type: string | null;
  business_key?: string | undefined;
  saga_id?: string | undefined;
  /** As OpenTelemetry names it (`pg_boss`, `rabbitmq`); `http` and `cron` for ingresses. */
  system: string;
  destination: string;
  subscription?: string | undefined;
  /** The transport's own id: never an identity, it changes on redrive. */
  broker_id?: string | undefined;
  /** JSON text of one object: passed on unparsed from the wire to the ledger. */
  bindings?: string | undefined;
  /** How many fields could not be carried: of the app's when it was sent, and on the way when it is started. */
  overflow?: number | undefined;
  /** Nobody recorded it: a ledger derived it of another system's spans. */
  inferred?: true | undefined;
}

/** Ids as another system uses them. */
export interface ForeignIdentity {
  readonly correlation_id: string;
  /** Where ours is made of it: the id itself. */
  readonly message_id?: string | undefined;
  /** The correlation id, there, of the message that caused this one. */
  readonly initiator_id?: string | undefined;
  /** Whose ids these are. */
  readonly issuer?: string | undefined;
}

/** A group that one call or one parent created: `index` counts from 0. */
export interface Grouping {
  readonly id: string;
  readonly index: number;
  readonly count: number;
}

/** The place of a message in a flow whose parent waits for its children. */
export interface Flow {
  readonly id: string;
  readonly role: 'parent' | 'child';
  /** Of a parent: the message ids that it waits for. */
  readonly awaits?: readonly string[] | undefined;
}

interface CreationFields {
  by_execution_id?: string | undefined;
  created_at?: Millis | undefined;
  not_before?: Millis | undefined;
  due_at?: Millis | undefined;
  dedup_key?: string | undefined;
  fanout?: Grouping | undefined;
  flow?: Flow | undefined;
  in_reply_to?: string | undefined;
  replay_of?: string | undefined;
  schedule_id?: string | undefined;
  continued_from?: string | undefined;
  /** Sent after the handler had ended: by a promise that nobody awaited. */
  late?: true | undefined;
  /** The consumer itself put it into a dead-letter queue. */
  dead_lettered?: true | undefined;
  /** An operator's redrive: the message is sent again as it was. */
  plan_id?: string | undefined;
  /** Made while a log was read again: equal for equal outputs of one input, and no identity. */
  derived_key?: string | undefined;
}
/** Made, and not yet handed over: an open transaction, an outbox. It may be rolled back. */
export type CreatedFact = FactCommon & CreationFields & { kind: 'created' };
export type SentFact = FactCommon & CreationFields & { kind: 'sent'; status: SendStatus };

export interface StartedFact extends FactCommon {
  kind: 'started';
  execution_id: string;
  /** 1, 2, … as the transport counts failures; null where it does not count. */
  attempt: number | null;
  max_attempts?: number | undefined;
  delivery_count?: number | undefined;
  redelivered?: boolean | undefined;
  /** By the broker's clock. */
  enqueued_at?: Millis | undefined;
  received_at: Millis;
  lease_until?: Millis | undefined;
  trace_mode: { readonly mode: TraceMode; readonly reason: string };
  batch?: Grouping | undefined;
  schedule_id?: string | undefined;
  due_at?: Millis | undefined;
  dead_lettered?: true | undefined;
  released_by?: string | undefined;
  plan_id?: string | undefined;
  /** Why old messages run again: an operator sent them, or a log is read once more. */
  replay?: ReplayKind | undefined;
}

export interface FactError {
  readonly type: string;
  readonly message: string;
  /** Equal for errors that are the same trouble: type and message, without the numbers and ids in it. */
  readonly fingerprint: string;
}

export interface SettledFact extends FactCommon {
  kind: 'settled';
  execution_id: string;
  attempt: number | null;
  /** The handler's own end; `at` is when the transport was told. */
  ended_at?: Millis | undefined;
  /** Who said so: `ack`, `return`, `throw`, `retryLimit`. */
  by?: string | undefined;
  outcome: Outcome;
  error?: FactError | undefined;
  retry_at?: Millis | undefined;
}

export interface GapFact extends FactCommon {
  kind: 'gap';
  gap: {
    readonly reason: GapReason;
    /** The header names that were looked for and not found. */
    readonly missing: readonly string[];
    /** `from` is null where a consumer cannot know who sent. */
    readonly edge: { readonly from: string | null; readonly to: string };
    /** Of W3C headers that came without a waybill, as it was: which span sent it, and whether that was sampled. */
    readonly traceparent?: string | undefined;
  };
}

/** It will never run. */
export interface DiscardedFact extends FactCommon {
  kind: 'discarded';
  how: 'cancelled' | 'expired' | 'superseded' | 'rolled_back';
  actor?: string | undefined;
}

/** An operator redrove it. */
export interface ReplayedFact extends FactCommon {
  kind: 'replayed';
  actor: string;
  reason: string;
  plan_id: string;
  new_message_id?: string | undefined;
}

/** The recorder had to drop facts. It belongs to no message. */
export interface DroppedFact {
  kind: 'dropped';
  fact_id: string;
  at: Millis;
  service: string;
  instance: string;
  version?: string | undefined;
  count: number;
  since: Millis;
  why: string;
}

export type MessageFact = CreatedFact | SentFact | StartedFact | SettledFact | GapFact | DiscardedFact | ReplayedFact;
/** An immutable record that something happened to a message. */
export type Fact = MessageFact | DroppedFact;

/** Where facts go. It must not throw, block or keep the process alive: the record of the work never stops the work. */
export interface Recorder {
  record(fact: Fact): void;
  /** Told by an instance that has a tracer: what the recorder does of its own, timers and requests, is to be done in there. */
  runsIn?(enter: <R>(work: () => R) => R): void;
  /** Resolves when all that was recorded before is handed over, or counted as dropped. */
  flush?(): Promise<void>;
  /** Flushes, then takes no more. */
  close?(): Promise<void>;
  /** Asks the probe every now and then until it is closed, and passes on what it said. */
  watch?(probe: Probe): void;
  /** How many facts it had to drop so far, by reason. */
  dropped?(): ReadonlyMap<string, number>;
}
