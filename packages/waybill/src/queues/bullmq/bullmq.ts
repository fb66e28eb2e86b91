import type { JudgeOutcome } from '../../core/delivery.ts';
import type { Probe } from '../../core/destination-report.ts';
import { checkClient, markInstrumented } from '../../core/instrumented.ts';
import { restoreScope } from '../../core/passed-scope.ts';
import type { Waybill } from '../../core/waybill.ts';
import { executionOf, handle, holdJob } from './executions.ts';
import { type FlowProducer, flowProducerMethods } from './flow-producer.ts';
import { deliveryOf, type Job } from './job.ts';
import { type ProbedQueue, type ProbedWorker, reportOfQueue, reportOfWorker } from './probe.ts';
import { type Queue, queueMethods } from './queue.ts';
import { type Worker, workerMethods } from './worker.ts';

export const peer = { name: 'bullmq', range: '>=5 <7' };

/** A Queue or a FlowProducer: what we replace, open so that every release and every job type fits. */
export interface ProducerLike {
  add(...args: never[]): Promise<unknown>;
  addBulk(...args: never[]): Promise<unknown>;
}
/** Without `callProcessJob`: the class has it protected, and would not fit. */
export interface WorkerLike {
  emit(...args: never[]): boolean;
}
/** A Queue, as we ask it. */
export interface ProbedQueueLike {
  getJobCounts(...args: never[]): Promise<unknown>;
  getJobs(...args: never[]): Promise<unknown>;
  getWorkers(): Promise<unknown>;
}
/** As a Worker takes it, or a sandboxed file exports it. */
export type ProcessorLike = (...args: never[]) => unknown;

/**
 * Makes a Queue carry context, in its jobs' `opts.waybill`: what it sends names its cause. Of a job scheduler the
 * template only says on whose account it is; each iteration is the root of a workflow.
 */
export function instrumentQueue<Like extends ProducerLike>(queue: Like, waybill: Waybill): Like {
  if (!markInstrumented('instrumentQueue', queue, ['add', 'addBulk'])) return queue;
  // Sound: the library's own members, which ProducerLike leaves open.
  return Object.assign(queue, queueMethods(queue as unknown as Queue, waybill));
}

/** Makes a FlowProducer carry context: all jobs of a flow are caused by whoever creates it. */
export function instrumentFlowProducer<Like extends ProducerLike>(flowProducer: Like, waybill: Waybill): Like {
  if (!markInstrumented('instrumentFlowProducer', flowProducer, ['add', 'addBulk'])) return flowProducer;
  // Sound: as in a Queue.
  return Object.assign(flowProducer, flowProducerMethods(flowProducer as unknown as FlowProducer, waybill));
}

/**
 * Makes a Worker run its processor in the workflow of the job. Its `failed` listeners, which see each retry and the
 * end of them, run in it too; all others in no scope, whatever scope the worker was made in.
 */
export function instrumentWorker<Like extends WorkerLike>(worker: Like, waybill: Waybill): Like {
  if (!markInstrumented('instrumentWorker', worker, ['callProcessJob', 'emit'])) return worker;
  // Sound: the library's own members, one of them protected.
  return Object.assign(worker, workerMethods(worker as unknown as Worker, waybill));
}

/** Wraps the processor of a sandboxed file. Where its Worker is instrumented too, the execution is that Worker's. */
export function wrapProcessor<Processor extends ProcessorLike>(processor: Processor, waybill: Waybill): Processor {
  const wrapped = function (this: unknown, ...args: Parameters<Processor>): unknown {
    const run = () => processor.apply(this, args);
    const job = args[0] as Job | undefined; // sound: tested as far as it is read
    if (typeof job !== 'object' || job === null || executionOf(job) !== undefined) return run();
    const { waybillScope } = job;
    if (waybillScope === undefined) return handle(waybill, job, deliveryOf(job), run, judgeByThrow);
    delete job.waybillScope;
    holdJob(waybillScope.context, job);
    return restoreScope(waybillScope, run);
  };
  // BullMQ hands a signal only to processors that have three parameters.
  Object.defineProperties(wrapped, { length: { value: processor.length }, name: { value: processor.name } });
  return wrapped as unknown as Processor; // sound: the same parameters go in and the same result comes out
}

/**
 * What Redis says of a Queue: how many jobs wait, for how long the oldest, and how many workers are connected. For
 * `waybill.watch`.
 */
export function probeQueue(queue: ProbedQueueLike): Probe {
  checkClient('probeQueue', queue, ['getJobCounts', 'getJobs', 'getWorkers']);
  // Sound: the library's own members, which ProbedQueueLike leaves open.
  return () => reportOfQueue(queue as unknown as ProbedQueue);
}

/** What a Worker alone knows: how long its jobs are locked. For `waybill.watch`. */
export function probeWorker(worker: WorkerLike): Probe {
  checkClient('probeWorker', worker, ['callProcessJob']);
  // Sound: as in a Queue.
  return () => reportOfWorker(worker as unknown as ProbedWorker);
}

const judgeByThrow: JudgeOutcome = (error) =>
  error === undefined ? { outcome: 'ok', by: 'return' } : { outcome: 'failed', error, by: 'throw' };
