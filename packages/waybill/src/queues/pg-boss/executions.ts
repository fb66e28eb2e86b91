import type { Execution } from '../../core/delivery.ts';
import type { Job } from './job.ts';

/** An execution that nobody has settled yet. */
export interface OpenJob {
  readonly job: Job;
  readonly execution: Execution;
  /** By `fetch`: no handler's end is seen, so the settling is it. */
  readonly isFetched: boolean;
}

/** By job id: that is all that the methods which settle a job are given. */
export type OpenJobs = Map<string, OpenJob>;

/** A consumer that fetches and never settles must not fill the memory. */
const OPEN_JOBS_MAX = 10_000;

const executions = new WeakMap<object, Execution>();

export function executionOf(job: object): Execution | undefined {
  return executions.get(job);
}

export function holdJob(openJobs: OpenJobs, held: OpenJob): void {
  executions.set(held.job, held.execution);
  openJobs.set(held.job.id, held);
  if (openJobs.size <= OPEN_JOBS_MAX) return;
  const [oldest] = openJobs.keys();
  if (oldest !== undefined) openJobs.delete(oldest);
}

/** Only this one: the same job may be held again meanwhile, in its next attempt. */
export function releaseJob(openJobs: OpenJobs, job: Job): void {
  if (openJobs.get(job.id)?.job === job) openJobs.delete(job.id);
}
