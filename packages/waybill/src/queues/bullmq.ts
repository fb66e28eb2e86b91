import type { Context } from '../core/context.ts';
import type { Delivery, Execution, JudgeOutcome } from '../core/delivery.ts';
import { type Envelope, type Gap, isEnvelope } from '../core/envelope.ts';
import { markInstrumented } from '../core/instrumented.ts';
import { captureScope, type PassedScope, restoreScope } from '../core/passed-scope.ts';
import { current, runOutsideScopes } from '../core/scope.ts';
import type { Receipt, Send, Sending } from '../core/send.ts';
import type { Waybill } from '../core/waybill.ts';
import { type ReceivedCarrier, readHeaders, writeHeaders } from '../layouts/headers.ts';

export const peer = { name: 'bullmq', range: '>=5 <7' };

const SYSTEM = 'bullmq';

type Numbers<Name extends string> = Readonly<Partial<Record<Name, number>>>;

/** A Queue or a FlowProducer: what we replace, open so that every release and every job type fits. */
export interface ProducerLike {
  add(...args: never[]): Promise<unknown>;
  addBulk(...args: never[]): Promise<unknown>;
}
/** Without `callProcessJob`: the class has it protected, and would not fit. */
export interface WorkerLike {
  emit(...args: never[]): boolean;
}
/** As a Worker takes it, or a sandboxed file exports it. */
export type ProcessorLike = (...args: never[]) => unknown;

interface Options extends Numbers<'attempts' | 'delay' | 'timestamp'> {
  /** Ours: BullMQ stores what it does not know, and gives it back. */
  readonly waybill?: unknown;
  readonly jobId?: string;
  readonly deduplication?: { readonly id?: string; readonly replace?: boolean; readonly keepLastIfActive?: boolean };
  readonly parent?: { readonly id?: string; readonly queue?: string };
  readonly repeat?: { readonly key?: string };
  readonly telemetry?: { readonly metadata?: string };
}
type Entry = { readonly name: string; readonly opts?: Options | null | undefined };
type FlowEntry = Entry & { readonly queueName: string; readonly children?: readonly FlowEntry[] | null | undefined };
type Dependencies = { readonly processed?: object; readonly ignored?: object; readonly failed?: readonly string[] };
/** In a sandbox it is a plain object, without the methods. */
interface Job extends FlowEntry, Numbers<'attemptsMade' | 'attemptsStarted' | 'timestamp' | 'delay' | 'finishedOn'> {
  readonly id?: string;
  readonly queueQualifiedName: string;
  readonly repeatJobKey?: string;
  asJSONSandbox?(): object;
  getDependencies?(options: object): Promise<Numbers<'nextProcessedCursor' | 'nextIgnoredCursor'> & Dependencies>;
  /** Ours, on its way into a sandbox. */
  waybillScope?: PassedScope | undefined;
}
type Publish<Carried, Added> = (carried: Carried[]) => Promise<Added>;
type JobNode = { readonly job: Job; readonly children?: readonly JobNode[] };
/** Where jobs lie: in a Redis, or since version 6 in whatever a backend has. */
interface Store {
  readonly client?: Promise<{ hmget(key: string, ...fields: string[]): Promise<(string | null)[]> }>;
  getBackend?(): Store & {
    parseNodeKey(key: string): { readonly prefix: string; readonly queueName: string; readonly id: string };
    forQueue(queueName: string, prefix: string): { getJobData(id: string): Promise<Partial<Job> | undefined> };
  };
}
interface FlowProducer extends Store {
  add(...args: unknown[]): Promise<JobNode | undefined>;
  addBulk(...args: unknown[]): Promise<JobNode[] | undefined>;
}
interface Queue extends Store {
  readonly name: string;
  readonly qualifiedName: string;
  readonly defaultJobOptions?: Options;
  readonly removeRepeatable?: unknown;
  add(...args: unknown[]): Promise<Job>;
  addBulk(...args: unknown[]): Promise<Job[]>;
  upsertJobScheduler?(...args: unknown[]): Promise<Job>;
  getDeduplicationJobId(id: string): Promise<string | null>;
}
interface Worker extends Store {
  readonly opts?: { readonly lockDuration?: number };
  emit(event: string, ...args: unknown[]): boolean;
  callProcessJob(job: Job, ...rest: unknown[]): unknown;
}

/** Of each running execution the job, and of each handled job the execution. */
const jobs = new WeakMap<Context, Job>();
const executions = new WeakMap<Job, Execution>();

/**
 * Makes a Queue carry context, in its jobs' `opts.waybill`: what it sends names its cause. Of a job scheduler the
 * template only says on whose account it is; each iteration is the root of a workflow.
 */
export function instrumentQueue<Like extends ProducerLike>(queue: Like, waybill: Waybill): Like {
  if (!markInstrumented('instrumentQueue', queue, ['add', 'addBulk'])) return queue;
  const own = queue as unknown as Queue; // sound: the library's own members, which ProducerLike leaves open
  const [add, addBulk, upsert] = [own.add.bind(own), own.addBulk.bind(own), own.upsertJobScheduler?.bind(own)];
  const template = (key: unknown, opts: Entry['opts'], publish: (carried: Options) => Promise<Job>) =>
    waybill.produce({ system: SYSTEM, destination: own.name, scheduleId: `${own.name}:${key}` }, (envelope) =>
      publish(carrying(opts, envelope)),
    );
  const replaced = {
    add: async (name: unknown, data: unknown, opts?: Entry['opts'], ...rest: unknown[]) => {
      const publish = (carried: Entry['opts']) => add(name, data, carried, ...rest);
      if (typeof name !== 'string') return publish(opts); // the library says what is wrong with it
      // Version 6 takes no notice of `repeat`, and adds one plain job.
      const repeat = own.removeRepeatable === undefined ? undefined : opts?.repeat;
      if (repeat != null) return template(repeat.key ?? name, opts, publish);
      const [job] = await sendAll(waybill, own, [{ name, opts }], async ([entry]) => [await publish(entry?.opts)]);
      return job;
    },
    addBulk: async (entries: unknown, ...rest: unknown[]) => {
      if (!isListOf(entries, isEntry)) return addBulk(entries, ...rest);
      return sendAll(waybill, own, entries, (carried) => addBulk(carried, ...rest));
    },
  };
  if (upsert === undefined) return Object.assign(queue, replaced);
  const upsertJobScheduler = async (id: unknown, repeat: unknown, job?: Partial<Entry>, ...rest: unknown[]) =>
    template(id, job?.opts, (opts) => upsert(id, repeat, { ...job, opts }, ...rest));
  return Object.assign(queue, replaced, { upsertJobScheduler });
}

/** One call of the library for all; each message learns what became of it. */
async function sendAll(waybill: Waybill, queue: Queue, entries: Entry[], publish: Publish<Entry, Job[]>) {
  const all = entries.map(({ opts }): Options => ({ ...queue.defaultJobOptions, ...opts }));
  const sends = entries.map(({ name }, index) => sendOf(queue.name, name, all[index] ?? {}));
  const handOver = async (envelopes: Envelope[]) => {
    const isReplacing = all.some(({ deduplication }) => deduplication?.replace);
    const replaced = isReplacing ? await Promise.all(all.map((opts) => watchReplaced(waybill, queue, opts))) : [];
    const carried = entries.map((entry, index) => ({ ...entry, opts: carrying(entry.opts, envelopes[index]) }));
    const added = await publish(carried);
    const asked = added.map((job, index) => receiptOf(queue, job, all[index] ?? {}, envelopes[index]));
    const receipts = await Promise.all(asked);
    await Promise.all(receipts.map(({ status }, index) => status === 'taken' && replaced[index]?.()));
    return { added, receipts };
  };
  return (await waybill.produceAll(sends, handOver, ({ receipts }) => receipts)).added;
}

function sendOf(destination: string, name: string, opts: Options): Send {
  const delayMs = Number(opts.delay ?? 0);
  const context = current();
  const running = context && jobs.get(context);
  const isAwaited = running?.id === opts.parent?.id && running?.queueQualifiedName === opts.parent?.queue;
  return {
    system: SYSTEM,
    destination,
    eventType: name,
    notBefore: delayMs > 0 ? (opts.timestamp || Date.now()) + delayMs : undefined,
    dedupKey: keyOf(opts),
    child: running !== undefined && isAwaited ? 'awaited' : undefined,
  };
}

/** A copy: callers freeze their options, and share them. Undefined covers a carrier in `defaultJobOptions`. */
function carrying(opts: Entry['opts'], envelope: Envelope | undefined): Options {
  return { ...opts, waybill: envelope?.isExternal ? undefined : envelope && writeHeaders(envelope, {}) };
}

const keyOf = ({ deduplication, jobId }: Options): string | undefined => deduplication?.id ?? jobId ?? undefined;

/** With a key the library may have kept an earlier job, and answers as if it had not: what is stored tells. */
async function receiptOf(store: Store, job: Job | undefined, opts: Options, sent?: Envelope): Promise<Receipt> {
  const brokerId = job?.id;
  if (keyOf(opts) === undefined) return { status: 'taken', brokerId };
  const stored = job && (await storedJob(store, `${job.queueQualifiedName}:${job.id}`));
  if (stored === undefined || sent?.isExternal) return { status: 'unknown', brokerId }; // it may have run, and be gone
  if (stored.messageId === sent?.messageId) return { status: 'taken', brokerId };
  // Kept aside until the job that is running has ended, if no later one takes its place.
  return { status: opts.deduplication?.keepLastIfActive ? 'pending' : 'duplicate', brokerId };
}

/** A delayed job may be pushed out by ours: what comes back says so, once ours is in its place. */
async function watchReplaced(waybill: Waybill, queue: Queue, { deduplication }: Options) {
  if (!deduplication?.replace || deduplication.id === undefined) return undefined;
  const brokerId = await queue.getDeduplicationJobId(deduplication.id).catch(() => null);
  const key = `${queue.qualifiedName}:${brokerId}`;
  const envelope = (await storedJob(queue, key))?.envelope ?? 'absent';
  if (brokerId === null || !isEnvelope(envelope)) return undefined;
  return async () => {
    if ((await storedJob(queue, key)) !== undefined) return;
    waybill.discard({ envelope, system: SYSTEM, destination: queue.name, brokerId, how: 'superseded' });
  };
}

/** What is stored of a job. Never rejects: it is asked for a fact, not for the work. */
async function storedJob(store: Store, key: string) {
  try {
    const backend = store.getBackend?.();
    const client = await (backend ?? store).client;
    const [text, finished] = (await client?.hmget(key, 'opts', 'finishedOn')) ?? [];
    const place = client === undefined ? backend?.parseNodeKey(key) : undefined;
    const data = place && (await backend?.forQueue(place.queueName, place.prefix).getJobData(place.id));
    const opts = data?.opts ?? JSON.parse(text ?? 'null');
    if (opts === null) return undefined;
    const envelope = envelopeOf(opts);
    const messageId = isEnvelope(envelope) ? envelope.messageId : undefined;
    return { envelope, messageId, finishedOn: data?.finishedOn ?? Number(finished) };
  } catch {
    return undefined;
  }
}

/** Makes a FlowProducer carry context: all jobs of a flow are caused by whoever creates it. */
export function instrumentFlowProducer<Like extends ProducerLike>(flowProducer: Like, waybill: Waybill): Like {
  if (!markInstrumented('instrumentFlowProducer', flowProducer, ['add', 'addBulk'])) return flowProducer;
  const own = flowProducer as unknown as FlowProducer; // sound: as in a Queue
  const [add, addBulk] = [own.add.bind(own), own.addBulk.bind(own)];
  type Trees = (JobNode | undefined)[] | undefined;
  const send = async (flows: FlowEntry[], publish: Publish<FlowEntry, Trees>) => {
    const nodes = flows.map((flow) => prepareNode(waybill, flow));
    const settle = (trees: Trees, otherwise: Receipt) =>
      Promise.all(nodes.map((node, index) => settleNode(own, node, trees?.[index], otherwise)));
    try {
      const trees = await publish(nodes.map(({ carried }) => carried));
      await settle(trees, { status: 'refused' }); // no tree: the producer was closing
      return trees;
    } catch (error) {
      await settle(undefined, { status: 'unknown' });
      throw error;
    }
  };
  const replaced = {
    add: async (flow: unknown, ...rest: unknown[]) => {
      if (!isFlow(flow)) return add(flow, ...rest);
      const trees = await send([flow], async ([carried]) => [await add(carried, ...rest)]);
      return trees?.[0];
    },
    addBulk: async (flows: unknown, ...rest: unknown[]) => {
      if (!isListOf(flows, isFlow)) return addBulk(flows, ...rest);
      return send(flows, (carried) => addBulk(carried, ...rest));
    },
  };
  return Object.assign(flowProducer, replaced);
}

type PreparedNode = { readonly sending: Sending; readonly carried: FlowEntry; readonly children: PreparedNode[] };

/** Children first: the fact of a parent names the messages that it waits for. */
function prepareNode(waybill: Waybill, node: FlowEntry, tree?: { id: string | undefined }): PreparedNode {
  const flow = tree ?? { id: undefined };
  const children = node.children?.map((child) => prepareNode(waybill, child, flow)) ?? [];
  const send = sendOf(node.queueName, node.name, node.opts ?? {});
  if (children.length > 0) {
    send.flow = { ...flow, role: 'parent', awaits: children.map(({ sending }) => sending.envelope.messageId) };
    send.isDelayed = send.notBefore !== undefined;
    send.notBefore = undefined; // its delay begins when its last child has ended
  } else if (tree !== undefined) send.flow = { ...flow, role: 'child' };
  const sending = waybill.prepare(send);
  flow.id ??= sending.envelope.relations?.flow?.id;
  const carried = { ...node, opts: carrying(node.opts, sending.envelope) };
  if (children.length > 0) carried.children = children.map((child) => child.carried);
  return { sending, carried, children };
}

async function settleNode(store: Store, node: PreparedNode, tree: JobNode | undefined, otherwise: Receipt) {
  await Promise.all(node.children.map((child, at) => settleNode(store, child, tree?.children?.[at], otherwise)));
  const { opts } = node.carried;
  node.sending.settle(tree ? await receiptOf(store, tree.job, opts ?? {}, node.sending.envelope) : otherwise);
}

// Sound, in both: an object may be asked for any name, and what it says is tested.
const isEntry = (value: unknown): value is Entry => typeof (value as Partial<Entry> | null)?.name === 'string';
function isFlow(value: unknown): value is FlowEntry {
  const { queueName, children } = (value ?? {}) as Partial<FlowEntry>;
  return isEntry(value) && typeof queueName === 'string' && (children == null || isListOf(children, isFlow));
}
const isListOf = <Item>(list: unknown, isItem: (item: unknown) => item is Item): list is Item[] =>
  Array.isArray(list) && list.every(isItem);

/**
 * Makes a Worker run its processor in the workflow of the job. Its `failed` listeners, which see each retry and the
 * end of them, run in it too; all others in no scope, whatever scope the worker was made in.
 */
export function instrumentWorker<Like extends WorkerLike>(worker: Like, waybill: Waybill): Like {
  if (!markInstrumented('instrumentWorker', worker, ['callProcessJob', 'emit'])) return worker;
  const own = worker as unknown as Worker; // sound: the library's own members, one of them protected
  const [emit, callProcessJob] = [own.emit.bind(own), own.callProcessJob.bind(own)];
  const replaced = {
    callProcessJob: (job: Job, ...rest: unknown[]) => {
      const delivery = deliveryOf(job, own.opts?.lockDuration);
      const start = (releasedBy?: string) =>
        handle(waybill, job, { ...delivery, releasedBy }, () => callProcessJob(job, ...rest));
      return isReleasedParent(delivery) ? lastChildOf(job, own).then(start) : start();
    },
    // The library decides with `moveToCompleted` and `moveToFailed`, and tells so at once: not where its lock was lost.
    emit: (event: string, ...args: unknown[]) => {
      const [job, error] = args as [Job, unknown]; // sound: of these two events, and of others it is not looked at
      const tell = () => emit(event, ...args);
      if (event === 'completed') executions.get(job)?.settle({ outcome: 'ok', by: event });
      if (event !== 'failed' || !(job instanceof Object)) return runOutsideScopes(tell);
      const execution = executions.get(job) ?? openUnhandled(waybill, job);
      if (job.finishedOn) execution.settle({ outcome: 'dead', error, by: event });
      else execution.settle({ outcome: 'retry', error, retryAt: Date.now() + (job.delay ?? 0), by: event });
      return execution.run(tell);
    },
  };
  return Object.assign(worker, replaced);
}

/** Wraps the processor of a sandboxed file. Where its Worker is instrumented too, the execution is that Worker's. */
export function wrapProcessor<Processor extends ProcessorLike>(processor: Processor, waybill: Waybill): Processor {
  const wrapped = function (this: unknown, ...args: Parameters<Processor>): unknown {
    const run = () => processor.apply(this, args);
    const job = args[0] as Job | undefined; // sound: tested as far as it is read
    if (typeof job !== 'object' || job === null || executions.has(job)) return run();
    const { waybillScope } = job;
    if (waybillScope === undefined) return handle(waybill, job, deliveryOf(job), run, judgeByThrow);
    delete job.waybillScope;
    jobs.set(waybillScope.context, job);
    return restoreScope(waybillScope, run);
  };
  // BullMQ hands a signal only to processors that have three parameters.
  Object.defineProperties(wrapped, { length: { value: processor.length }, name: { value: processor.name } });
  return wrapped as unknown as Processor; // sound: the same parameters go in and the same result comes out
}

/** Runs it; how it ended is said by the events of its worker, or where there are none by `judge`. */
function handle(waybill: Waybill, job: Job, delivery: Delivery, run: () => unknown, judge?: JudgeOutcome): unknown {
  const execution = waybill.open(delivery);
  executions.set(job, execution);
  jobs.set(execution.context, job);
  const { asJSONSandbox } = job;
  if (asJSONSandbox !== undefined)
    job.asJSONSandbox = () => ({ ...asJSONSandbox.call(job), waybillScope: captureScope() });
  return waybill.execute(execution, run, (error, result) => {
    const by = releaseOf(error);
    return by === undefined ? judge?.(error, result) : { outcome: 'released', by };
  });
}

const judgeByThrow: JudgeOutcome = (error) =>
  error === undefined ? { outcome: 'ok', by: 'return' } : { outcome: 'failed', error, by: 'throw' };

/** What says "not now": the library goes by these names, and for its rate limit by the message. */
function releaseOf(error: unknown): string | undefined {
  const { name, message } = (error ?? {}) as Partial<Error>; // sound: anything but null may be asked for them
  if (message === 'bullmq:rateLimitExceeded') return 'RateLimitError';
  return ['DelayedError', 'WaitingError', 'WaitingChildrenError'].find((each) => each === name);
}

/** A job that failed before its processor was called: it stalled too often, or a child of it had failed. */
function openUnhandled(waybill: Waybill, job: Job): Execution {
  const attempt = job.attemptsMade ?? 1; // this one is counted already
  return waybill.open({ ...deliveryOf(job), attempt, redelivered: (job.attemptsStarted ?? 0) > attempt });
}

function deliveryOf(job: Job, lockMs?: number): Delivery {
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
    maxAttempts: opts?.attempts || 1,
    leaseUntil: lockMs === undefined ? undefined : Date.now() + lockMs,
    schedule: scheduleOf(job),
    carrier: typeof opts?.waybill === 'object' ? { ...opts.waybill } : undefined,
  };
}

/** Two workers agree on the instant in the job's id, `repeat:<key>:<ms>`. A key is unique in its queue only. */
function scheduleOf({ id, queueName, repeatJobKey, timestamp = 0, opts }: Job): Delivery['schedule'] {
  if (!repeatJobKey) return undefined;
  const dueAt = id?.startsWith('repeat:') ? Number(id.slice(id.lastIndexOf(':') + 1)) : timestamp + (opts?.delay ?? 0);
  return { id: `${queueName}:${repeatJobKey}`, dueAt };
}

/** Without a waybill another tool's metadata still says in which trace it was sent. Anybody may have written both. */
function envelopeOf(opts: Entry['opts']): Envelope | Gap {
  try {
    const read = readHeaders(opts?.waybill as ReceivedCarrier | undefined); // sound: it finds nothing in anything else
    return read === 'absent' ? readHeaders(JSON.parse(opts?.telemetry?.metadata ?? 'null')) : read;
  } catch {
    return 'absent';
  }
}

function isReleasedParent({ envelope, attempt, redelivered }: Delivery): boolean {
  return isEnvelope(envelope) && envelope.relations?.flow?.role === 'parent' && attempt === 1 && !redelivered;
}

const CHILDREN_MAX = 50; // of more it would cost too much to ask
/** The message of the child that ended last; undefined where one of them was removed. */
async function lastChildOf(job: Job, store: Store): Promise<string | undefined> {
  const page = { count: CHILDREN_MAX };
  const children = await job.getDependencies?.({ processed: page, ignored: page, failed: page }).catch(() => undefined);
  if (children === undefined || children.nextProcessedCursor || children.nextIgnoredCursor) return undefined;
  const { processed = {}, ignored = {}, failed = [] } = children;
  const keys = [...Object.keys(processed), ...Object.keys(ignored), ...failed];
  if (keys.length >= CHILDREN_MAX) return undefined;
  const ended = await Promise.all(keys.map((key) => storedJob(store, key)));
  // A child that is gone sorts last: then nobody can say which one it was.
  return ended.toSorted((one, other) => (one?.finishedOn ?? 0) - (other?.finishedOn ?? 0)).at(-1)?.messageId;
}
