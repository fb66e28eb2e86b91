import type { Delivery, Execution } from '../../core/delivery.ts';
import { runOutsideScopes } from '../../core/scope.ts';
import type { Waybill } from '../../core/waybill.ts';
import { executionOf, handle, letGo } from './executions.ts';
import { deliveryOf, type Job } from './job.ts';
import { isReleasedParent, lastChildOf } from './last-child.ts';
import type { Store } from './stored-job.ts';

/** The library's own members, one of them protected, in the shapes in which we use them. */
export interface Worker extends Store {
  readonly opts?: { readonly lockDuration?: number; readonly telemetry?: unknown };
  emit(event: string, ...args: unknown[]): boolean;
  callProcessJob(job: Job, ...rest: unknown[]): unknown;
}

export function workerMethods(own: Worker, waybill: Waybill) {
  const [emit, callProcessJob] = [own.emit.bind(own), own.callProcessJob.bind(own)];
  const isTraced = Boolean(own.opts?.telemetry); // it has made the span that is active around each job
  return {
    callProcessJob: (job: Job, ...rest: unknown[]) => {
      const delivery = deliveryOf(job, { isTraced, leaseUntil: leaseOf(own) });
      const start = (found: Delivery) => handle(waybill, job, found, () => callProcessJob(job, ...rest));
      if (!isReleasedParent(delivery)) return start(delivery);
      return waybill.untraced(() => lastChildOf(job, own)).then((releasedBy) => start({ ...delivery, releasedBy }));
    },
    // The library decides with `moveToCompleted` and `moveToFailed`, and tells so at once: not where its lock was lost.
    emit: (event: string, ...args: unknown[]) => {
      const [job, error] = args as [Job, unknown]; // sound: of these two events, and of others it is not looked at
      const tell = () => emit(event, ...args);
      const handled = event === 'completed' || event === 'failed' ? executionOf(job) : undefined;
      if (event === 'completed' && handled) {
        handled.settle({ outcome: 'ok', by: event });
        letGo(job);
      }
      if (event !== 'failed' || handled === null || !(job instanceof Object)) return runOutsideScopes(tell);
      const execution = handled ?? openUnhandled(waybill, job, isTraced);
      if (job.finishedOn) execution.settle({ outcome: 'dead', error, by: event });
      else execution.settle({ outcome: 'retry', error, retryAt: Date.now() + (job.delay ?? 0), by: event });
      return execution.run(tell);
    },
  };
}

function leaseOf({ opts }: Worker): number | undefined {
  return opts?.lockDuration === undefined ? undefined : Date.now() + opts.lockDuration;
}

/** A job that failed before its processor was called: it stalled too often, or a child of it had failed. */
function openUnhandled(waybill: Waybill, job: Job, isTraced: boolean): Execution {
  const attempt = job.attemptsMade ?? 1; // this one is counted already
  return waybill.open({ ...deliveryOf(job, { isTraced }), attempt, redelivered: (job.attemptsStarted ?? 0) > attempt });
}
