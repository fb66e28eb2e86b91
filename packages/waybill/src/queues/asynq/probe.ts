import { agedMs, type DestinationReport } from '../../core/destination-report.ts';
import { LEASE_MS, millisOfNanos } from './broker.ts';
import { QUEUES_KEY, queueKey, taskKeyPrefix } from './keys.ts';
import { type RedisLike, runScript } from './redis.ts';
import { LOOK } from './scripts.ts';
import { listServed } from './servers.ts';
import { SYSTEM } from './system.ts';

/** All queues that Asynq knows, or those that are named. Who serves them is asked once for all. */
export async function reportOfQueues(
  redis: RedisLike,
  now: () => number,
  named: readonly string[] | undefined,
): Promise<DestinationReport[]> {
  const [queues, served] = await Promise.all([named ?? queuesOf(redis), listServed(redis, now())]);
  const reports = queues.map(async (name): Promise<DestinationReport> => {
    const found = await runScript(redis, LOOK, [queueKey(name, 'pending')], [taskKeyPrefix(name)]);
    const [depth, since] = found as [number, Buffer | null | undefined]; // sound: what the script answers
    return {
      name,
      kind: 'queue',
      system: SYSTEM,
      depth,
      oldest_ms: depth === 0 ? 0 : agedMs(millisOfNanos(since), now()),
      consumers: served.filter((queue) => queue === name).length,
      lease_ms: LEASE_MS,
    };
  });
  return Promise.all(reports);
}

async function queuesOf(redis: RedisLike): Promise<string[]> {
  const names = await redis.callBuffer('SMEMBERS', QUEUES_KEY);
  return (names as Buffer[]).map(String).sort(); // sound: what a set of texts gives
}
