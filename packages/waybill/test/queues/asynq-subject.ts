import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Waybill } from '../../src/core/waybill.ts';
import { CARRIER_NAMES } from '../../src/layouts/headers.ts';
import { createClient, createServer } from '../../src/queues/asynq/asynq.ts';
import type { ReceivedTask } from '../../src/queues/asynq/received-task.ts';
import type { RedisLike } from '../../src/queues/asynq/redis.ts';
import { decodeTaskMessage, EMPTY, encodeTaskMessage } from '../../src/queues/asynq/task-message.ts';
import type { Handler, Harness, Subject } from '../../src/testing/case.ts';

/** Two attempts without a wait. */
const TYPE = { maxRetry: 1, timeoutMs: 60_000 };
const SERVER = { taskCheckMs: 20, delayedTaskCheckMs: 20, retryDelayMs: () => 0 };
/** A lease and its grace. */
const LOST_MS = 61_000;

export const asynqSubject: Subject = {
  name: 'Asynq on Redis, with headers',
  claims: ['bulk', 'concurrency', 'deduplication', 'delay', 'no payload', 'retry', 'stall'],
  start: async (waybill) => harnessAround(waybill, false),
};

/** As a fleet of workers older than v0.26 leaves it: what was in the headers is gone. */
export const asynqBeforeHeadersSubject: Subject = {
  ...asynqSubject,
  name: 'Asynq on Redis, with the header in the payload alone',
  start: async (waybill) => harnessAround(waybill, true),
};

function harnessAround(waybill: Waybill, isBeforeHeaders: boolean): Harness {
  const redis = new Redis({ lazyConnect: false });
  const cleaning = new Set<string>();
  const servers: ReturnType<typeof createServer>[] = [];
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {}); // where nobody had asked
  let lateMs = 0;
  const clientRedis = isBeforeHeaders ? withoutHeaders(redis) : redis;
  const client = createClient(clientRedis, waybill, {
    types: { task: { ...TYPE, headerInPayload: isBeforeHeaders } },
  });

  const serve = (destination: string, handler: Handler, concurrency: number, on: RedisLike = redis) => {
    cleaning.add(destination);
    const clock = () => Date.now() + lateMs;
    const server = createServer(on, waybill, { ...SERVER, queues: [destination], concurrency, clock });
    server.start((task) => handler(payloadOf(task)));
    return server;
  };

  return {
    async send(destination, payloads, { delayMs, key }) {
      cleaning.add(destination);
      const tasks = payloads.map((payload) => ({
        type: 'task',
        payload,
        queue: destination,
        processInMs: delayMs,
        taskId: key,
      }));
      return tasks[0] !== undefined && tasks.length === 1 ? client.enqueue(tasks[0]) : client.enqueueAll(tasks);
    },
    async sendForeign(destination, payload, carrier) {
      cleaning.add(destination);
      // The task that another system's client would write: ours is not on its way.
      const id = randomUUID();
      const given = isBeforeHeaders && carrier !== null ? { ...(payload as object), header: carrier } : payload;
      const message = {
        ...EMPTY,
        ...{ type: 'task', id, queue: destination, retry: 1, timeout: 60 },
        payload: Buffer.from(JSON.stringify(given)),
        headers: isBeforeHeaders ? {} : (carrier ?? {}),
      };
      const task = { msg: encodeTaskMessage(message), state: 'pending', pending_since: `${Date.now()}000000` };
      await redis.hset(`asynq:{${destination}}:t:${id}`, task);
      await redis.lpush(`asynq:{${destination}}:pending`, id);
    },
    async consume(destination, handler, concurrency) {
      servers.push(serve(destination, handler, concurrency));
    },
    async failureOf(destination) {
      for (;;) {
        const [id] = await redis.zrange(`asynq:{${destination}}:archived`, 0, '-1');
        const bytes = id === undefined ? null : await redis.hgetBuffer(`asynq:{${destination}}:t:${id}`, 'msg');
        if (bytes !== null) return decodeTaskMessage(bytes).errorMessage;
        await nextTurn();
      }
    },
    async consumeAndDie(destination, handler) {
      const { cut, connection } = cuttable(redis, lost.promise);
      const taken = Promise.withResolvers<void>();
      const dying = (payload: unknown) => {
        handler(payload);
        cut();
        taken.resolve();
      };
      servers.push(serve(destination, dying, 1, connection));
      await taken.promise;
      lateMs = LOST_MS;
    },
    async close() {
      lost.reject(new Error('the connection is lost'));
      await Promise.all(servers.map((server) => server.stop()));
      for (const queue of cleaning) {
        const keys = await redis.keys(`asynq:{${queue}}:*`);
        if (keys.length > 0) await redis.del(...keys);
        await redis.srem('asynq:queues', queue);
      }
      await redis.quit();
    },
  };
}

/** A task's payload as a handler in the app would read it, with what others left in the headers. */
function payloadOf({ payload, headers }: ReceivedTask): unknown {
  const theirs = Object.entries(headers).filter(([name]) => !(CARRIER_NAMES as readonly string[]).includes(name));
  const value = payload.length === 0 ? undefined : JSON.parse(payload.toString());
  return theirs.length === 0 ? value : { ...value, ...Object.fromEntries(theirs) };
}

/** Drops field 15 of each task that is written. */
function withoutHeaders(redis: RedisLike): RedisLike {
  const drop = (part: string | number | Buffer) =>
    Buffer.isBuffer(part) ? encodeTaskMessage({ ...decodeTaskMessage(part), headers: {} }) : part;
  return { callBuffer: (command, ...args) => redis.callBuffer(command, ...args.map(drop)) };
}

/** A connection that, once cut, answers nothing until the case is over: its worker is as good as dead. */
function cuttable(redis: RedisLike, lost: Promise<never>): { cut(): void; readonly connection: RedisLike } {
  let isCut = false;
  return {
    cut: () => {
      isCut = true;
    },
    connection: { callBuffer: (command, ...args) => (isCut ? lost : redis.callBuffer(command, ...args)) },
  };
}
