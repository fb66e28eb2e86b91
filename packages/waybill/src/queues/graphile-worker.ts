import { createHash } from 'node:crypto';
import { millisOf } from '../core/date-millis.ts';
import type { Delivery, Settlement } from '../core/delivery.ts';
import { type Envelope, type Gap, isEnvelope } from '../core/envelope.ts';
import { markInstrumented } from '../core/instrumented.ts';
import type { Receipt, Send } from '../core/send.ts';
import type { Waybill } from '../core/waybill.ts';
import { isCarryingPayload, readPayloadField, writePayloadField } from '../layouts/payload-field.ts';

export const peer = { name: 'graphile-worker', range: '>=0.16 <0.19' };

const SYSTEM = 'graphile_worker';
/** After so long the library takes a job for abandoned. */
const LOCK_MS = 4 * 60 * 60 * 1000;

/** What adds jobs: worker utils, a runner, a task's helpers. Only some have `addJobs`. */
export interface UtilsLike {
  addJob(...args: never[]): Promise<unknown>;
  addJobs?(...args: never[]): Promise<unknown>;
}

type Task = (payload: never, helpers: never) => unknown;
export type TaskListLike = { readonly [identifier: string]: Task | undefined };

interface JobSpec {
  readonly identifier: string;
  readonly payload?: unknown;
  readonly runAt?: unknown;
  readonly jobKey?: unknown;
  readonly jobKeyMode?: unknown;
}

/** A job's row, as adding it gives it and a task finds it. */
interface Job {
  readonly id: string | null;
  readonly task_identifier: string;
  readonly payload: unknown;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly key: string | null;
  readonly revision: number;
  readonly created_at: unknown;
  /** Moved by each retry. */
  readonly run_at?: unknown;
  readonly locked_at: unknown;
  readonly last_error: string | null;
}

interface Helpers extends UtilsLike {
  readonly job: Job;
}

/**
 * Makes worker utils, or a runner, carry context in the payloads of the jobs that they add. Helpers of a task do
 * so by themselves, if its task list is wrapped.
 */
export function instrumentUtils<Utils extends UtilsLike>(utils: Utils, waybill: Waybill): Utils {
  if (!markInstrumented('instrumentUtils', utils, ['addJob'])) return utils;
  return Object.assign(utils, carryingMethods(utils, waybill));
}

/**
 * A list of the same tasks, each of which runs in the workflow of its job, and finds its payload as it was sent.
 * What its helpers add names the job as the cause.
 */
export function wrapTaskList<Tasks extends TaskListLike>(taskList: Tasks, waybill: Waybill): Tasks {
  const tasks = Object.entries(taskList).map(([identifier, task]) => [
    identifier,
    typeof task === 'function' && !wrappedTasks.has(task) ? wrapTask(task as WorkerTask, waybill) : task,
  ]);
  // Sound: the same names, each with its own task or one of its parameters and its result.
  return Object.fromEntries(tasks) as Tasks;
}

// ── sending ──

type AddJob = (identifier: string, payload: unknown, spec?: Omit<JobSpec, 'identifier'>) => Promise<Job>;
type AddJobs = (specs: readonly JobSpec[], ...rest: unknown[]) => Promise<readonly Job[]>;

function carryingMethods(utils: UtilsLike, waybill: Waybill) {
  // Sound: these are the library's own signatures, which UtilsLike leaves open so that every release fits it.
  const original = { addJob: utils.addJob.bind(utils) as AddJob, addJobs: utils.addJobs?.bind(utils) as AddJobs };
  const addJob: AddJob = (identifier, payload, spec) => {
    if (typeof identifier !== 'string') return original.addJob(identifier, payload, spec); // it throws its own error
    const job = { ...spec, identifier, payload: payload ?? {} }; // as the library would make it of none
    return waybill.produce(
      sendOf(job),
      (envelope) => original.addJob(identifier, writePayloadField(envelope, job.payload), spec),
      (row) => receiptOf(row, job),
    );
  };
  if (utils.addJobs === undefined) return { addJob };
  const addJobs: AddJobs = (specs, ...rest) => addAll(waybill, original.addJobs, specs, rest);
  return { addJob, addJobs };
}

function addAll(waybill: Waybill, addJobs: AddJobs, specs: readonly JobSpec[], rest: unknown[]) {
  const isOurs =
    Array.isArray(specs) && specs.length > 0 && specs.every((spec) => typeof spec?.identifier === 'string');
  if (!isOurs) return addJobs(specs, ...rest); // nothing to do, or nothing that the library could do
  const jobs = specs.map((spec) => ({ ...spec, payload: spec.payload ?? {} }));
  let sent: readonly Envelope[] = [];
  return waybill.produceAll(
    jobs.map(sendOf),
    (envelopes) => {
      sent = envelopes;
      const carrying = jobs.map((job, index) => {
        const envelope = envelopes[index];
        return envelope === undefined ? job : { ...job, payload: writePayloadField(envelope, job.payload) };
      });
      return addJobs(carrying, ...rest);
    },
    (rows) => {
      // A join in the database makes the rows: their order proves nothing, what they carry does.
      const ids = new Map(rows.flatMap((row) => messagesIn(row.payload).map(({ id }) => [id, row.id] as const)));
      return sent.map(({ messageId }) => ({ status: 'taken', brokerId: ids.get(messageId) }));
    },
  );
}

function sendOf({ identifier, payload, runAt, jobKey }: JobSpec): Send {
  const notBefore = millisOf(runAt);
  return {
    system: SYSTEM,
    destination: identifier,
    eventType: identifier,
    notBefore: notBefore !== undefined && notBefore > Date.now() ? notBefore : undefined,
    dedupKey: typeof jobKey === 'string' ? jobKey : undefined,
    isCarrying: isCarryingPayload(payload),
  };
}

/** Of the modes of a key only `unsafe_dedupe` keeps what was there; with the others the new payload stands, under the old id. */
function receiptOf(row: Job, { jobKeyMode }: JobSpec): Receipt {
  if (typeof row.id !== 'string') return { status: 'unknown' }; // the key's job was locked at that very moment
  const isKept = jobKeyMode === 'unsafe_dedupe' && row.revision > 0;
  return { status: isKept ? 'duplicate' : 'taken', brokerId: row.id };
}

// ── receiving ──

type WorkerTask = (payload: unknown, helpers: Helpers, ...rest: unknown[]) => unknown;

/** A list that is wrapped twice, or tasks of it in another list, must not run twice over. */
const wrappedTasks = new WeakSet<Task>();

function wrapTask(task: WorkerTask, waybill: Waybill): WorkerTask {
  const wrapped: WorkerTask = (payload, helpers, ...rest) => {
    // Called by somebody else than the worker, as in an app's own tests.
    if (!(helpers?.job instanceof Object) || typeof helpers.addJob !== 'function') {
      return task(payload, helpers, ...rest);
    }
    const { job } = helpers;
    const own = readPayloadField(payload).payload; // a copy: of what fails in a batch the library keeps the job's
    const carrying = { ...helpers, ...carryingMethods(helpers, waybill) }; // made anew for each job
    const ends: Ends = { settled: [] };
    const run = () => settleElements(task(own, carrying, ...rest), own, ends);
    const messages = messagesIn(payload);
    const [only] = messages;
    if (messages.length === 1 && only !== undefined) {
      return waybill.consume(deliveryOf(job, payload, only.envelope), run, (error) =>
        settlementOf(job, error ?? errorIn(ends, only)),
      );
    }
    const { batch, items } = waybill.openBatch(messages.map(({ envelope }) => deliveryOf(job, payload, envelope)));
    return waybill.execute(batch, run, (error) => {
      for (const [index, message] of messages.entries()) {
        items[index]?.settle(settlementOf(job, error ?? errorIn(ends, message)));
      }
      return undefined;
    });
  };
  Object.defineProperties(wrapped, { length: { value: task.length }, name: { value: task.name } });
  wrappedTasks.add(wrapped);
  return wrapped;
}

/** One message of a payload, and which elements of it are its own. */
interface Message {
  readonly id: string | undefined;
  readonly envelope: Envelope | Gap;
  readonly elements: number[];
}

/** Mostly one; but the library joins the arrays of jobs that have one key, and elements of several messages then lie in one job. */
function messagesIn(payload: unknown): readonly Message[] {
  const elements: readonly unknown[] = Array.isArray(payload) && payload.length > 0 ? payload : [payload];
  const messages = new Map<string | undefined, Message>();
  for (const [index, element] of elements.entries()) {
    const { envelope } = readPayloadField(element);
    const id = isEnvelope(envelope) ? envelope.messageId : undefined;
    const message = messages.get(id);
    if (message === undefined) messages.set(id, { id, envelope, elements: [index] });
    else message.elements.push(index);
  }
  return [...messages.values()];
}

/** How the elements of a batch ended. */
interface Ends {
  settled: readonly PromiseSettledResult<unknown>[];
}

/** A batch task returns a promise for each element, and ends with the last of them; the library reads them after us. */
function settleElements(result: unknown, payload: unknown, ends: Ends): unknown {
  if (!Array.isArray(payload)) return result;
  return Promise.resolve(result).then(async (promises) => {
    if (!Array.isArray(promises) || promises.length !== payload.length) return promises;
    ends.settled = await Promise.allSettled(promises);
    return promises;
  });
}

/** What a message failed with: one of its elements is enough, for the job is tried again with that. */
function errorIn({ settled }: Ends, { elements }: Message): unknown {
  for (const index of elements) {
    const end = settled[index];
    if (end?.status === 'rejected') return end.reason ?? new Error('An element was rejected with nothing.');
  }
  return undefined;
}

function deliveryOf(job: Job, payload: unknown, envelope: Envelope | Gap): Delivery {
  const lockedAt = millisOf(job.locked_at);
  return {
    system: SYSTEM,
    destination: job.task_identifier,
    envelope,
    eventType: job.task_identifier,
    attempt: job.attempts,
    maxAttempts: job.max_attempts,
    // An operator may reschedule a job and set its count back; what it failed with stays.
    redelivered: job.attempts > 1 || job.last_error != null,
    brokerId: job.id ?? undefined,
    // The row of a key that was used again is older than its message.
    enqueuedAt: job.revision === 0 ? millisOf(job.created_at) : undefined,
    readyAt: millisOf(job.run_at),
    leaseUntil: lockedAt === undefined ? undefined : lockedAt + LOCK_MS,
    schedule: isEnvelope(envelope) ? undefined : tickOf(job, payload),
  };
}

/** Of a job that cron made: its schedule, and the minute that it is for; nothing of the job is a message before. */
function tickOf(job: Job, payload: unknown): Delivery['schedule'] {
  if (!(payload instanceof Object)) return undefined;
  const { _cron: cron, ...own } = payload as { readonly _cron?: { readonly ts?: unknown } };
  const dueAt = typeof cron?.ts === 'string' ? Date.parse(cron.ts) : Number.NaN;
  if (!Number.isFinite(dueAt)) return undefined;
  return { id: job.key ?? scheduleIdOf(job.task_identifier, own), dueAt };
}

/** The job does not say which line of the crontab made it: two lines for one task are told apart by their payloads. */
function scheduleIdOf(identifier: string, payload: object): string {
  if (Object.keys(payload).length === 0) return identifier;
  const hash = createHash('sha256').update(JSON.stringify(payload)).digest('hex');
  return `${identifier}#${hash.slice(0, 8)}`;
}

/** The library decides by the count alone, so we can say it before it does. */
function settlementOf(job: Job, error: unknown): Settlement {
  if (error === undefined) return { outcome: 'ok', by: 'return' };
  if (job.attempts >= job.max_attempts) return { outcome: 'dead', error, by: 'max_attempts' };
  const delayMs = Math.exp(Math.min(job.attempts, 10)) * 1000;
  return { outcome: 'retry', error, retryAt: Math.floor(Date.now() + delayMs), by: 'max_attempts' };
}
