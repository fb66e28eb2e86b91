import { randomBytes } from 'node:crypto';
import type { FlowProducer, Job, Queue, Worker } from 'bullmq';
import * as bullmq6 from 'bullmq';
import * as bullmq5 from 'bullmq-5';
import type { Fact, SettledFact } from '../../../src/core/facts.ts';
import { createWaybill, type Waybill } from '../../../src/core/waybill.ts';
import { instrumentFlowProducer, instrumentQueue, instrumentWorker } from '../../../src/queues/bullmq/bullmq.ts';
import { missingBroker } from '../../brokers/available.ts';
import { type Bullmq, REDIS, removeKeys } from '../bullmq-subject.ts';

export const noRedis = (await missingBroker('Redis', 6379)) ?? false;

// Sound: the tests make only calls that both majors have, and run on both.
export const MAJORS: readonly Major[] = [
  { name: 'bullmq 6', bullmq: bullmq6 },
  { name: 'bullmq 5', bullmq: bullmq5 as unknown as Bullmq },
];

export interface Major {
  readonly name: string;
  readonly bullmq: Bullmq;
}

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;
type Processor = (job: Job, token?: string, signal?: AbortSignal) => Promise<unknown>;

/** Instrumented clients under a key prefix of their own, what they recorded, and the end of it all. */
export interface BullmqRun {
  readonly waybill: Waybill;
  queue(name: string, options?: object): Queue;
  /** As another service would have it: not instrumented. */
  plainQueue(name: string, options?: object): Queue;
  flowProducer(): FlowProducer;
  work(name: string, processor: Processor | string, options?: object): Worker;
  /** Runs the work as one request of tenant `acme`. */
  request<R>(work: () => R): R;
  /** Facts of the jobs of one queue or of all, in the order in which they were recorded. */
  facts<Kind extends Fact['kind']>(kind: Kind, queue?: string): FactOf<Kind>[];
  /** Waits until so many executions of a queue are settled. */
  untilSettled(queue: string, count: number): Promise<SettledFact[]>;
  close(): Promise<void>;
}

const WAIT_MS_MAX = 15_000;

export function startRun({ bullmq }: Major): BullmqRun {
  const recorded: Fact[] = [];
  let wake = () => {};
  const record = (fact: Fact) => {
    recorded.push(fact);
    wake();
  };
  const waybill = createWaybill({ service: 'test', recorder: { record } });
  const prefix = `waybill-${randomBytes(6).toString('hex')}`;
  const options = { connection: REDIS, prefix };
  const workers: Worker[] = [];
  const queues: Queue[] = [];
  const flowProducers: FlowProducer[] = [];
  const keep = <Client>(list: Client[], client: Client): Client => {
    list.push(client);
    return client;
  };
  const facts = <Kind extends Fact['kind']>(kind: Kind, queue?: string) =>
    recorded.filter(
      (fact): fact is FactOf<Kind> =>
        fact.kind === kind &&
        'system' in fact &&
        fact.system === 'bullmq' &&
        (queue === undefined || fact.destination === queue),
    );
  return {
    waybill,
    queue: (name, more) => keep(queues, instrumentQueue(new bullmq.Queue(name, { ...options, ...more }), waybill)),
    plainQueue: (name, more) => keep(queues, new bullmq.Queue(name, { ...options, ...more })),
    flowProducer: () => keep(flowProducers, instrumentFlowProducer(new bullmq.FlowProducer(options), waybill)),
    work(name, processor, more) {
      const worker = new bullmq.Worker(name, processor, { ...options, ...more });
      worker.on('error', () => {}); // what a test provokes, it looks at itself
      return keep(workers, instrumentWorker(worker, waybill));
    },
    request: (work) => waybill.ingress({ operation: 'checkout', tenantId: 'acme' }, work),
    facts,
    async untilSettled(queue, count) {
      const deadline = AbortSignal.timeout(WAIT_MS_MAX);
      while (facts('settled', queue).length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          deadline.addEventListener('abort', () => resolve(), { once: true });
        });
        if (deadline.aborted)
          throw new Error(`waited for ${count} settled in ${queue}: ${JSON.stringify(recorded, null, 1)}`);
      }
      return facts('settled', queue);
    },
    async close() {
      // Never by force: a worker whose connection is gone tries again for ever to make the next tick.
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([...queues, ...flowProducers].map((client) => client.close()));
      await removeKeys(prefix);
    },
  };
}
