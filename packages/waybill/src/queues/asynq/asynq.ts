import { waybillError } from '../../core/errors.ts';
import { checkOptions, isCount, isFlag, isFunction, type OptionRule } from '../../core/options.ts';
import type { Waybill } from '../../core/waybill.ts';
import { Broker } from './broker.ts';
import { clientOf, type TypesOptions } from './client.ts';
import type { RedisLike } from './redis.ts';
import { type ServerOptions, serverOf } from './server.ts';
import { checkTypeOptions } from './task.ts';

/** Asynq itself is written in Go; what we are given is the app's own Redis client. */
export const peer = { name: 'ioredis', range: '>=5' };

interface ClientOptions {
  /** By task type: what all its tasks have in common. */
  readonly types?: TypesOptions | undefined;
  /** Unix ms. For tests. */
  readonly clock?: (() => number) | undefined;
}

const isMs: OptionRule = {
  expected: 'a number of milliseconds, 1 or more',
  fits: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 1,
};

/**
 * Makes a producer for the queues that Asynq's workers, in Go or here, take their tasks from. What it enqueues
 * names its cause.
 *
 * @throws OPTION_UNKNOWN, OPTION_INVALID, CLIENT_UNFIT for a mistake in the configuration.
 */
export function createClient(redis: RedisLike, waybill: Waybill, options: ClientOptions = {}) {
  checkRedis('createClient', redis);
  checkOptions('createClient', options, {
    types: {
      expected: 'an object of options by task type',
      fits: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    },
    clock: isFunction,
  });
  const types = options.types ?? {};
  for (const [type, typeOptions] of Object.entries(types)) checkTypeOptions(type, typeOptions);
  return clientOf(new Broker(redis, options.clock ?? Date.now), waybill, types);
}

/**
 * Makes a consumer that shares its queues with Asynq's own servers. Each task runs in the workflow of whoever
 * enqueued it.
 *
 * @throws OPTION_UNKNOWN, OPTION_INVALID, CLIENT_UNFIT for a mistake in the configuration.
 */
export function createServer(redis: RedisLike, waybill: Waybill, options: ServerOptions = {}) {
  checkRedis('createServer', redis);
  checkOptions('createServer', options, {
    queues: {
      expected: 'a list of queue names, at least one',
      fits: (value) =>
        Array.isArray(value) &&
        value.length > 0 &&
        value.every((name) => typeof name === 'string' && name.trim() !== ''),
    },
    concurrency: isCount,
    keepHeader: isFlag,
    shutdownMs: isMs,
    taskCheckMs: isMs,
    delayedTaskCheckMs: isMs,
    retryDelayMs: isFunction,
    isFailure: isFunction,
    clock: isFunction,
  });
  return serverOf(new Broker(redis, options.clock ?? Date.now), waybill, options);
}

function checkRedis(where: string, redis: RedisLike): void {
  if (typeof redis?.callBuffer !== 'function') throw waybillError('CLIENT_UNFIT', where, 'function "callBuffer"');
}

/**
 * The spans that Asynq's users know from its guides: `bridge(api, { naming: { asynq: taskSpans } })`. Left out, they are
 * named by OpenTelemetry's conventions.
 */
export const taskSpans = {
  send: { name: 'Push Task', kind: 'client' },
  process: { name: 'Recv Task', kind: 'server' },
} as const;

/** An error after which its task is archived at once, however many retries are left. */
export function skipRetry(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { name: 'SkipRetry' });
}

/** An error after which its task is neither retried nor archived: it is gone. */
export function revokeTask(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { name: 'RevokeTask' });
}
