import { agedMs, type DestinationReport } from '../../core/destination-report.ts';
import { type Job, type Options, SYSTEM } from './job.ts';

/** The library's own members, in the shapes in which we use them. */
export interface ProbedQueue {
  readonly name: string;
  readonly defaultJobOptions?: Options | undefined;
  getJobCounts(...types: string[]): Promise<Readonly<Record<string, number>>>;
  getJobs(types: string[], start: number, end: number, asc: boolean): Promise<readonly (Job | undefined)[]>;
  getWorkers(): Promise<readonly { readonly rawname?: string }[]>;
}

export interface ProbedWorker {
  readonly name: string;
  readonly opts?: { readonly lockDuration?: number };
}

/** Version 5 moves the waiting ones of a queue that is paused. */
const WAITING = ['waiting', 'paused'];

export async function reportOfQueue(queue: ProbedQueue): Promise<DestinationReport> {
  const counts = await queue.getJobCounts(...WAITING, 'prioritized');
  const depth = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const oldestMs = depth === 0 ? 0 : counts['prioritized'] ? undefined : await oldestMsOf(queue);
  return {
    name: queue.name,
    kind: 'queue',
    system: SYSTEM,
    depth,
    oldest_ms: oldestMs,
    consumers: await consumersOf(queue),
    max_attempts: queue.defaultJobOptions?.attempts,
  };
}

/** What a queue does not know: each worker has a lease of its own. */
export async function reportOfWorker({ name, opts }: ProbedWorker): Promise<DestinationReport> {
  return { name, kind: 'queue', system: SYSTEM, lease_ms: opts?.lockDuration };
}

/**
 * Of the next one to be taken, where that is the oldest. It is not behind one with a priority, which is sorted by that,
 * or when it was put in front; and of a retry the library does not keep since when it waits.
 */
async function oldestMsOf(queue: ProbedQueue): Promise<number | undefined> {
  const [next] = await queue.getJobs(WAITING, 0, 0, true);
  if (next?.timestamp === undefined || next.attemptsMade !== 0 || next.opts?.lifo) return undefined;
  return agedMs(next.timestamp + (next.opts?.delay ?? 0), Date.now());
}

/** Undefined where the server names no connections: then the library answers with one that is none. */
async function consumersOf(queue: ProbedQueue): Promise<number | undefined> {
  const workers = await queue.getWorkers();
  return workers.every(({ rawname }) => rawname !== undefined) ? workers.length : undefined;
}
