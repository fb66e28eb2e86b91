import type { Context } from '../../core/context.ts';
import type { Delivery, Execution, JudgeOutcome } from '../../core/delivery.ts';
import { hiddenField } from '../../core/hidden-field.ts';
import { captureScope } from '../../core/passed-scope.ts';
import type { Waybill } from '../../core/waybill.ts';
import type { Job } from './job.ts';

const executions = hiddenField<Execution | null>();
const jobs = hiddenField<Job>();

/** Null once its job has completed. */
export function executionOf(job: Job): Execution | null | undefined {
  return job instanceof Object ? executions.of(job) : undefined;
}

/** A worker's own list chains each job to the next, so all that a job holds outlives the young collections. */
export function letGo(job: Job): void {
  executions.set(job, null);
}

export function runningJob(context: Context | undefined): Job | undefined {
  return context && jobs.of(context);
}

/** What it adds is then this job's. */
export function holdJob(context: Context, job: Job): void {
  jobs.set(context, job);
}

/** Runs it; how it ended is said by the events of its worker, or where there are none by `judge`. */
export function handle(
  waybill: Waybill,
  job: Job,
  delivery: Delivery,
  run: () => unknown,
  judge?: JudgeOutcome,
): unknown {
  const execution = waybill.open(delivery);
  executions.set(job, execution);
  holdJob(execution.context, job);
  const { asJSONSandbox } = job;
  if (asJSONSandbox !== undefined)
    job.asJSONSandbox = () => ({ ...asJSONSandbox.call(job), waybillScope: captureScope() });
  return waybill.execute(execution, run, (error, result) => {
    const by = releaseOf(error);
    return by === undefined ? judge?.(error, result) : { outcome: 'released', by };
  });
}

/** What says "not now": the library goes by these names, and for its rate limit by the message. */
function releaseOf(error: unknown): string | undefined {
  const { name, message } = (error ?? {}) as Partial<Error>; // sound: anything but null may be asked for them
  if (message === 'bullmq:rateLimitExceeded') return 'RateLimitError';
  return ['DelayedError', 'WaitingError', 'WaitingChildrenError'].find((each) => each === name);
}
