import type { Settlement } from '../../core/delivery.ts';
import type { Waybill } from '../../core/waybill.ts';
import type { Boss, CommandAnswer, Options } from './boss.ts';
import { holdJob, type OpenJobs } from './executions.ts';
import { isReleasedParent, nameReleasers } from './flow.ts';
import { type Job, settlementOf, takeDelivery } from './job.ts';
import { discardJobs, standingJobs } from './standing.ts';

/** A consumer without a handler: a job is started when it is fetched, and ends when somebody says how. */
export function fetchMethods(boss: Boss, waybill: Waybill, openJobs: OpenJobs) {
  const settle = (answer: CommandAnswer, id: unknown, settlementFor: (job: Job) => Settlement) => {
    const ids = affectedIds(answer, id);
    for (const each of ids) {
      const held = openJobs.get(each);
      if (held === undefined) continue;
      openJobs.delete(each);
      if (held.isFetched) held.execution.ended();
      held.execution.settle(settlementFor(held.job));
    }
    return ids;
  };
  const withdraw = (way: 'cancel' | 'deleteJob') => async (name: string, id: unknown, options?: Options) => {
    const targets = idsOf(id).map((each) => ({ id: each }));
    const standing = await standingJobs(boss, waybill, name, targets, options);
    const answer = await boss[way](name, id, options);
    const ids = settle(answer, id, () => ({ outcome: 'released', by: way }));
    discardJobs(
      waybill,
      standing.filter((job) => ids.includes(job.id)),
      'cancelled',
    );
    return answer;
  };
  return {
    fetch: async (name: string, options?: Options) => {
      if (options != null && typeof options !== 'object') return boss.fetch(name, options); // it throws its own error
      const askedAt = Date.now();
      const jobs = await boss.fetch(name, { ...options, includeMetadata: true });
      const deliveries = jobs.map(takeDelivery);
      const [first] = deliveries;
      if (first !== undefined && boss.makesSpans === false) first.askedAt = askedAt; // one call, one span
      const isAsking = options?.['db'] === undefined && deliveries.some(isReleasedParent);
      if (isAsking) await nameReleasers(boss, waybill, jobs, deliveries);
      for (const [index, job] of jobs.entries()) {
        const delivery = deliveries[index];
        if (delivery !== undefined) holdJob(openJobs, { job, execution: waybill.open(delivery), isFetched: true });
      }
      return jobs;
    },
    complete: async (name: string, id: unknown, data?: unknown, options?: Options) => {
      const answer = await boss.complete(name, id, data, options);
      settle(answer, id, () => ({ outcome: 'ok', by: 'complete' }));
      return answer;
    },
    fail: async (name: string, id: unknown, data?: unknown, options?: Options) => {
      const answer = await boss.fail(name, id, data, options);
      settle(answer, id, (job) => settlementOf(job, data ?? new Error('The job was failed, and no reason given.')));
      return answer;
    },
    cancel: withdraw('cancel'),
    deleteJob: withdraw('deleteJob'),
  };
}

/** Ids come one or several, bare or with the attempt that was fetched. */
function idsOf(id: unknown): string[] {
  const given: readonly unknown[] = Array.isArray(id) ? id : [id];
  return given.flatMap((each) => {
    const own = each instanceof Object && 'id' in each ? each.id : each;
    return typeof own === 'string' ? [own] : [];
  });
}

/** Of a job that another attempt has by now, the library takes no notice. */
function affectedIds({ settled, affected, requested }: CommandAnswer, id: unknown): readonly string[] {
  return settled ?? (affected === requested ? idsOf(id) : []);
}
