import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { RedisLike } from '../../../src/queues/asynq/redis.ts';
import { DONE } from '../../../src/queues/asynq/scripts.ts';
import { missingBroker } from '../../brokers/available.ts';
import { type AsynqWorld, asynqWorld, SECOND } from './asynq-world.ts';

const missing = await missingBroker('Redis', 6379);

describe('leases', { skip: missing ?? false }, () => {
  let world: AsynqWorld;
  beforeEach(() => {
    world = asynqWorld();
  });
  afterEach(() => world.close());

  const enqueue = () => world.client().enqueue({ type: 'a', queue: world.queue, taskId: 'T', maxRetry: 3 });

  /** The app's client, which a test may listen to. */
  const watched = (look: (command: string, key: unknown) => void): RedisLike => ({
    callBuffer(command, ...args) {
      look(command, args[0]);
      return world.redis.callBuffer(command, ...args);
    },
  });

  test('a task that is worked on keeps its lease', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    await enqueue();
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const extended = Promise.withResolvers<void>();
    const redis = watched((_, key) => key === `${world.prefix}lease` && extended.resolve());
    const handler = () => {
      begun.resolve();
      return goOn.promise;
    };
    const server = world.serve(handler, {}, redis);
    await begun.promise;
    world.time.now += 20_000;
    t.mock.timers.tick(5000);
    await extended.promise;
    assert.deepEqual((await world.keys())['lease'], { T: SECOND + 50 });
    goOn.resolve();
    await world.untilSettled(1);
    assert.equal(world.settled()[0]?.outcome, 'ok');
    t.mock.timers.reset();
    await server.stop();
  });

  test('a lease that somebody else has ended is not taken up again', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    await enqueue();
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const extended = Promise.withResolvers<void>();
    const redis = watched((_, key) => key === `${world.prefix}lease` && extended.resolve());
    const handler = () => {
      begun.resolve();
      return goOn.promise;
    };
    const server = world.serve(handler, {}, redis);
    await begun.promise;
    await world.redis.zrem(`${world.prefix}lease`, 'T');
    t.mock.timers.tick(5000);
    await extended.promise;
    assert.equal((await world.keys())['lease'], undefined);
    goOn.resolve();
    t.mock.timers.reset();
    await server.stop();
  });

  test('a worker that lost its lease writes nothing: its task is somebody else’s to recover', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    await enqueue();
    const begun = Promise.withResolvers<AbortSignal>();
    const server = world.serve(({ signal }) => {
      begun.resolve(signal);
      return new Promise(() => {});
    });
    const signal = await begun.promise;
    world.time.now += 31_000;
    t.mock.timers.tick(5000);
    await world.untilSettled(1);
    assert.equal(signal.aborted, true);
    assert.deepEqual(await world.keys(), { active: ['T'], lease: { T: SECOND + 30 }, 't:T': { state: 'active' } });
    assert.deepEqual(
      world.settled().map(({ outcome, by, error }) => [outcome, by, error?.message]),
      [['failed', 'lease', 'asynq: task lease expired']],
    );
    t.mock.timers.reset();
    await server.stop();
  });

  test('a task that somebody else has ended meanwhile is not ended twice', async () => {
    await enqueue();
    await world.serveOne(async () => {
      await world.redis.zrem(`${world.prefix}lease`, 'T');
    });
    assert.deepEqual(await world.keys(), { active: ['T'], 't:T': { state: 'active' } });
    assert.equal(world.settled()[0]?.outcome, 'failed');
  });

  for (const isHeard of [false, true]) {
    const when = isHeard ? 'after it has heard' : 'before it has heard';
    test(`a connection that breaks ${when} how a task ended is no reason to run it again`, async () => {
      await enqueue();
      let breaks = 1;
      const redis: RedisLike = {
        async callBuffer(command, ...args) {
          const isBroken = args[0] === DONE.sha && breaks-- > 0;
          if (isBroken && !isHeard) throw new Error('away');
          const answer = await world.redis.callBuffer(command, ...args);
          if (isBroken) throw new Error('away');
          return answer;
        },
      };
      const server = world.serve(() => {}, {}, redis);
      await world.untilSettled(1);
      await server.stop();
      assert.equal(world.settled()[0]?.outcome, 'ok');
      const { active, processed } = await world.keys();
      assert.deepEqual([active, processed], [undefined, '1']);
    });
  }

  test('a Redis that stays away until the lease is over is told nothing more', async () => {
    await enqueue();
    const redis: RedisLike = {
      async callBuffer(command, ...args) {
        if (args[0] !== DONE.sha) return world.redis.callBuffer(command, ...args);
        world.time.now += 31_000;
        throw new Error('away');
      },
    };
    const server = world.serve(() => {}, {}, redis);
    await world.untilSettled(1);
    assert.deepEqual([world.settled()[0]?.outcome, world.settled()[0]?.by], ['failed', 'lease']);
    await server.stop();
  });
});
