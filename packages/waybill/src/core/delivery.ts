import type { Context } from './context.ts';
import type { Envelope, Gap } from './envelope.ts';
import type { Outcome } from './facts.ts';

/** One arrival of a message. What the library does not say stays undefined: the ledger works it out, and labels it. */
export interface Delivery {
  /** As OpenTelemetry names the system. */
  system: string;
  destination: string;
  envelope: Envelope | Gap;
  /** Consumer group or durable name; the destination itself, if left out. */
  subscription?: string | undefined;
  /** Failures before, plus 1; never a count of deliveries. */
  attempt?: number | undefined;
  /** Arrivals: grows with a crash, a release, a stall. */
  deliveryCount?: number | undefined;
  /** Not the first arrival; why is the ledger's to say. */
  redelivered?: boolean | undefined;
  /** It comes out of a dead-letter queue. */
  deadLettered?: boolean | undefined;
  /** Without a waybill the message id is a hash of system, destination and this. */
  brokerId?: string | undefined;
  /** What a message without a waybill says happened; a waybill knows it. */
  eventType?: string | undefined;
  /** Unix ms, by the broker's clock. */
  enqueuedAt?: number | undefined;
  /** Unix ms: since when it could be taken, after its delay, or the backoff before this attempt. To measure its wait. */
  readyAt?: number | undefined;
  /** Unix ms; now, if left out. */
  receivedAt?: number | undefined;
  maxAttempts?: number | undefined;
  /** Unix ms. */
  leaseUntil?: number | undefined;
  /** `public` where strangers can write to it: nothing that it carries is believed. `trusted`, if left out. */
  trust?: 'public' | 'trusted' | undefined;
  /** Named by the app from the payload, for a message without a waybill; a waybill knows them. */
  tenantId?: string | null | undefined;
  businessKey?: string | null | undefined;
  /** Log fields that came beside it, as JSON text of one object, where there is no waybill that brings them. */
  bindingsJson?: string | null | undefined;
  /** A tick of a schedule: its ids are made of this, and the same wherever it fires. Unix ms. */
  schedule?: { readonly id: string; readonly dueAt: number } | undefined;
  /** Of a flow's parent: the message whose end let it start. */
  releasedBy?: string | undefined;
  /** A log that is read again, as the app declares it. */
  replay?: 'log' | 'backfill' | undefined;
  /** Its library, or an instrumentation of it, has made the span that is active around the handler. */
  isTraced?: boolean | undefined;
  /** Unix ms: when the consumer itself asked for messages, where it does. */
  askedAt?: number | undefined;
  /** The whole carrier as it came, for the dialects of foreign systems. */
  carrier?: Readonly<Record<string, unknown>> | undefined;
}

export interface Settlement {
  outcome: Outcome;
  error?: unknown;
  /** Unix ms; known only where the transport's delay is. */
  retryAt?: number | undefined;
  /** Who said so: `return`, `throw`, `ack`, `retryLimit`. */
  by?: string | undefined;
}

/** One run of a handler. Three moments that are often apart: run (many times), ended (the handler), settle (the transport). */
export interface Execution {
  readonly context: Context;
  /** Enters the scope. A generator is entered again in each `next()`. */
  run<R>(work: () => R): R;
  /** The handler's own end: from here on its log lines and sends are `late`. */
  ended(): void;
  /** Once; the first to know wins. */
  settle(settlement: Settlement): void;
  readonly settled: boolean;
}

/** A batch runs once; a failure may still fall on single items. */
export interface BatchExecution {
  readonly batch: Execution;
  /** In the order of the deliveries; `run` of one narrows the scope to that message. */
  readonly items: readonly Execution[];
}

/** Says how an execution ended; undefined where whoever holds the execution settles it later. */
export type JudgeOutcome = (error: unknown, result: unknown) => Settlement | undefined;

/** Where work enters: an HTTP request, a CLI run. */
export interface IngressEdge {
  operation: string;
  /** `POST /checkout`: method and route pattern; the operation, if left out. */
  eventType?: string | undefined;
  /** The service, if left out. */
  destination?: string | undefined;
  /** Never read from the request by us: the app says whose it is. */
  tenantId?: string | null | undefined;
  businessKey?: string | null | undefined;
  /** `http`, if left out. */
  system?: string | undefined;
  envelope?: Envelope | Gap | undefined;
  /** `public`, if left out: what came in is kept as foreign, and believed in nothing. */
  trust?: 'public' | 'trusted' | undefined;
  /** Behind a trusted edge: the names of carried bindings that are taken over; none, if left out. */
  inboundBindings?: readonly string[] | undefined;
  /** A scheduler's tick. Unix ms. */
  schedule?: { readonly id: string; readonly dueAt: number } | undefined;
}
