import type { Envelope } from '../../core/envelope.ts';
import { current } from '../../core/scope.ts';
import type { Receipt, Send } from '../../core/send.ts';
import { writeHeaders } from '../../layouts/headers.ts';
import { runningJob } from './executions.ts';
import { type Entry, type Job, type Options, SYSTEM } from './job.ts';
import { type Store, storedJob } from './stored-job.ts';

/** One call of the library, with what it is to carry. */
export type Publish<Carried, Added> = (carried: Carried[]) => Promise<Added>;

/** One job to a queue, as the options of the library say it. */
export function sendOf(destination: string, name: string, opts: Options, isTraced: boolean): Send {
  const delayMs = Number(opts.delay ?? 0);
  const running = runningJob(current());
  const isAwaited = running?.id === opts.parent?.id && running?.queueQualifiedName === opts.parent?.queue;
  return {
    system: SYSTEM,
    destination,
    eventType: name,
    notBefore: delayMs > 0 ? (opts.timestamp || Date.now()) + delayMs : undefined,
    dedupKey: keyOf(opts),
    child: running !== undefined && isAwaited ? 'awaited' : undefined,
    isTraced,
  };
}

/** A copy: callers freeze their options, and share them. Undefined covers a carrier in `defaultJobOptions`. */
export function carrying(opts: Entry['opts'], envelope: Envelope | undefined): Options {
  return { ...opts, waybill: envelope?.isExternal ? undefined : envelope && writeHeaders(envelope, {}) };
}

export const keyOf = ({ deduplication, jobId }: Options): string | undefined => deduplication?.id ?? jobId ?? undefined;

/** With a key the library may have kept an earlier job, and answers as if it had not: what is stored tells. */
export async function receiptOf(
  store: Store,
  job: Job | undefined,
  opts: Options,
  sent: Envelope | undefined,
): Promise<Receipt> {
  const brokerId = job?.id;
  if (keyOf(opts) === undefined) return { status: 'taken', brokerId };
  const stored = job && (await storedJob(store, `${job.queueQualifiedName}:${job.id}`));
  if (stored === undefined || sent?.isExternal) return { status: 'unknown', brokerId }; // it may have run, and be gone
  if (stored.messageId === sent?.messageId) return { status: 'taken', brokerId };
  // Kept aside until the job that is running has ended, if no later one takes its place.
  return { status: opts.deduplication?.keepLastIfActive ? 'pending' : 'duplicate', brokerId };
}

// Sound: an object may be asked for any name, and what it says is tested.
export const isEntry = (value: unknown): value is Entry => typeof (value as Partial<Entry> | null)?.name === 'string';
export const isListOf = <Item>(list: unknown, isItem: (item: unknown) => item is Item): list is Item[] =>
  Array.isArray(list) && list.every(isItem);
