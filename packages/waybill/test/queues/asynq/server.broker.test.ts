import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { current, withBindings } from '../../../src/core/scope.ts';
import { revokeTask, skipRetry } from '../../../src/queues/asynq/asynq.ts';
import { decodeTaskMessage, encodeTaskMessage } from '../../../src/queues/asynq/task-message.ts';
import { missingBroker } from '../../brokers/available.ts';
import { type AsynqWorld, asynqWorld, DAY, NOW, SECOND } from './asynq-world.ts';

const missing = await missingBroker('Redis', 6379);

describe('processing', { skip: missing ?? false }, () => {
  let world: AsynqWorld;
  beforeEach(() => {
    world = asynqWorld();
  });
  afterEach(() => world.close());

  const enqueue = (options: object = {}) =>
    world.client().enqueue({ type: 'a', queue: world.queue, taskId: 'T', payload: { n: 1 }, ...options });
  const counted = (kind: string) => world.redis.get(`${world.prefix}${kind}`);

  const ENDS: [
    what: string,
    error: () => unknown,
    outcome: string,
    state: string | null,
    counts: [processed: string | null, failed: string | null],
  ][] = [
    ['an ordinary error is retried', () => new Error('no stock'), 'retry', 'retry', ['1', '1']],
    ['one that skips retries is archived at once', () => skipRetry('bad address'), 'dead', 'archived', ['1', '1']],
    [
      'one that is caused by it, too',
      () => new Error('wrapped', { cause: skipRetry('bad address') }),
      'dead',
      'archived',
      ['1', '1'],
    ],
    ['one that revokes its task leaves nothing', () => revokeTask('no longer wanted'), 'dead', null, ['1', null]],
    ['nothing at all, thrown, is an error', () => undefined, 'retry', 'retry', ['1', '1']],
  ];
  for (const [what, error, outcome, state, counts] of ENDS) {
    test(`of what a handler may throw, ${what}`, async () => {
      await enqueue({ maxRetry: 5 });
      await world.serveOne(() => {
        throw error();
      });
      assert.equal(world.settled()[0]?.outcome, outcome);
      assert.equal(await world.redis.hget(`${world.prefix}t:T`, 'state'), state);
      assert.deepEqual([await counted('processed'), await counted('failed')], counts);
    });
  }

  test('what was archived 90 days ago, and what is more than 10,000, is forgotten', async () => {
    const archived = `${world.prefix}archived`;
    const dayAgo = SECOND - 86_400;
    await world.redis.zadd(archived, SECOND - 90 * 86_400, 'ancient', SECOND - 89 * 86_400, 'old');
    await enqueue({ maxRetry: 0 });
    await world.serveOne(() => Promise.reject(new Error('no stock')));
    assert.deepEqual(await world.redis.zrange(archived, 0, '-1'), ['old', 'T']);
    await world.redis.zadd(archived, ...Array.from({ length: 9999 }, (_, n) => [dayAgo, `n${n}`]).flat());
    await enqueue({ maxRetry: 0, taskId: 'U' });
    await world.serveOne(() => Promise.reject(new Error('no stock')));
    assert.equal(await world.redis.zcard(archived), 10_000);
    assert.deepEqual(await world.redis.zrange(archived, '-2', '-1'), ['T', 'U']);
    assert.equal(await world.redis.zscore(archived, 'old'), null);
  });

  test('an archived task that is run again was there before, though it was never retried', async () => {
    await enqueue({ maxRetry: 5 });
    await world.serveOne(() => Promise.reject(skipRetry('bad address')));
    await world.redis.zrem(`${world.prefix}archived`, 'T');
    await world.redis.lpush(`${world.prefix}pending`, 'T');
    await world.serveOne(() => {});
    const started = world.facts.flatMap((fact) => (fact.kind === 'started' && fact.system === 'asynq' ? fact : []));
    assert.deepEqual(
      started.map(({ attempt, redelivered, trace_mode }) => [attempt, redelivered, trace_mode.reason]),
      [
        [1, undefined, 'no_context'],
        [1, true, 'redelivery'],
      ],
    );
  });

  test('an error that is no failure is tried again without being counted', async () => {
    await enqueue({ maxRetry: 1 });
    await world.serveOne(() => Promise.reject(new Error('try later')), {
      isFailure: () => false,
      retryDelayMs: () => 7000,
    });
    const message = await world.messageOf('T');
    assert.deepEqual([message?.retried, message?.errorMessage, message?.lastFailedAt], [0, 'Error: try later', SECOND]);
    assert.deepEqual(await world.keys(), { retry: { T: SECOND + 7 }, 't:T': { state: 'retry' } });
    assert.deepEqual(
      world.settled().map((fact) => [fact.outcome, fact.retry_at]),
      [['released', NOW + 7000]],
    );
  });

  test('an app’s own function that throws decides nothing, and stops nothing', async () => {
    await enqueue({ maxRetry: 1 });
    const broken = () => {
      throw new Error('broken');
    };
    await world.serveOne(() => Promise.reject(new Error('no stock')), { isFailure: broken, retryDelayMs: broken });
    const [due] = Object.values((await world.keys())['retry'] as object);
    assert.ok(due >= SECOND + 15 && due <= SECOND + 15 + 29, 'Asynq’s own delay for a first retry');
    assert.equal((await world.messageOf('T'))?.retried, 1);
  });

  test('a task that is to be kept is kept as completed, and deleted when its time is over', async () => {
    await enqueue({ retentionMs: 60_000, uniqueMs: 3_600_000 });
    await world.serveOne(() => {});
    const { processed, [`processed:${DAY}`]: today, 't:T': task, ...rest } = await world.keys();
    assert.deepEqual(rest, { completed: { T: SECOND + 60 } });
    assert.deepEqual([processed, today, (task as { state: string }).state], ['1', '1', 'completed']);
    assert.equal((await world.messageOf('T'))?.completedAt, SECOND);
    world.time.now += 60_000;
    await world.serve(() => {}).stop();
    assert.deepEqual(await world.keys(), { processed: '1', [`processed:${DAY}`]: '1' });
  });

  test('a unique task’s lock is given back when it is done, unless another task holds it by then', async () => {
    await enqueue({ uniqueMs: 60_000 });
    const [lock] = await world.redis.keys(`${world.prefix}unique:*`);
    await world.redis.set(lock as string, 'another');
    await world.serveOne(() => {});
    assert.equal(await world.redis.get(lock as string), 'another');
    await world.redis.del(lock as string);
    await enqueue({ uniqueMs: 60_000 });
    await world.serveOne(() => {});
    assert.equal(await world.redis.exists(lock as string), 0);
  });

  test('a delayed task is moved to its queue when its second has come', async () => {
    await enqueue({ processInMs: 20_000 });
    await world.serve(() => assert.fail('not yet due')).stop();
    world.time.now += 20_000;
    await world.serveOne(() => {}, { delayedTaskCheckMs: 10 });
    assert.deepEqual(
      world.settled().map(({ outcome }) => outcome),
      ['ok'],
    );
  });

  test('a due task of a group goes to its group, for the server in Go that gathers it', async () => {
    await enqueue({ processInMs: 1000 });
    await world.redis.hset(`${world.prefix}t:T`, { group: 'G' });
    world.time.now += 1000;
    await world.serve(() => assert.fail('it is not ours')).stop();
    assert.deepEqual(await world.keys(), { 'g:G': { T: SECOND + 1 }, 't:T': { state: 'aggregating', group: 'G' } });
  });

  test('a paused queue gives nothing', async () => {
    await enqueue();
    await world.redis.set(`${world.prefix}paused`, '1');
    await world.serve(() => assert.fail('it is paused')).stop();
    assert.equal(await world.redis.llen(`${world.prefix}pending`), 1);
  });

  test('a task that ran out of time is retried, its signal aborted, whatever its handler says later', async () => {
    await enqueue({ deadline: NOW + 1000 });
    const late = Promise.withResolvers<void>();
    let signal: AbortSignal | undefined;
    world.time.now += 990;
    await world.serveOne(async (task) => {
      signal = task.signal;
      await late.promise;
    });
    assert.equal(signal?.aborted, true);
    assert.equal((await world.messageOf('T'))?.errorMessage, 'Error: context deadline exceeded');
    assert.deepEqual(
      world.settled().map(({ outcome, ended_at }) => [outcome, ended_at]),
      [['retry', undefined]],
    );
    late.resolve();
  });

  test('a task whose deadline has passed is not begun', async () => {
    await enqueue({ deadline: NOW - 1000, maxRetry: 0 });
    await world.serveOne(() => assert.fail('it is too late'));
    assert.deepEqual(
      world.settled().map(({ outcome, error }) => [outcome, error?.message]),
      [['dead', 'context deadline exceeded']],
    );
  });

  test('a server that stops gives back what will not end, to the head of its queue', async () => {
    await enqueue();
    await enqueue({ taskId: 'U' });
    const begun = Promise.withResolvers<AbortSignal>();
    const server = world.serve(
      ({ signal }) => {
        begun.resolve(signal);
        return new Promise(() => {});
      },
      { concurrency: 1, shutdownMs: 1 },
    );
    const signal = await begun.promise;
    await server.stop();
    assert.equal(signal.aborted, true);
    assert.deepEqual(await world.redis.lrange(`${world.prefix}pending`, 0, '-1'), ['U', 'T']);
    assert.deepEqual((await world.keys())['t:T'], { state: 'pending' });
    assert.deepEqual(
      world.settled().map(({ outcome, by }) => [outcome, by]),
      [['released', 'shutdown']],
    );
  });

  test('a server that stops waits for what does end', async () => {
    await enqueue();
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const server = world.serve(() => {
      begun.resolve();
      return goOn.promise;
    });
    await begun.promise;
    const stopped = server.stop();
    goOn.resolve();
    await stopped;
    assert.equal(world.settled()[0]?.outcome, 'ok');
  });

  test('as many tasks run at the same time as was said, and no more', async () => {
    for (let n = 0; n < 6; n++) await enqueue({ taskId: `T${n}` });
    let begun = 0;
    const both = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const server = world.serve(
      () => {
        if (++begun === 2) both.resolve();
        return goOn.promise;
      },
      { concurrency: 2 },
    );
    await both.promise;
    // Time enough for the server to take all six.
    for (let n = 0; n < 50; n++) await world.redis.ping();
    assert.equal(await world.redis.llen(`${world.prefix}active`), 2);
    goOn.resolve();
    await world.untilSettled(6);
    await server.stop();
  });

  test('the first queue that has a task is served first', async () => {
    const low = `${world.queue}-low`;
    const client = world.client();
    for (const taskId of ['T1', 'T2']) await client.enqueue({ type: 'a', queue: low, taskId });
    await enqueue();
    const order: string[] = [];
    const server = world.serve(({ id }) => order.push(id), { queues: [world.queue, low], concurrency: 1 });
    await world.untilSettled(3);
    await server.stop();
    assert.deepEqual(order, ['T', 'T1', 'T2']);
    await world.redis.del(`asynq:{${low}}:processed`, `asynq:{${low}}:processed:${DAY}`);
    await world.redis.srem('asynq:queues', low);
  });

  test('a worker that was not heard of for a lease and its grace has its task retried', async () => {
    await enqueue({ maxRetry: 1 });
    await world.redis.rpoplpush(`${world.prefix}pending`, `${world.prefix}active`);
    await world.redis.zadd(`${world.prefix}lease`, SECOND + 30, 'T');
    world.time.now += 59_000;
    await world.serve(() => {}).stop();
    assert.deepEqual((await world.keys())['active'], ['T'], 'within the grace');
    world.time.now += 1000;
    await world.serve(() => {}, { retryDelayMs: () => 5000 }).stop();
    const { retry, active, lease } = await world.keys();
    assert.deepEqual([retry, active, lease], [{ T: SECOND + 65 }, undefined, undefined]);
    const message = await world.messageOf('T');
    assert.deepEqual([message?.retried, message?.errorMessage], [1, 'Error: asynq: task lease expired']);
  });

  test('fields of a newer release, and headers of another tool, are kept through a retry', async () => {
    await enqueue({ headers: { 'x-vendor': 'a' } });
    const bytes = await world.redis.hgetBuffer(`${world.prefix}t:T`, 'msg');
    assert.ok(bytes !== null);
    const newer = Buffer.concat([bytes, Buffer.from('82010568656c6c6f', 'hex')]);
    await world.redis.hset(`${world.prefix}t:T`, { msg: newer });
    await world.serveOne(() => Promise.reject(new Error('no stock')));
    const after = await world.messageOf('T');
    assert.equal(after?.unknown.toString('hex'), '82010568656c6c6f');
    assert.deepEqual(after?.headers, decodeTaskMessage(bytes).headers);
  });

  test('a task that cannot be read stops nobody else, and is left for whoever wrote it', async () => {
    await enqueue();
    await world.redis.hset(`${world.prefix}t:T`, { msg: Buffer.from('0b0c', 'hex') });
    await enqueue({ taskId: 'U' });
    await world.serveOne(() => {});
    assert.deepEqual((await world.keys())['active'], ['T']);
    world.time.now += 61_000;
    await world.serve(() => {}).stop();
    assert.deepEqual((await world.keys())['active'], ['T']);
  });

  test('handlers see the header in the payload where they want it', async () => {
    const seen: string[] = [];
    for (const keepHeader of [false, true]) {
      const client = world.client({ types: { a: { headerInPayload: true } } });
      await client.enqueue({ type: 'a', queue: world.queue, payload: { n: 1 } });
      await world.serveOne(({ payload }) => seen.push(payload.toString()), { keepHeader });
    }
    assert.equal(seen[0], '{"n":1}');
    assert.match(seen[1] ?? '', /^\{"n":1,"header":\{.*"waybill":/);
  });

  test('what a producer in Go wrote by hand, in a header map of its own, is linked and left where it is', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const payload = Buffer.from(`{"order":42,"header":{"traceparent":"${traceparent}"}}`);
    await enqueue({ payload });
    const message = await world.messageOf('T');
    assert.ok(message !== undefined);
    await world.redis.hset(`${world.prefix}t:T`, { msg: encodeTaskMessage({ ...message, headers: {} }) });
    let seen: Buffer | undefined;
    await world.serveOne((task) => {
      seen = task.payload;
    });
    assert.deepEqual(seen, payload);
    const started = world.facts.find((fact) => fact.kind === 'started' && fact.system === 'asynq');
    assert.deepEqual(started?.kind === 'started' && started.trace_mode, { mode: 'L', reason: 'w3c_only' });
  });

  test('a server that was started in a request keeps nothing of it', async () => {
    await enqueue();
    let seen: unknown;
    await world.request(() =>
      withBindings({ deploy: 'D-1' }, () =>
        world.serveOne(() => {
          seen = current()?.tenantId;
        }),
      ),
    );
    assert.equal(seen, null);
  });
});
