import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Waybill } from '../../src/core/waybill.ts';
import { CARRIER_NAMES } from '../../src/layouts/headers.ts';
import { instrumentFlowProducer, instrumentQueue, instrumentWorker } from '../../src/queues/bullmq/bullmq.ts';
import type { Handler, Harness, Subject } from '../../src/testing/case.ts';

/** What the harness drives: the same calls in both majors. */
export type Bullmq = Pick<typeof import('bullmq'), 'Queue' | 'Worker' | 'FlowProducer'>;

export const REDIS = { host: '127.0.0.1', port: 6379 };

/** A major of the library and where its jobs lie. */
export interface Place {
  readonly bullmq: Bullmq;
  readonly connection: object;
}

const OURS: readonly string[] = CARRIER_NAMES;
const TICK_MS = 300;
/** Two attempts without a wait. BullMQ has no dead-letter queue: what is dead lies in the failed set. */
const TWICE = { attempts: 2 };
/** What a worker that died had taken is found soon. */
const STALLED_INTERVAL_MS = 200;
const LOCK_MS = 400;

/** BullMQ, in queues under a prefix that only this run has. */
export function bullmqSubject(name: string, place: Place): Subject {
  return {
    name,
    claims: ['bulk', 'concurrency', 'deduplication', 'delay', 'flow', 'retry', 'schedule', 'stall'],
    start: async (waybill) => harnessAround(place, waybill, `waybill-${randomBytes(6).toString('hex')}`),
  };
}

function harnessAround({ bullmq, connection }: Place, waybill: Waybill, prefix: string): Harness {
  const options = { connection, prefix };
  const queues = new Map<string, Queue>();
  const foreign = new Map<string, Queue>();
  const workers: Worker[] = [];
  let isClosing = false; // connections that are cut on the way out are no news
  const flows = instrumentFlowProducer(new bullmq.FlowProducer(options), waybill);
  const queueOf = (destination: string): Queue => {
    const queue = queues.get(destination) ?? instrumentQueue(new bullmq.Queue(destination, options), waybill);
    queues.set(destination, queue);
    return queue;
  };
  const foreignQueueOf = (destination: string): Queue => {
    const queue = foreign.get(destination) ?? new bullmq.Queue(destination, options);
    foreign.set(destination, queue);
    return queue;
  };
  const start = (destination: string, processor: (job: Job) => Promise<unknown>, workerOptions: object): Worker => {
    const worker = new bullmq.Worker(destination, processor, {
      ...options,
      stalledInterval: STALLED_INTERVAL_MS,
      ...workerOptions,
    });
    worker.on('error', (error) => isClosing || console.error('bullmq:', error));
    workers.push(instrumentWorker(worker, waybill));
    return worker;
  };
  return {
    send(destination, payloads, { delayMs, key }) {
      const opts = { ...TWICE, ...(delayMs && { delay: delayMs }), ...(key && { deduplication: { id: key } }) };
      const queue = queueOf(destination);
      const [only] = payloads;
      if (payloads.length === 1) return queue.add('job', only, opts);
      return queue.addBulk(payloads.map((data) => ({ name: 'job', data, opts })));
    },
    // A producer that is not instrumented writes whatever it likes into the options.
    sendForeign: (destination, payload, carrier) =>
      foreignQueueOf(destination).add('job', payload, { ...TWICE, ...(carrier && { waybill: carrier }) }),
    consume: (destination, handler, concurrency) =>
      start(destination, async (job) => handler(payloadOf(job)), { concurrency }).waitUntilReady(),
    async failureOf(destination) {
      for (;;) {
        const [job] = await queueOf(destination).getFailed();
        // Beside the message BullMQ keeps the stack, which begins with the name.
        if (job !== undefined) return job.stacktrace?.at(-1)?.split('\n')[0] ?? '';
      }
    },
    schedule: (destination, scheduleId, payload) =>
      queueOf(destination).upsertJobScheduler(scheduleId, { every: TICK_MS }, { name: 'job', data: payload }),
    sendFlow: (parent, children, payload) =>
      flows.add({
        name: 'job',
        queueName: parent,
        data: payload,
        children: children.map((queueName) => ({ name: 'job', queueName, data: payload })),
      }),
    consumeAndDie: (destination, handler) =>
      takeAndDie(handler, (processor) => start(destination, processor, { lockDuration: LOCK_MS })),
    async close() {
      isClosing = true;
      // Never by force: a worker whose connection is gone tries again for ever to make the next tick.
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([...queues.values(), ...foreign.values(), flows].map((client) => client.close()));
      if (connection === REDIS) await removeKeys(prefix);
    },
  };
}

/** What BullMQ leaves behind when a queue is obliterated: markers, and the queues that only a flow has named. */
export async function removeKeys(prefix: string): Promise<void> {
  const redis = new Redis(REDIS);
  const keys = await redis.keys(`${prefix}:*`);
  if (keys.length > 0) await redis.unlink(keys);
  await redis.quit();
}

/** Runs the handler for one job, and then stops without having said how it ended. */
async function takeAndDie(handler: Handler, start: (processor: (job: Job) => Promise<unknown>) => Worker) {
  const taken = Promise.withResolvers<void>();
  const worker = start(async (job) => {
    await handler(payloadOf(job));
    taken.resolve();
    return new Promise(() => {});
  });
  await taken.promise;
  await Promise.all([once(worker, 'closed'), worker.close(true)]);
}

/** The data as the handler gets it; and beside it what another tool has put where our context lies. */
function payloadOf({ data, opts }: Job): unknown {
  const carrier = (opts as { waybill?: object }).waybill ?? {}; // sound: BullMQ gives back options that it does not know
  const others = Object.entries(carrier).filter(([name]) => !OURS.includes(name));
  return others.length === 0 ? data : { ...data, ...Object.fromEntries(others) };
}
