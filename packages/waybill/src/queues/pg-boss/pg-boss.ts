import type { Probe } from '../../core/destination-report.ts';
import { checkClient, markInstrumented } from '../../core/instrumented.ts';
import { checkOptions, isTexts } from '../../core/options.ts';
import type { Waybill } from '../../core/waybill.ts';
import { methodsOf } from './boss.ts';
import { editingMethods } from './edit.ts';
import { executionOf, type OpenJobs } from './executions.ts';
import { fetchMethods } from './fetch.ts';
import { flowMethods } from './flow.ts';
import { type ProbedBoss, reportOfBoss } from './probe.ts';
import { sendingMethods } from './send.ts';
import { workMethods } from './work.ts';

export const peer = { name: 'pg-boss', range: '>=12 <13' };

/** The methods that every release has, and that we replace; those that came later are replaced where they are. */
export interface PgBossLike {
  send(...args: never[]): Promise<string | null>;
  sendAfter(...args: never[]): Promise<string | null>;
  sendThrottled(...args: never[]): Promise<string | null>;
  sendDebounced(...args: never[]): Promise<string | null>;
  insert(...args: never[]): Promise<string[] | null>;
  work(...args: never[]): Promise<string>;
}

/**
 * Makes a PgBoss instance carry context, in the jobs' `data`: what it sends names its cause, and its workers run
 * in the workflow of their job. Handlers are given their data as it was sent, and the job's metadata, from which
 * we learn the attempt.
 */
export function instrumentBoss<Boss extends PgBossLike>(boss: Boss, waybill: Waybill): Boss {
  const needed = ['send', 'sendAfter', 'sendThrottled', 'sendDebounced', 'insert', 'work'];
  if (!markInstrumented('instrumentBoss', boss, needed)) return boss;
  const own = methodsOf(boss);
  const openJobs: OpenJobs = new Map();
  const replaced = {
    ...sendingMethods(own, waybill),
    ...editingMethods(own, waybill),
    ...flowMethods(own, waybill),
    ...workMethods(own, waybill, openJobs),
    ...fetchMethods(own, waybill, openJobs),
  };
  const present = Object.entries(replaced).filter(([name]) => name in boss);
  return Object.assign(boss, Object.fromEntries(present));
}

/**
 * Runs `work` in the scope of one job: of one that was fetched, whose consumer is no handler, or of one in a batch,
 * whose sends then name this job as their cause. The job is settled as ever.
 */
export function runJob<R>(job: object, work: () => R): R {
  const execution = executionOf(job);
  return execution === undefined ? work() : execution.run(work);
}

/** A PgBoss, as we ask it. */
export interface ProbedBossLike {
  getQueues(...args: never[]): Promise<unknown>;
  getQueueStats(...args: never[]): Promise<unknown>;
}

/**
 * What the database says of the queues, all or those that are named: how many jobs wait, for how long the oldest, who
 * works for them, and their settings. For `waybill.watch`.
 */
export function probeBoss(boss: ProbedBossLike, options: { readonly queues?: readonly string[] } = {}): Probe {
  checkClient('probeBoss', boss, ['getQueues', 'getQueueStats']);
  checkOptions('probeBoss', options, { queues: isTexts });
  // Sound: the library's own members, which ProbedBossLike leaves open.
  return () => reportOfBoss(boss as unknown as ProbedBoss, options.queues);
}
