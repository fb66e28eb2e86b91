import type { Probe } from '../../core/destination-report.ts';
import { checkClient } from '../../core/instrumented.ts';
import { checkOptions, isCount, isFlag, isFunction, type OptionRule } from '../../core/options.ts';
import type { Waybill } from '../../core/waybill.ts';
import { Broker } from './broker.ts';
import { clientOf, type TypesOptions } from './client.ts';
import { reportOfQueues } from './probe.ts';
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

interface ProbeOptions {
  /** All that Asynq knows, if left out. */
  readonly queues?: readonly string[] | undefined;
  /** Unix ms. For tests. */
  readonly clock?: (() => number) | undefined;
}

const isQueues: OptionRule = {
  expected: 'a list of queue names, at least one',
  fits: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string' && name.trim() !== ''),
};
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
  checkClient('createClient', redis, ['callBuffer']);
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
  checkClient('createServer', redis, ['callBuffer']);
  checkOptions('createServer', options, {
    queues: isQueues,
    concurrency: isCount,
    keepHeader: isFlag,
    shutdownMs: isMs,
    taskCheckMs: isMs,
    delayedTaskCheckMs: isMs,
    retryDelayMs: isFunction,
    isFailure: isFunction,
    clock: isFunction,
  });
  return serverOf(redis, waybill, options);
}

/**
 * What Redis says of Asynq's queues, all or those that are named: how many tasks are pending, for how long the oldest,
 * and how many servers take from there, in Go or here. For `waybill.watch`.
 *
 * @throws OPTION_UNKNOWN, OPTION_INVALID, CLIENT_UNFIT for a mistake in the configuration.
 */
export function probeQueues(redis: RedisLike, options: ProbeOptions = {}): Probe {
  checkClient('probeQueues', redis, ['callBuffer']);
  checkOptions('probeQueues', options, { queues: isQueues, clock: isFunction });
  return () => reportOfQueues(redis, options.clock ?? Date.now, options.queues);
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
