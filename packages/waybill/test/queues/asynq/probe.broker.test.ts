import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { probeQueues } from '../../../src/queues/asynq/asynq.ts';
import { missingBroker } from '../../brokers/available.ts';
import { type AsynqWorld, asynqWorld, SECOND } from './asynq-world.ts';

const missing = await missingBroker('Redis', 6379);
/** A server in Go, that takes from `critical` and `default`; and one that was told to stop. */
const GO_SERVER =
  '0a08776f726b65722d3110e7241a2436663163366335652d306438662d346333632d396132622d316630653964386337623661' +
  '200a2a0c0a08637269746963616c10022a0b0a0764656661756c74100130013a06616374697665420b08bbbde5cd061080e59a774803';

describe('what Redis says of Asynq’s queues', { skip: missing ?? false }, () => {
  let world: AsynqWorld;
  beforeEach(() => {
    world = asynqWorld();
  });
  afterEach(() => world.close());

  const clock = () => world.time.now;
  const reportsOf = async (...queues: string[]) => [await probeQueues(world.redis, { clock, queues })()].flat();
  const reportOf = async () => (await reportsOf(world.queue))[0];
  const enqueue = (options: object = {}) => world.client().enqueue({ type: 'a', queue: world.queue, ...options });

  test('an empty queue: nothing waits, and nobody works for it', async () => {
    assert.deepEqual(await reportOf(), {
      name: world.queue,
      kind: 'queue',
      system: 'asynq',
      depth: 0,
      oldest_ms: 0,
      consumers: 0,
      lease_ms: 30_000,
    });
  });

  test('what is pending, and for how long the oldest: without what is delayed or worked on', async () => {
    await enqueue({ taskId: 'taken' });
    const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const server = world.serve(
      () => {
        begun.resolve();
        return goOn.promise;
      },
      { concurrency: 1 },
    );
    await begun.promise;
    await enqueue();
    world.time.now += 3000;
    await enqueue();
    await enqueue({ processInMs: 60_000 });
    world.time.now += 2000;
    const report = await reportOf();
    assert.deepEqual([report?.depth, report?.oldest_ms], [2, 5000]);
    goOn.resolve();
    await world.untilSettled(1);
    await server.stop();
  });

  test('how long the oldest waits is left out where it was handed back: nobody has written since when', async () => {
    await enqueue({ taskId: 'T' });
    await world.redis.hdel(`${world.prefix}t:T`, 'pending_since');
    const report = await reportOf();
    assert.deepEqual([report?.depth, report?.oldest_ms], [1, undefined]);
  });

  test('servers count for the queues that they take from, in Node while they run', async () => {
    const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await enqueue();
    const servers = [1, 2].map(() =>
      world.serve(() => {
        begun.resolve();
        return goOn.promise;
      }),
    );
    await begun.promise;
    await world.until(async () => (await reportOf())?.consumers === 2);
    const [working, other] = await reportsOf(world.queue, `${world.queue}-other`);
    goOn.resolve();
    await Promise.all(servers.map((server) => server.stop()));
    assert.deepEqual([working?.consumers, other?.consumers, (await reportOf())?.consumers], [2, 0, 0]);
  });

  test('servers in Go count, until they stop or are not heard of any more', async () => {
    const key = `asynq:servers:{worker-1:4711:${world.queue}}`;
    const bytes = Buffer.from(GO_SERVER.replaceAll(hex('critical'), hex(world.queue.slice(-8))), 'hex');
    const queue = world.queue.slice(-8);
    const list = async (score: number, info: Buffer) => {
      await world.redis.zadd('asynq:servers', score, key);
      await world.redis.setex(key, 60, info);
      return (await reportsOf(queue))[0]?.consumers;
    };
    const stopped = Buffer.from(bytes.toString('hex').replace(`3a06${hex('active')}`, `3a07${hex('stopped')}`), 'hex');
    const counts = [await list(SECOND + 10, bytes), await list(SECOND - 1, bytes), await list(SECOND + 10, stopped)];
    await world.redis.del(key);
    counts.push((await reportsOf(queue))[0]?.consumers);
    await world.redis.zrem('asynq:servers', key);
    assert.deepEqual(counts, [1, 0, 0, 0]);
  });

  test('all queues are told of where none is named', async () => {
    await enqueue();
    const names = [await probeQueues(world.redis, { clock })()].flat().map(({ name }) => name);
    assert.ok(names.includes(world.queue));
  });
});

const hex = (text: string) => Buffer.from(text).toString('hex');
