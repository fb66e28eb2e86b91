import { millisOf } from '../../core/date-millis.ts';
import type { Delivery, Settlement } from '../../core/delivery.ts';
import { type Envelope, type Gap, isEnvelope } from '../../core/envelope.ts';
import { readPayloadField } from '../../layouts/payload-field.ts';
import { eventOf, withoutEvent } from './published.ts';
import { queueOfSchedule } from './schedule-id.ts';

export const SYSTEM = 'pg_boss';

/** One job as `includeMetadata` gives it. */
export interface Job {
  readonly id: string;
  readonly name: string;
  data: unknown;
  readonly signal?: AbortSignal;
  readonly state?: string;
  readonly retryCount: number;
  readonly retryLimit: number;
  readonly retryDelay: number;
  readonly retryBackoff: boolean;
  readonly expireInSeconds: number;
  readonly createdOn: unknown;
  /** Moved by each retry. */
  readonly startAfter?: unknown;
  readonly startedOn: unknown;
  readonly completedOn?: unknown;
  readonly sourceName?: string | null;
  readonly sourceId?: string | null;
  readonly sourceRootId?: string | null;
}

/** The delivery that a job is; its data is given back as it was sent. */
export function takeDelivery(job: Job): Delivery {
  const { envelope, payload } = readPayloadField(job.data);
  const event = eventOf(job.data, envelope);
  job.data = event === undefined ? payload : withoutEvent(payload);
  return {
    system: SYSTEM,
    ...placeOf(job, envelope, event),
    envelope,
    eventType: job.name,
    attempt: job.retryCount + 1,
    maxAttempts: job.retryLimit + 1,
    deadLettered: job.sourceName != null,
    // A redrive makes a new job and leaves only the root's id.
    redelivered: job.retryCount > 0 || job.sourceRootId != null,
    enqueuedAt: millisOf(job.createdOn),
    readyAt: millisOf(job.startAfter),
    leaseUntil: millisOf(job.startedOn, job.expireInSeconds),
  };
}

type Place = Pick<Delivery, 'destination' | 'subscription' | 'brokerId'>;

/** Where the message was sent, and who takes it: mostly the queue is both. */
function placeOf(job: Job, envelope: Envelope | Gap, event: string | undefined): Place {
  if (isEnvelope(envelope) && envelope.messageId === '') {
    // The tick's id will be a hash of these: those of its first job, wherever a dead letter or a redrive took it.
    const brokerId = job.sourceRootId ?? job.sourceId ?? job.id;
    const destination = queueOfSchedule(envelope.relations?.scheduleId) ?? job.name;
    return { destination, subscription: job.name, brokerId };
  }
  // Each subscribed queue is a subscription of the event; its dead-letter queue is a place of its own.
  if (event !== undefined && job.sourceName == null) {
    return { destination: event, subscription: job.name, brokerId: job.id };
  }
  return { destination: job.name, brokerId: job.id };
}

/** The library decides by the count alone, so we can say it before it does. */
export function settlementOf(job: Job, error: unknown): Settlement {
  if (error === undefined) return { outcome: 'ok', by: 'return' };
  if (job.retryCount >= job.retryLimit) return { outcome: 'dead', error, by: 'retryLimit' };
  // With backoff the delay is drawn at random, in the database.
  const retryAt = job.retryBackoff ? undefined : Date.now() + job.retryDelay * 1000;
  return { outcome: 'retry', error, retryAt, by: 'retryLimit' };
}
