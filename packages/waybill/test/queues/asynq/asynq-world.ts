import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Fact, SettledFact } from '../../../src/core/facts.ts';
import { createClient, createServer } from '../../../src/queues/asynq/asynq.ts';
import type { RedisLike } from '../../../src/queues/asynq/redis.ts';
import type { ServerOptions } from '../../../src/queues/asynq/server.ts';
import { decodeTaskMessage } from '../../../src/queues/asynq/task-message.ts';
import type { TaskHandler } from '../../../src/queues/asynq/task-run.ts';
import { knownWaybill } from '../../known-waybill.ts';

/** Far ahead: Redis forgets at once what was to be forgotten in its past. */
export const NOW = 4_000_000_000_000;
export const SECOND = NOW / 1000;
export const DAY = new Date(NOW).toISOString().slice(0, 10);

type ClientOptions = NonNullable<Parameters<typeof createClient>[2]>;

/** A queue of its own on the real server, at an instant that the test sets, and what is in it. */
export function asynqWorld() {
  const redis = new Redis();
  const queue = `test-${randomBytes(4).toString('hex')}`;
  const prefix = `asynq:{${queue}}:`;
  const time = { now: NOW };
  const clock = () => time.now;
  const facts: Fact[] = [];
  let wake = () => {};
  const recorder = {
    record(fact: Fact) {
      facts.push(fact);
      wake();
    },
  };
  const { waybill } = knownWaybill({ recorder, clock });
  const settled = () => facts.filter((fact): fact is SettledFact => fact.kind === 'settled' && fact.system === 'asynq');

  const serve = (handler: TaskHandler, options: ServerOptions = {}, on: RedisLike = redis) => {
    const server = createServer(on, waybill, { queues: [queue], taskCheckMs: 10, clock, ...options });
    server.start(handler);
    return server;
  };
  const untilSettled = async (count: number) => {
    while (settled().length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  return {
    redis,
    queue,
    prefix,
    time,
    facts,
    waybill,
    settled,
    serve,
    untilSettled,
    /** Asks Redis until it says so. */
    async until(isSo: () => Promise<boolean>) {
      while (!(await isSo()));
    },
    client: (options: ClientOptions = {}) => createClient(redis, waybill, { clock, ...options }),
    request: <R>(work: () => R) => waybill.ingress({ operation: 'checkout', tenantId: 'acme' }, work),
    /** Serves until one more run is settled. */
    async serveOne(handler: TaskHandler, options: ServerOptions = {}) {
      const server = serve(handler, { concurrency: 1, ...options });
      await untilSettled(settled().length + 1);
      await server.stop();
    },
    messageOf: async (id: string) => {
      const bytes = await redis.hgetBuffer(`${prefix}t:${id}`, 'msg');
      return bytes === null ? undefined : decodeTaskMessage(bytes);
    },
    /** Everything that the queue has in Redis; of a task all but its message. */
    async keys(): Promise<Record<string, unknown>> {
      const names = (await redis.keys(`${prefix}*`)).sort();
      const entries = names.map(async (name) => [name.slice(prefix.length), await contentOf(redis, name)]);
      return Object.fromEntries(await Promise.all(entries));
    },
    async close() {
      const names = await redis.keys(`${prefix}*`);
      if (names.length > 0) await redis.del(...names);
      await redis.srem('asynq:queues', queue);
      // Of servers that a test had die.
      const servers = await redis.zrange('asynq:servers', 0, '-1');
      await redis.zrem('asynq:servers', '', ...servers.filter((key) => key.includes(`:${process.pid}:`)));
      await redis.quit();
    },
  };
}

async function contentOf(redis: Redis, name: string): Promise<unknown> {
  switch (await redis.type(name)) {
    case 'list':
      return redis.lrange(name, 0, '-1');
    case 'zset': {
      const flat = (await redis.zrange(name, 0, '-1', 'WITHSCORES')) as string[]; // sound: so RESP2 answers
      return Object.fromEntries(flat.flatMap((id, at) => (at % 2 === 0 ? [[id, Number(flat[at + 1])]] : [])));
    }
    case 'hash': {
      const { msg: _, ...fields } = await redis.hgetall(name);
      return fields;
    }
    default:
      return redis.get(name);
  }
}

export type AsynqWorld = ReturnType<typeof asynqWorld>;
