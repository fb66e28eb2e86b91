import { createHash } from 'node:crypto';

/** The set of all queues' names. */
export const QUEUES_KEY = 'asynq:queues';

/** The set of all servers' keys, each until when it counts as being there. */
export const SERVERS_KEY = 'asynq:servers';

/** Where a server says what it is. */
export const serverKey = (host: string, pid: number, serverId: string): string =>
  `${SERVERS_KEY}:{${host}:${pid}:${serverId}}`;

/** Where a queue lies in Redis; the braces keep its keys on one node of a cluster. */
const prefixOf = (queue: string): string => `asynq:{${queue}}:`;

export const queueKey = (queue: string, name: string): string => `${prefixOf(queue)}${name}`;
export const taskKeyPrefix = (queue: string): string => `${prefixOf(queue)}t:`;
export const taskKey = (queue: string, id: string): string => `${taskKeyPrefix(queue)}${id}`;
export const groupKeyPrefix = (queue: string): string => `${prefixOf(queue)}g:`;

/**
 * The lock of a unique task. The payload is the app's own, without a carrier: a hash of the carrier too would make
 * two equal tasks different.
 *
 * @param payload Undefined for a task that has none, which is not the same as an empty one.
 */
export function uniqueKey(queue: string, type: string, payload: Uint8Array | undefined): string {
  const digest = payload === undefined ? '' : createHash('md5').update(payload).digest('hex');
  return queueKey(queue, `unique:${type}:${digest}`);
}

/** The counters of a kind: of the day, by UTC, and of all days. */
export function counterKeys(queue: string, kind: 'processed' | 'failed', now: number): [day: string, total: string] {
  const day = new Date(now).toISOString().slice(0, 10);
  return [queueKey(queue, `${kind}:${day}`), queueKey(queue, kind)];
}
