import type { Delivery, Settlement } from '../../core/delivery.ts';
import type { Waybill } from '../../core/waybill.ts';
import type { Boss, Handler, Options } from './boss.ts';
import { holdJob, type OpenJobs, releaseJob } from './executions.ts';
import { isReleasedParent, nameReleasers } from './flow.ts';
import { type Job, settlementOf, takeDelivery } from './job.ts';

export function workMethods(boss: Boss, waybill: Waybill, openJobs: OpenJobs) {
  return {
    work: (name: string, ...args: unknown[]) => {
      const handler = args.at(-1);
      const options = args.length > 1 ? (args[0] as Options | undefined) : undefined;
      // Not ours to refuse: the library says what is wrong with it.
      if (typeof handler !== 'function') return boss.work(name, ...(args as [Options, Handler]));
      const wrapped = wrapHandler(boss, waybill, openJobs, handler as Handler, options ?? {});
      return boss.work(name, { ...options, includeMetadata: true }, wrapped);
    },
  };
}

function wrapHandler(boss: Boss, waybill: Waybill, openJobs: OpenJobs, handler: Handler, options: Options): Handler {
  const isPerJob = options['perJobResults'] === true;
  // Its transaction may hold the pool's last connection: who asks on another would wait until the job expires.
  const isAsking = options['transactional'] !== true;
  return (jobs, ...rest) => {
    // Its span of a batch is that of each of its jobs. Where it cannot be seen, the span's kind has to tell.
    const deliveries = jobs.map((job): Delivery => ({ ...takeDelivery(job), isTraced: boss.makesSpans === true }));
    const run = () => handle(waybill, openJobs, jobs, deliveries, isPerJob, () => handler(jobs, ...rest));
    if (!isAsking || !deliveries.some(isReleasedParent)) return run();
    return nameReleasers(boss, waybill, jobs, deliveries).then(run);
  };
}

function handle(
  waybill: Waybill,
  openJobs: OpenJobs,
  jobs: readonly Job[],
  deliveries: readonly Delivery[],
  isPerJob: boolean,
  run: () => Promise<unknown>,
): Promise<unknown> {
  const [only] = jobs;
  const [delivery] = deliveries;
  if (jobs.length === 1 && only !== undefined && delivery !== undefined) {
    const execution = waybill.open(delivery);
    holdJob(openJobs, { job: only, execution, isFetched: false });
    return waybill.execute(execution, run, (error, result) => {
      releaseJob(openJobs, only);
      return judge(only, error, result, isPerJob);
    });
  }
  const { batch, items } = waybill.openBatch(deliveries);
  for (const [index, job] of jobs.entries()) {
    const execution = items[index];
    if (execution !== undefined) holdJob(openJobs, { job, execution, isFetched: false });
  }
  return waybill.execute(batch, run, (error, result) => {
    for (const [index, job] of jobs.entries()) {
      releaseJob(openJobs, job);
      items[index]?.settle(judge(job, error, result, isPerJob));
    }
    return undefined;
  });
}

interface JobResult {
  readonly id?: unknown;
  readonly status?: unknown;
  readonly output?: unknown;
}

const STATUSES: readonly unknown[] = ['completed', 'failed', 'deadletter'];

/** How one job ended, by what its handler threw or returned. */
function judge(job: Job, error: unknown, result: unknown, isPerJob: boolean): Settlement {
  if (error !== undefined) return settlementOf(job, error);
  // The library has given up waiting and failed the job; its handler went on for nothing.
  if (job.signal?.aborted) return settlementOf(job, job.signal.reason ?? new Error('The job expired.'));
  if (!isPerJob) return settlementOf(job, undefined);
  const results: readonly (JobResult | null)[] = Array.isArray(result) ? result : [];
  const own = results.findLast((each) => each?.id === job.id && STATUSES.includes(each?.status));
  if (own?.status === 'completed') return settlementOf(job, undefined);
  const failure = own?.output ?? new Error('The handler gave no result for the job.');
  if (own?.status === 'deadletter') return { outcome: 'dead', error: failure, by: 'deadletter' };
  return settlementOf(job, failure);
}
