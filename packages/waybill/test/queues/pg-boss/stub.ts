import type { Waybill } from '../../../src/index.ts';
import { instrumentBoss } from '../../../src/queues/pg-boss/pg-boss.ts';

type Method = (...args: unknown[]) => Promise<unknown>;
type StubBoss = Readonly<Record<string, Method>>;

/** A PgBoss that has only what every release of 12 has, and these methods; `handle` is the worker that it was given. */
export function stubBoss(waybill: Waybill, methods: StubBoss = {}) {
  const worker = Promise.withResolvers<Method>();
  const nothing = async () => null;
  const work = async (_name: unknown, _options: unknown, handler: unknown) => worker.resolve(handler as Method);
  const early = { send: nothing, sendAfter: nothing, sendThrottled: nothing, sendDebounced: nothing, insert: nothing };
  // Sound: the stub has the methods that are asked for, and its tests call no others.
  const boss = instrumentBoss(
    { ...early, work, ...methods } as unknown as Parameters<typeof instrumentBoss>[0],
    waybill,
  );
  return {
    boss: boss as unknown as StubBoss,
    handle: async (jobs: readonly object[]) => (await worker.promise)(jobs),
  };
}

/** A job as `includeMetadata` gives it. */
export function stubJob(id: string, data: unknown, retryCount = 0): object {
  const createdOn = new Date('2026-03-17T14:02:11Z');
  return { id, name: 'orders', data, retryCount, retryLimit: 2, expireInSeconds: 900, createdOn };
}
