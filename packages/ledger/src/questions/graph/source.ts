import type { Millis } from 'waybill';
import type { Batch } from './cause.ts';
import type { OwnFacts } from './own-facts.ts';
import type { Surroundings } from './surroundings.ts';

/** Where a graph looks up facts: all of them in memory, or a store by its indexes. */
export interface Source {
  readonly surroundings: Surroundings;
  own(messageId: string): OwnFacts | undefined;
  /** Messages that name this one, or this batch, as their cause. */
  causedBy(id: string, limit: number): readonly OwnFacts[];
  /** Messages that say they replay this one. */
  replaysOf(own: OwnFacts): readonly OwnFacts[];
  /** The message of which an operator said that it was replayed as this one. */
  replayedAs(messageId: string): OwnFacts | undefined;
  /** The messages of a batch; `byExecutionId` is the execution that sent what names it as its cause. */
  batch(batchId: string, byExecutionId: string | null): Batch;
  /** The messages that an execution ran. */
  ranBy(executionId: string): readonly OwnFacts[];
  withKey(businessKey: string, tenantId: string | null): readonly OwnFacts[];
  inWorkflow(correlationId: string): readonly OwnFacts[];
  /** Messages to which a transport gave this id, at whatever place. */
  withBrokerId(brokerId: string): readonly OwnFacts[];
  /** Messages that have a fact of this span. */
  atSpan(traceId: string, spanId: string): readonly OwnFacts[];
  /** Messages of another system under its own correlation id. */
  inForeign(issuer: string | undefined, correlationId: string): readonly OwnFacts[];
  /** Messages that were sent to a destination between two instants; null where they are too many to look through. */
  sentTo(destination: string, from: Millis, to: Millis): readonly OwnFacts[] | null;
  /** Messages that came without context: all of them, or those of a window; null where nobody can list them. */
  readonly contextless: readonly OwnFacts[] | null;
}
