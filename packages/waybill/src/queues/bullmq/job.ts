import type { Delivery } from '../../core/delivery.ts';
import type { Envelope, Gap } from '../../core/envelope.ts';
import type { PassedScope } from '../../core/passed-scope.ts';
import { type ReceivedCarrier, readHeaders } from '../../layouts/headers.ts';

export const SYSTEM = 'bullmq';

type Numbers<Name extends string> = Readonly<Partial<Record<Name, number>>>;

export interface Options extends Numbers<'attempts' | 'delay' | 'timestamp'> {
  /** Ours: BullMQ stores what it does not know, and gives it back. */
  readonly waybill?: unknown;
  readonly jobId?: string;
  readonly lifo?: boolean;
  readonly deduplication?: { readonly id?: string; readonly replace?: boolean; readonly keepLastIfActive?: boolean };
  readonly parent?: { readonly id?: string; readonly queue?: string };
  readonly repeat?: { readonly key?: string };
  readonly telemetry?: { readonly metadata?: string };
}

/** What a job is made of, as far as we look at it. */
export interface Entry {
  readonly name: string;
  readonly opts?: Options | null | undefined;
}

type Dependencies = { readonly processed?: object; readonly ignored?: object; readonly failed?: readonly string[] };

/** In a sandbox it is a plain object, without the methods. */
export interface Job extends Entry, Numbers<'attemptsMade' | 'attemptsStarted' | 'timestamp' | 'delay' | 'finishedOn'> {
  readonly id?: string;
  readonly queueName: string;
  readonly queueQualifiedName: string;
  readonly repeatJobKey?: string;
  asJSONSandbox?(): object;
  getDependencies?(options: object): Promise<Numbers<'nextProcessedCursor' | 'nextIgnoredCursor'> & Dependencies>;
  /** Ours, on its way into a sandbox. */
  waybillScope?: PassedScope | undefined;
}

/** The delivery that a job is; a worker adds what it knows of it. */
export function deliveryOf(job: Job, known?: Pick<Delivery, 'isTraced' | 'leaseUntil'>): Delivery {
  const { attemptsMade = 0, attemptsStarted = 0, opts } = job;
  return {
    system: SYSTEM,
    destination: String(job.queueName),
    envelope: envelopeOf(opts),
    eventType: job.name,
    attempt: attemptsMade + 1,
    deliveryCount: attemptsStarted || undefined,
    redelivered: attemptsStarted > attemptsMade + 1,
    brokerId: job.id,
    enqueuedAt: job.timestamp,
    // Of a retry the library does not keep when its backoff was over.
    readyAt: attemptsMade === 0 && job.timestamp !== undefined ? job.timestamp + (opts?.delay ?? 0) : undefined,
    maxAttempts: opts?.attempts || 1,
    schedule: scheduleOf(job),
    // Sound: a dialect finds nothing in anything but texts.
    carrier: typeof opts?.waybill === 'object' ? ((opts.waybill as ReceivedCarrier | null) ?? undefined) : undefined,
    isTraced: known?.isTraced,
    leaseUntil: known?.leaseUntil,
  };
}

/** Two workers agree on the instant in the job's id, `repeat:<key>:<ms>`. A key is unique in its queue only. */
function scheduleOf({ id, queueName, repeatJobKey, timestamp = 0, opts }: Job): Delivery['schedule'] {
  if (!repeatJobKey) return undefined;
  const dueAt = id?.startsWith('repeat:') ? Number(id.slice(id.lastIndexOf(':') + 1)) : timestamp + (opts?.delay ?? 0);
  return { id: `${queueName}:${repeatJobKey}`, dueAt };
}

/** Without a waybill another tool's metadata still says in which trace it was sent. Anybody may have written both. */
export function envelopeOf(opts: Entry['opts']): Envelope | Gap {
  try {
    const read = readHeaders(opts?.waybill as ReceivedCarrier | undefined); // sound: it finds nothing in anything else
    return read === 'absent' ? readHeaders(JSON.parse(opts?.telemetry?.metadata ?? 'null')) : read;
  } catch {
    return 'absent';
  }
}
