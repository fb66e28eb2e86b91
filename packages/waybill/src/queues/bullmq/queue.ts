import { type Envelope, isEnvelope } from '../../core/envelope.ts';
import type { Waybill } from '../../core/waybill.ts';
import { type Entry, type Job, type Options, SYSTEM } from './job.ts';
import { carrying, isEntry, isListOf, keyOf, type Publish, receiptOf, sendOf } from './send.ts';
import { type Store, storedJob } from './stored-job.ts';

/** The library's own members, in the shapes in which we use them. */
export interface Queue extends Store {
  readonly name: string;
  readonly qualifiedName: string;
  readonly opts?: { readonly telemetry?: unknown };
  readonly defaultJobOptions?: Options;
  readonly removeRepeatable?: unknown;
  add(...args: unknown[]): Promise<Job>;
  addBulk(...args: unknown[]): Promise<Job[]>;
  upsertJobScheduler?(...args: unknown[]): Promise<Job>;
  getDeduplicationJobId(id: string): Promise<string | null>;
}

export function queueMethods(own: Queue, waybill: Waybill) {
  const [add, addBulk, upsert] = [own.add.bind(own), own.addBulk.bind(own), own.upsertJobScheduler?.bind(own)];
  const template = (key: unknown, opts: Entry['opts'], publish: (carried: Options) => Promise<Job>) =>
    waybill.produce({ system: SYSTEM, destination: own.name, scheduleId: `${own.name}:${key}` }, (envelope) =>
      publish(carrying(opts, envelope)),
    );
  const methods = {
    add: async (name: unknown, data: unknown, opts?: Entry['opts'], ...rest: unknown[]) => {
      const publish = (carried: Entry['opts']) => add(name, data, carried, ...rest);
      if (typeof name !== 'string') return publish(opts); // the library says what is wrong with it
      // Version 6 takes no notice of `repeat`, and adds one plain job.
      const repeat = own.removeRepeatable === undefined ? undefined : opts?.repeat;
      if (repeat != null) return template(repeat.key ?? name, opts, publish);
      const all: Options = { ...own.defaultJobOptions, ...opts };
      if (keyOf(all) !== undefined) {
        const [job] = await sendAll(waybill, own, [{ name, opts }], async ([entry]) => [await publish(entry?.opts)]);
        return job;
      }
      // Most jobs: nothing is asked, and one promise is enough.
      const sending = waybill.prepare(sendOf(own.name, name, all, Boolean(own.opts?.telemetry)));
      try {
        const job = await publish(carrying(opts, sending.envelope));
        sending.settle({ status: 'taken', brokerId: job?.id });
        return job;
      } catch (error) {
        sending.settle({ status: 'unknown', error });
        throw error;
      }
    },
    addBulk: async (entries: unknown, ...rest: unknown[]) => {
      if (!isListOf(entries, isEntry)) return addBulk(entries, ...rest);
      return sendAll(waybill, own, entries, (carried) => addBulk(carried, ...rest));
    },
  };
  if (upsert === undefined) return methods;
  const upsertJobScheduler = async (id: unknown, repeat: unknown, job?: Partial<Entry>, ...rest: unknown[]) =>
    template(id, job?.opts, (opts) => upsert(id, repeat, { ...job, opts }, ...rest));
  return { ...methods, upsertJobScheduler };
}

/** One call of the library for all; each message learns what became of it. */
async function sendAll(waybill: Waybill, queue: Queue, entries: Entry[], publish: Publish<Entry, Job[]>) {
  const isTraced = Boolean(queue.opts?.telemetry);
  const all = entries.map(({ opts }): Options => ({ ...queue.defaultJobOptions, ...opts }));
  const sends = entries.map(({ name }, index) => sendOf(queue.name, name, all[index] ?? {}, isTraced));
  const handOver = async (envelopes: Envelope[]) => {
    const isReplacing = all.some(({ deduplication }) => deduplication?.replace);
    const watch = () => Promise.all(all.map((opts) => watchReplaced(waybill, queue, opts)));
    const replaced = isReplacing ? await waybill.untraced(watch) : [];
    const carried = entries.map((entry, index) => ({ ...entry, opts: carrying(entry.opts, envelopes[index]) }));
    const added = await publish(carried);
    const ask = async () => {
      const asked = added.map((job, index) => receiptOf(queue, job, all[index] ?? {}, envelopes[index]));
      const receipts = await Promise.all(asked);
      await Promise.all(receipts.map(({ status }, index) => status === 'taken' && replaced[index]?.()));
      return receipts;
    };
    return { added, receipts: await waybill.untraced(ask) };
  };
  return (await waybill.produceAll(sends, handOver, ({ receipts }) => receipts)).added;
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
