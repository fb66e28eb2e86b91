import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { current } from '../../../src/core/scope.ts';
import { decodeTaskMessage, encodeTaskMessage } from '../../../src/queues/asynq/task-message.ts';
import { missingBroker } from '../../brokers/available.ts';
import { asynqWorld, DAY, NOW, SECOND } from './asynq-world.ts';

const missing = await missingBroker('Redis', 6379);

const NANOS = '000000';
const LEASE = 30;
const PAYLOAD = '{ "order": 12345678901234567890 }';

for (const isRetriedByOldWorker of [false, true]) {
  const workers = isRetriedByOldWorker ? 'whose retries a v0.25 worker writes' : 'of one release';

  describe(`a task's whole life, in a fleet ${workers}`, { skip: missing ?? false }, () => {
    const world = asynqWorld();
    const { redis, queue, prefix, time } = world;
    after(() => world.close());
    const fail = (message: string) => () => Promise.reject(new Error(message));
    const retryDelayMs = () => 20_000;
    const runs: unknown[] = [];
    const seen = (payload: Buffer) => {
      const { messageId, correlationId, causationId, attempt } = current() ?? {};
      runs.push([messageId, correlationId, causationId, attempt, payload.toString()]);
    };

    test('enqueued, it is pending, and carries its context in headers and payload', async () => {
      const client = world.client({ types: { 'email:send': { headerInPayload: true } } });
      const task = { type: 'email:send', queue, taskId: 'T', maxRetry: 1, payload: Buffer.from(PAYLOAD) };
      const answer = await world.request(() => client.enqueue(task));
      assert.deepEqual(answer, { id: 'T', queue, status: 'pending' });
      assert.equal(await redis.sismember('asynq:queues', queue), 1);
      assert.deepEqual(await world.keys(), {
        pending: ['T'],
        't:T': { state: 'pending', pending_since: `${NOW}${NANOS}` },
      });
      const message = await world.messageOf('T');
      assert.ok(message !== undefined);
      const { header } = JSON.parse(message.payload.toString());
      assert.deepEqual(header, message.headers);
      assert.deepEqual(Object.keys(header).sort(), ['baggage', 'waybill']);
      assert.deepEqual([message.retry, message.retried, message.timeout, message.deadline], [1, 0, 1800, 0]);
    });

    test('taken, it is active, with a lease', async () => {
      const handling = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const server = world.serve(
        async ({ payload }) => {
          seen(payload);
          handling.resolve();
          await goOn.promise;
          throw new Error('no stock');
        },
        { retryDelayMs },
      );
      await handling.promise;
      assert.deepEqual(await world.keys(), {
        active: ['T'],
        lease: { T: SECOND + LEASE },
        't:T': { state: 'active' },
      });
      goOn.resolve();
      await world.untilSettled(1);
      await server.stop();
    });

    test('failed, it waits for its retry, counted', async () => {
      assert.deepEqual(await world.keys(), {
        retry: { T: SECOND + 20 },
        't:T': { state: 'retry' },
        ...countersOf(1, 1),
      });
      const message = await world.messageOf('T');
      assert.deepEqual(
        [message?.retried, message?.errorMessage, message?.lastFailedAt],
        [1, 'Error: no stock', SECOND],
      );
      if (!isRetriedByOldWorker) return;
      // What a worker does that knows fourteen fields.
      const bytes = await redis.hgetBuffer(`${prefix}t:T`, 'msg');
      assert.ok(bytes !== null);
      await redis.hset(`${prefix}t:T`, { msg: encodeTaskMessage({ ...decodeTaskMessage(bytes), headers: {} }) });
    });

    test('due again and failed for the last time, it is archived', async () => {
      time.now += 20_000;
      await world.serveOne(({ payload }) => {
        seen(payload);
        return fail('still no stock')();
      });
      assert.deepEqual(await world.keys(), {
        archived: { T: SECOND + 20 },
        't:T': { state: 'archived' },
        ...countersOf(2, 2),
      });
      const message = await world.messageOf('T');
      assert.deepEqual(
        [message?.retried, message?.errorMessage, message?.lastFailedAt],
        [1, 'Error: still no stock', SECOND + 20],
      );
    });

    test('run again by an operator, it is done, and nothing is left of it', async () => {
      time.now += 3_600_000;
      // Asynq's RunTask: nothing of the message is changed.
      await redis
        .multi()
        .zrem(`${prefix}archived`, 'T')
        .lpush(`${prefix}pending`, 'T')
        .hset(`${prefix}t:T`, { state: 'pending' })
        .exec();
      await world.serveOne(({ payload }) => seen(payload));
      assert.deepEqual(await world.keys(), countersOf(3, 2));
    });

    test('all three runs were of one message, with its cause, and were given the payload as it was sent', () => {
      const message = ['msg_1', 'req_1', 'req_1'];
      assert.deepEqual(
        runs,
        [1, 2, 2].map((attempt) => [...message, attempt, PAYLOAD]),
      );
      assert.deepEqual(
        world.settled().map(({ outcome, attempt, by, retry_at }) => [outcome, attempt, by, retry_at]),
        [
          ['retry', 1, 'maxRetry', NOW + 20_000],
          ['dead', 2, 'maxRetry', undefined],
          ['ok', 2, 'return', undefined],
        ],
      );
      const started = world.facts.filter((fact) => fact.kind === 'started' && fact.system === 'asynq');
      assert.deepEqual(
        started.map((fact) => fact.kind === 'started' && [fact.redelivered, fact.max_attempts, fact.enqueued_at]),
        [
          [undefined, 2, NOW],
          [true, 2, NOW + 20_000],
          [true, 2, undefined],
        ],
      );
    });
  });
}

function countersOf(processed: number, failed: number): Record<string, string> {
  return {
    processed: `${processed}`,
    [`processed:${DAY}`]: `${processed}`,
    failed: `${failed}`,
    [`failed:${DAY}`]: `${failed}`,
  };
}
