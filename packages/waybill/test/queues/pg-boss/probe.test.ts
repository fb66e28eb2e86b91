import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PgBoss } from 'pg-boss';
import { probeBoss } from '../../../src/queues/pg-boss/pg-boss.ts';

/** Never called: the type is the test. */
export const FITTING = (boss: PgBoss) => probeBoss(boss, { queues: ['orders'] });

const QUEUE = { name: 'orders', retryLimit: 2, expireInSeconds: 900, deadLetter: null };

test('an early release tells its settings, and nothing is made up of what it does not count', async () => {
  const early = { getQueues: async () => [QUEUE], getQueueStats: async () => ({ queuedCount: 3, activeCount: 1 }) };
  assert.deepEqual(JSON.parse(JSON.stringify(await probeBoss(early)())), [
    { name: 'orders', kind: 'queue', system: 'pg_boss', lease_ms: 900_000, max_attempts: 3 },
  ]);
});

/** Counted so long ago, and with one job in it now, that is delayed. */
const counted = (readyCount: number, secondsAgo: number) => ({
  getQueues: async () => [QUEUE],
  getQueueStats: async () => [{ readyCount, capturedOn: new Date(Date.now() - secondsAgo * 1000) }],
  findJobs: async () => [{ createdOn: new Date(0), startAfter: new Date(1) }],
});
const depthOf = async (boss: ReturnType<typeof counted>) => [await probeBoss(boss)()].flat()[0]?.depth;

test('a count that nobody has renewed for minutes is not what is there now', async () => {
  assert.deepEqual([await depthOf(counted(3, 90)), await depthOf(counted(3, 180))], [3, undefined]);
});

test('that nothing could be taken is said of now, and never of a minute ago', async () => {
  assert.deepEqual([await depthOf(counted(0, -1)), await depthOf(counted(0, 30))], [0, undefined]);
});

test('of more instances than are asked for, nothing is said about who works', async () => {
  const workers = [{ queue: 'orders' }];
  const instances = Array.from({ length: 1000 }, () => ({ live: true, heartbeatOn: new Date(), workers }));
  const crowded = {
    getQueues: async () => [QUEUE],
    getQueueStats: async () => [],
    getInstances: async () => instances,
  };
  const [report] = [await probeBoss(crowded)()].flat();
  assert.deepEqual([report?.consumers, report?.last_consumer_seen_at], [undefined, undefined]);
});

test('something that is no PgBoss is refused, and so are queues that are no names', () => {
  assert.throws(() => probeBoss({} as PgBoss), { code: 'CLIENT_UNFIT', message: /"getQueues"/ });
  const boss = { getQueues: async () => [], getQueueStats: async () => [] };
  assert.throws(() => probeBoss(boss, { queues: 'orders' as unknown as string[] }), { code: 'OPTION_INVALID' });
});
