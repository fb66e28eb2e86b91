import { randomUUID } from 'node:crypto';
import type { Delivery, Settlement } from '../core/delivery.ts';
import { markInstrumented } from '../core/instrumented.ts';
import type { Receipt, Send } from '../core/send.ts';
import type { Waybill } from '../core/waybill.ts';
import { isCarryingPayload, readPayloadField, writePayloadField } from '../layouts/payload-field.ts';

export const peer = { name: 'pg-boss', range: '>=12 <13' };

const SYSTEM = 'pg_boss';

type Options = Readonly<Record<string, unknown>>;

/** The methods that we replace. They do not call each other, so each is replaced. */
export interface PgBossLike {
  send(...args: never[]): Promise<string | null>;
  sendAfter(...args: never[]): Promise<string | null>;
  sendThrottled(...args: never[]): Promise<string | null>;
  sendDebounced(...args: never[]): Promise<string | null>;
  insert(...args: never[]): Promise<string[] | null>;
  work(...args: never[]): Promise<string>;
}

/** One job as `includeMetadata` gives it. */
interface Job {
  readonly id: string;
  readonly name: string;
  data: unknown;
  readonly signal?: AbortSignal;
  readonly retryCount: number;
  readonly retryLimit: number;
  readonly retryDelay: number;
  readonly retryBackoff: boolean;
  readonly expireInSeconds: number;
  readonly createdOn: unknown;
  readonly startedOn: unknown;
  readonly sourceName?: string | null;
  readonly sourceRootId?: string | null;
}

/** The instance's own methods, in the shapes in which we call them. */
interface Original {
  send(name: string, data: unknown, options?: Options): Promise<string | null>;
  insert(name: string, jobs: readonly Options[], options?: Options): Promise<string[] | null>;
  work(name: string, options: Options, handler: Handler): Promise<string>;
}
type Handler = (jobs: Job[], ...rest: unknown[]) => Promise<unknown>;

/**
 * Makes a PgBoss instance carry context, in the jobs' `data`: what it sends names its cause, and its workers run
 * in the workflow of their job. Handlers are given their data as it was sent, and the job's metadata, from which
 * we learn the attempt.
 */
export function instrumentBoss<Boss extends PgBossLike>(boss: Boss, waybill: Waybill): Boss {
  const methods = ['send', 'sendAfter', 'sendThrottled', 'sendDebounced', 'insert', 'work'];
  if (!markInstrumented('instrumentBoss', boss, methods)) return boss;
  // Sound: these are the library's own signatures, which PgBossLike leaves open so that every release fits it.
  const original: Original = {
    send: boss.send.bind(boss) as Original['send'],
    insert: boss.insert.bind(boss) as Original['insert'],
    work: boss.work.bind(boss) as Original['work'],
  };
  const sendWith = (name: unknown, data: unknown, options: Options | null | undefined) =>
    sendOne(waybill, original, name, data, options ?? {});
  const replaced = {
    send: (first: unknown, data?: unknown, options?: Options) => {
      if (typeof first !== 'object' || first === null) return sendWith(first, data, options);
      const request = first as { readonly name?: unknown; readonly data?: unknown; readonly options?: Options };
      return sendWith(request.name, request.data, request.options);
    },
    sendAfter: (name: unknown, data: unknown, options: Options | null, startAfter: unknown) =>
      sendWith(name, data, { ...options, startAfter }),
    sendThrottled: (
      name: unknown,
      data: unknown,
      options: Options | null,
      singletonSeconds: unknown,
      singletonKey?: unknown,
    ) => sendWith(name, data, { ...options, singletonSeconds, singletonNextSlot: false, singletonKey }),
    sendDebounced: (
      name: unknown,
      data: unknown,
      options: Options | null,
      singletonSeconds: unknown,
      singletonKey?: unknown,
    ) => sendWith(name, data, { ...options, singletonSeconds, singletonNextSlot: true, singletonKey }),
    insert: (name: unknown, jobs: unknown, options?: Options) => insertAll(waybill, original, name, jobs, options),
    work: (name: string, ...args: unknown[]) => {
      const handler = args.at(-1);
      const options = args.length > 1 ? (args[0] as Options | undefined) : undefined;
      // Not ours to refuse: the library says what is wrong with it.
      if (typeof handler !== 'function') return original.work(name, ...(args as [Options, Handler]));
      return original.work(
        name,
        { ...options, includeMetadata: true },
        wrapHandler(waybill, handler as Handler, options),
      );
    },
  };
  return Object.assign(boss, replaced);
}

// ── sending ──

function sendOne(waybill: Waybill, original: Original, name: unknown, data: unknown, options: Options) {
  if (typeof name !== 'string') return original.send(name as string, data, options); // it throws its own error
  return waybill.produce(
    sendOf(name, data, options),
    (envelope) => original.send(name, writePayloadField(envelope, data), options),
    (id) => receiptOf(id, options),
  );
}

function insertAll(waybill: Waybill, original: Original, name: unknown, jobs: unknown, options: Options | undefined) {
  const isOurs =
    typeof name === 'string' && Array.isArray(jobs) && jobs.length > 0 && jobs.every((job) => job instanceof Object);
  if (!isOurs) {
    return original.insert(name as string, jobs as Options[], options);
  }
  // Ids are set here: an answer leaves out the jobs that were there already, so its positions prove nothing.
  const identified = (jobs as Options[]).map((job) => ({ ...job, id: (job['id'] ?? randomUUID()) as string }));
  return waybill
    .produceAll(
      identified.map((job) => sendOf(name, (job as Options)['data'], job)),
      (envelopes) => {
        const carrying = identified.map((job: Options, index) => {
          const envelope = envelopes[index];
          return envelope === undefined ? job : { ...job, data: writePayloadField(envelope, job['data']) };
        });
        return original.insert(name, carrying, { ...options, returnId: true });
      },
      (ids) => {
        const taken = new Set(ids);
        return identified.map(({ id }) => receiptOf(taken.has(id) ? id : null, options ?? {}));
      },
    )
    .then((ids) => (options?.['returnId'] === true ? ids : null));
}

function sendOf(name: string, data: unknown, options: Options): Send {
  const dedupKey = options['singletonKey'];
  const startAfter = options['startAfter'];
  const isDelayed = startAfter !== undefined && startAfter !== null && startAfter !== 0;
  return {
    system: SYSTEM,
    destination: name,
    eventType: name,
    notBefore: isDelayed ? instantOf(startAfter) : undefined,
    isDelayed,
    dedupKey: typeof dedupKey === 'string' ? dedupKey : undefined,
    isCarrying: isCarryingPayload(data),
  };
}

/** Seconds from now, or a date; undefined for an interval in Postgres' own words. */
function instantOf(startAfter: unknown): number | undefined {
  const seconds = Number(startAfter instanceof Date ? Number.NaN : startAfter);
  if (Number.isFinite(seconds)) return Date.now() + seconds * 1000;
  const at = startAfter instanceof Date ? startAfter.getTime() : Date.parse(String(startAfter));
  return Number.isFinite(at) ? at : undefined;
}

function receiptOf(id: string | null, options: Options): Receipt {
  if (id === null) return { status: 'duplicate' }; // a singleton or throttled job that is there already
  // A connection of the app's own may be in a transaction that is rolled back yet.
  return { status: options['db'] === undefined ? 'taken' : 'pending', brokerId: id };
}

// ── receiving ──

function wrapHandler(waybill: Waybill, handler: Handler, options: Options | undefined): Handler {
  const isPerJob = options?.['perJobResults'] === true;
  return (jobs, ...rest) => {
    const [only] = jobs;
    const run = () => handler(jobs, ...rest);
    const deliveries = jobs.map(takeDelivery);
    if (jobs.length === 1 && only !== undefined && deliveries[0] !== undefined) {
      return waybill.consume(deliveries[0], run, (error, result) =>
        settlementOf(only, errorOf(only, error, result, isPerJob)),
      );
    }
    const { batch, items } = waybill.openBatch(deliveries);
    return waybill.execute(batch, run, (error, result) => {
      for (const [index, job] of jobs.entries()) {
        items[index]?.settle(settlementOf(job, errorOf(job, error, result, isPerJob)));
      }
      return undefined;
    });
  };
}

/** The delivery that a job is; its data is given back as it was sent. */
function takeDelivery(job: Job): Delivery {
  const { envelope, payload } = readPayloadField(job.data);
  job.data = payload;
  return {
    system: SYSTEM,
    destination: job.name,
    envelope,
    eventType: job.name,
    attempt: job.retryCount + 1,
    maxAttempts: job.retryLimit + 1,
    deadLettered: job.sourceName != null,
    // A redrive makes a new job and leaves only the root's id.
    redelivered: job.retryCount > 0 || job.sourceRootId != null,
    brokerId: job.id,
    enqueuedAt: millisOf(job.createdOn),
    leaseUntil: millisOf(job.startedOn, job.expireInSeconds),
  };
}

/** Undefined for what a database adapter of the app's own hands out as something else than a date. */
function millisOf(date: unknown, secondsLater = 0): number | undefined {
  const at = date instanceof Date ? date.getTime() + secondsLater * 1000 : Number.NaN;
  return Number.isFinite(at) ? at : undefined;
}

/** What one job failed with; undefined when it was completed. */
function errorOf(job: Job, error: unknown, result: unknown, isPerJob: boolean): unknown {
  if (error !== undefined) return error;
  // The library has given up waiting and failed the job; its handler went on for nothing.
  if (job.signal?.aborted) return job.signal.reason ?? new Error('The job expired.');
  if (!isPerJob) return undefined;
  const own = Array.isArray(result) ? result.find((each: { id?: unknown }) => each?.id === job.id) : undefined;
  if (own?.status === 'completed') return undefined;
  return own?.output ?? new Error('The handler gave no result for the job.');
}

/** The library decides by the count alone, so we can say it before it does. */
function settlementOf(job: Job, error: unknown): Settlement {
  if (error === undefined) return { outcome: 'ok', by: 'return' };
  if (job.retryCount >= job.retryLimit) return { outcome: 'dead', error, by: 'retryLimit' };
  // With backoff the delay is drawn at random, in the database.
  const retryAt = job.retryBackoff ? undefined : Date.now() + job.retryDelay * 1000;
  return { outcome: 'retry', error, retryAt, by: 'retryLimit' };
}
