import { getCallSites, inspect } from 'node:util';
import { millisOf } from '../core/date-millis.ts';
import type { Delivery, Execution, Settlement } from '../core/delivery.ts';
import { type Envelope, type Gap, isEnvelope } from '../core/envelope.ts';
import { markInstrumented } from '../core/instrumented.ts';
import type { Receipt, Send } from '../core/send.ts';
import type { Waybill } from '../core/waybill.ts';
import { isCarryingPayload, readPayloadField, writePayloadField } from '../layouts/payload-field.ts';

export const peer = { name: 'agenda', range: '>=6 <7' };

const SYSTEM = 'agenda';

/** What we replace, and what we look at. */
export interface AgendaLike {
  create(...args: never[]): object;
  define(...args: never[]): void;
  emit(event: string, ...args: never[]): boolean;
  readonly db: RepositoryLike;
  readonly definitions: { readonly [name: string]: object };
  /** In a process that a worker has forked for one job: there nothing is emitted. */
  readonly forkedWorker?: boolean;
}

/** The backend, whatever database it is for. */
export interface RepositoryLike {
  saveJob(...args: never[]): Promise<object>;
  getNextJobToRun(...args: never[]): Promise<object | undefined>;
  lockJob(...args: never[]): Promise<object | undefined>;
}

interface Job {
  readonly attrs: Attrs;
  save(): Promise<unknown>;
  toJson(...args: unknown[]): Attrs;
}

/** A job's row. */
interface Attrs {
  readonly _id?: unknown;
  readonly name: string;
  readonly type?: unknown;
  data?: unknown;
  readonly nextRunAt?: Date | null;
  readonly lastRunAt?: Date | null;
  readonly lockedAt?: Date | null;
  readonly failCount?: number | null;
  readonly repeatInterval?: unknown;
  readonly repeatAt?: unknown;
  readonly unique?: Readonly<Record<string, unknown>>;
  readonly uniqueOpts?: { readonly insertOnly?: boolean; readonly debounce?: { readonly strategy?: string } };
  readonly [LOCKED]?: Locked;
}

/** What a row said when it was locked; before the handler runs, the library has written over it. */
interface Locked {
  readonly dueAt: number | undefined;
  readonly ranAt: number | undefined;
}
/** A symbol of ours in the attributes comes along from the row to the job, and is in no query. */
const LOCKED = Symbol('waybill.locked');

interface Definition {
  fn: Processor;
  filePath: string | undefined;
  readonly lockLifetime: number;
  readonly backoff?: unknown;
}
type Processor = (job: Job, ...rest: unknown[]) => unknown;
type Done = (error?: unknown) => void;

/** What the processors of one instance need to know. */
interface Worker {
  readonly waybill: Waybill;
  readonly definitions: Readonly<Record<string, Definition>>;
  readonly isForked: boolean;
  readonly runs: WeakMap<object, Run>;
  /** Ticks that failed and are to be tried again, by their job's id. */
  readonly retries: Map<string, Tick & { readonly retryAt: number }>;
}

/** One run of a processor, from its start until the library has said how it ended. */
interface Run {
  readonly execution: Execution;
  readonly attrs: Attrs;
  readonly tick: Tick | undefined;
  failure?: { readonly error: unknown };
  retryAt?: number | undefined;
}

interface Tick {
  readonly schedule: { readonly id: string; readonly dueAt: number };
  readonly attempt: number | undefined;
}

/**
 * Makes an Agenda instance carry context, in the jobs' `data`: what it creates names its cause when it is saved,
 * and its processors run in the workflow of their job, and find its data as it was given. Each tick of `every` is
 * a workflow of its own.
 */
export function instrumentAgenda<Agenda extends AgendaLike>(agenda: Agenda, waybill: Waybill): Agenda {
  if (!markInstrumented('instrumentAgenda', agenda, ['create', 'define', 'emit'])) return agenda;
  keepRows(agenda.db);
  // Sound: these are the library's own signatures, which AgendaLike leaves open so that every release fits it.
  const create = agenda.create.bind(agenda) as (...args: unknown[]) => Job;
  const define = agenda.define.bind(agenda) as (name: string, processor: unknown, ...rest: unknown[]) => void;
  const emit = agenda.emit.bind(agenda) as (event: string, ...args: unknown[]) => boolean;
  const definitions = agenda.definitions as Readonly<Record<string, Definition>>;
  const isForked = agenda.forkedWorker === true;
  const worker: Worker = { waybill, definitions, isForked, runs: new WeakMap(), retries: new Map() };
  for (const definition of Object.values(definitions)) definition.fn = wrapProcessor(worker, definition.fn);
  return Object.assign(agenda, {
    create: (...args: unknown[]) => carryingJob(create(...args), worker),
    define: (name: string, processor: unknown, ...rest: unknown[]) => {
      if (typeof processor !== 'function') return define(name, processor, ...rest);
      define(name, wrapProcessor(worker, processor as Processor), ...rest);
      // For the processes that it forks the library reads the app's file off the stack: there it has found this one.
      const definition = definitions[name];
      if (definition !== undefined) definition.filePath = getCallSites(2, { sourceMap: false })[1]?.scriptName;
    },
    emit: (event: string, ...args: unknown[]) => emitInScope(worker, emit, event, args),
  });
}

// ── what the database holds ──

/** The row with which a save was answered, by what was saved: the job itself is not told whose data that is. */
const savedRows = new WeakMap<object, Attrs>();

/** Knows of no instance: several may have one backend. */
function keepRows(db: RepositoryLike): void {
  if (!markInstrumented('instrumentAgenda', db, ['saveJob', 'getNextJobToRun', 'lockJob'])) return;
  // Sound: the signatures of the library's own interface for backends.
  const saveJob = db.saveJob.bind(db) as (saved: object, ...rest: unknown[]) => Promise<Attrs>;
  const locking = (method: (...args: never[]) => Promise<object | undefined>) => {
    return async (...args: never[]) => {
      const row = (await method(...args)) as Attrs | null | undefined; // sound: a job's row, as the interface says
      if (row == null) return row;
      return { ...row, [LOCKED]: { dueAt: millisOf(row.nextRunAt), ranAt: millisOf(row.lastRunAt) } };
    };
  };
  Object.assign(db, {
    saveJob: async (saved: object, ...rest: unknown[]) => {
      const row = await saveJob(saved, ...rest);
      savedRows.set(saved, row);
      return row;
    },
    getNextJobToRun: locking(db.getNextJobToRun.bind(db)),
    lockJob: locking(db.lockJob.bind(db)),
  });
}

// ── sending ──

/** What a job writes beside its data, which the app does not see, and what it wrote last. */
interface Carrier {
  envelope: Envelope | undefined;
  saved: Attrs | undefined;
}

function carrierOf(job: Job, envelope: Envelope | undefined): Carrier {
  const toJson = job.toJson.bind(job);
  const carrier: Carrier = { envelope, saved: undefined };
  job.toJson = (...args) => {
    const json = toJson(...args);
    carrier.saved =
      carrier.envelope === undefined ? json : { ...json, data: writePayloadField(carrier.envelope, json.data) };
    return carrier.saved;
  };
  return carrier;
}

/** A job is sent by its first save, and only then is it known as what. Later saves change the same message. */
function carryingJob(job: Job, { waybill, isForked }: Worker): Job {
  const save = job.save.bind(job);
  const carrier = carrierOf(job, undefined);
  job.save = () => {
    if (job.attrs._id !== undefined) return save();
    const send = sendOf(job.attrs);
    return waybill.produce(
      send,
      (envelope) => {
        carrier.envelope = send.isCarrying ? envelope : undefined;
        return save();
      },
      // A forked process saves nothing, and only warns of it.
      () => (isForked ? { status: 'refused' } : receiptOf(carrier, job.attrs)),
    );
  };
  return job;
}

function sendOf(attrs: Attrs): Send {
  const { name, unique, uniqueOpts } = attrs;
  const nextRunAt = millisOf(attrs.nextRunAt);
  const debounce = uniqueOpts?.debounce;
  return {
    system: SYSTEM,
    destination: name,
    eventType: name,
    scheduleId: isRepeating(attrs) ? name : undefined,
    notBefore: nextRunAt !== undefined && nextRunAt > Date.now() ? nextRunAt : undefined,
    isDelayed: debounce !== undefined && debounce.strategy !== 'leading',
    dedupKey: unique === undefined ? undefined : inspect(unique, { breakLength: Number.POSITIVE_INFINITY }),
    // A key of the whole data would never match again with ours in it.
    isCarrying: isCarryingPayload(attrs.data) && unique?.['data'] === undefined,
  };
}

/** The answer is the row that stands; with `insertOnly` that may be another message's. */
function receiptOf({ envelope, saved }: Carrier, { uniqueOpts }: Attrs): Receipt {
  const row = saved && savedRows.get(saved);
  if (row === undefined) return { status: 'unknown' };
  const brokerId = String(row._id);
  if (envelope === undefined || envelope.isExternal) {
    return { status: uniqueOpts?.insertOnly ? 'unknown' : 'taken', brokerId };
  }
  const { envelope: standing } = readPayloadField(row.data);
  const isOurs = isEnvelope(standing) && standing.messageId === envelope.messageId;
  return { status: isOurs ? 'taken' : 'duplicate', brokerId };
}

// ── receiving ──

/** Takes the place of a processor, in its form: with two parameters the library hands in a callback, and waits for that. */
function wrapProcessor(worker: Worker, processor: Processor): Processor {
  const isCallback = processor.length === 2;
  const start = (job: Job, rest: unknown[]) => {
    const { execution } = openRun(worker, job);
    const work = () => (isCallback ? untilDone(processor, job) : processor(job, ...rest));
    // How it ended the library says later; in a forked process it says nothing.
    return worker.waybill.execute(execution, work, worker.isForked ? undefined : () => undefined);
  };
  const wrapped: Processor = (job, ...rest) => {
    if (!(job?.attrs instanceof Object)) return processor(job, ...rest); // called by somebody else
    if (!isCallback) return start(job, rest);
    const done = rest[0] as Done; // sound: to a processor of two parameters the library hands it
    void (start(job, rest) as Promise<unknown>).then(() => done(), done); // sound: it is untilDone's
    return undefined;
  };
  Object.defineProperties(wrapped, { length: { value: processor.length }, name: { value: processor.name } });
  return wrapped;
}

/** As the library waits for it: for the callback, or for an error by any way. */
function untilDone(processor: Processor, job: Job): Promise<void> {
  return new Promise((resolve, reject) => {
    const done: Done = (error) => (error ? reject(error) : resolve());
    Promise.resolve(processor(job, done)).catch(reject);
  });
}

function openRun(worker: Worker, job: Job): Run {
  const { attrs } = job;
  const { envelope, payload } = readPayloadField(attrs.data);
  attrs.data = payload;
  if (isEnvelope(envelope)) carrierOf(job, envelope); // a processor may save its job again
  const tick = isRepeating(attrs) ? tickOf(worker, attrs) : undefined;
  const execution = worker.waybill.open(deliveryOf(attrs, envelope, tick, worker.definitions[attrs.name]));
  const run: Run = { execution, attrs, tick };
  worker.runs.set(job, run);
  return run;
}

function deliveryOf(
  attrs: Attrs,
  envelope: Envelope | Gap,
  tick: Tick | undefined,
  definition: Definition | undefined,
): Delivery {
  const failures = attrs.failCount ?? 0;
  const ranAt = attrs[LOCKED]?.ranAt;
  // A row that was saved again under a unique key is older than its message.
  const isRunBefore = ranAt !== undefined && (!isEnvelope(envelope) || ranAt >= (envelope.sentAt ?? 0));
  const lockedAt = millisOf(attrs.lockedAt);
  return {
    system: SYSTEM,
    destination: attrs.name,
    envelope,
    eventType: attrs.name,
    attempt: tick === undefined ? failures + 1 : tick.attempt,
    redelivered: tick === undefined ? failures > 0 || isRunBefore : undefined,
    brokerId: String(attrs._id),
    readyAt: attrs[LOCKED]?.dueAt,
    leaseUntil: lockedAt && definition && lockedAt + definition.lockLifetime,
    schedule: tick?.schedule,
  };
}

function isRepeating({ repeatInterval, repeatAt }: Attrs): boolean {
  return repeatInterval != null || repeatAt != null;
}

/**
 * The library counts failures over all ticks, and moves the due time of the one that it tries again: this instance
 * remembers of which tick that was. Where another process has failed it, the attempt is not known.
 */
function tickOf({ retries, definitions }: Worker, attrs: Attrs): Tick {
  const id = String(attrs._id);
  const dueAt = attrs[LOCKED]?.dueAt ?? millisOf(attrs.lastRunAt) ?? 0;
  const failed = retries.get(id);
  retries.delete(id);
  if (failed?.retryAt === dueAt) return { schedule: failed.schedule, attempt: failed.attempt && failed.attempt + 1 };
  const isUnclear = (attrs.failCount ?? 0) > 0 && definitions[attrs.name]?.backoff !== undefined;
  const schedule = { id: attrs.type === 'single' ? attrs.name : `${attrs.name}:${id}`, dueAt };
  return { schedule, attempt: isUnclear ? undefined : 1 };
}

// ── how it ended ──

/** The events of a run: its listeners are in its scope, and by them the library says how it ended. */
function emitInScope(
  worker: Worker,
  emit: (event: string, ...args: unknown[]) => boolean,
  event: string,
  args: unknown[],
): boolean {
  const [first, second] = args as [object, { readonly nextRunAt?: unknown }?]; // sound: as far as they are asked for
  const run = worker.runs.get(first) ?? worker.runs.get(second as object); // for what is no object there is none
  if (run === undefined) return emit(event, ...args);
  if (event === 'fail') run.failure = { error: first };
  if (event === 'retry') keepRetry(worker, run, millisOf(second?.nextRunAt));
  if (event === 'complete') run.execution.settle(settlementOf(run));
  return run.execution.run(() => emit(event, ...args));
}

/** More ticks that wait to be tried again than one process has schedules: others have taken the oldest. */
const RETRIES_MAX = 1000;

function keepRetry({ retries }: Worker, run: Run, retryAt: number | undefined): void {
  run.retryAt = retryAt;
  if (run.tick === undefined || retryAt === undefined) return;
  const [oldest] = retries.size >= RETRIES_MAX ? retries.keys() : [];
  if (oldest !== undefined) retries.delete(oldest);
  retries.set(String(run.attrs._id), { ...run.tick, retryAt });
}

function settlementOf({ failure, retryAt, attrs, tick }: Run): Settlement {
  if (failure === undefined) return { outcome: 'ok', by: 'return' };
  const { error } = failure;
  if (retryAt !== undefined) return { outcome: 'retry', error, retryAt, by: 'backoff' };
  // An app may reschedule a failed job itself; of a tick it is only the next one.
  const nextRunAt = tick === undefined ? millisOf(attrs.nextRunAt) : undefined;
  if (nextRunAt !== undefined) return { outcome: 'retry', error, retryAt: nextRunAt, by: 'nextRunAt' };
  return { outcome: 'dead', error, by: 'backoff' };
}
