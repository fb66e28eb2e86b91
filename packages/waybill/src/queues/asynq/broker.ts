import { counterKeys, groupKeyPrefix, QUEUES_KEY, queueKey, taskKey, taskKeyPrefix } from './keys.ts';
import { type RedisLike, runScript, type Script } from './redis.ts';
import { ARCHIVE, COMPLETE, DEQUEUE, DONE, ENQUEUE, FORWARD, LIST_EXPIRED, REQUEUE, RETRY, SWEEP } from './scripts.ts';
import { decodeTaskMessage, encodeTaskMessage, type TaskMessage } from './task-message.ts';

export const LEASE_MS = 30_000;
/** How long after its end a lease counts as lost: clocks differ. */
const LEASE_GRACE_MS = 30_000;
const KEPT_SECONDS = 90 * 86_400;
const ARCHIVED_MAX = 10_000;
/** What one script moves at most, so that it does not hold up everybody else. */
const MOVED_MAX = 100;

const secondOf = (ms: number): number => Math.floor(ms / 1000);
const nanosOf = (ms: number): string => `${Math.floor(ms)}000000`;

/** A task that was taken from its queue. */
export interface TakenTask {
  readonly message: TaskMessage;
  /** Unix ms; undefined where nobody has written it. */
  readonly pendingSince: number | undefined;
  /** Unix ms. */
  readonly leaseUntil: number;
}

/** How a run ends in Redis: the script, the counters, what the script needs beside them. */
interface End {
  readonly step: Script;
  readonly counters: readonly ('processed' | 'failed')[];
  readonly place?: string;
  readonly args?: readonly (string | number | Buffer)[];
  /** A unique task's lock is given back. */
  readonly unlocks?: true;
}

/** The steps of a task's life in Redis, each as Asynq's own broker leaves it. */
export class Broker {
  readonly #redis: RedisLike;
  /** Unix ms. */
  readonly now: () => number;

  constructor(redis: RedisLike, now: () => number) {
    this.#redis = redis;
    this.now = now;
  }

  /** Undefined when it is taken; else the id of the task that stands in its place. */
  async enqueue(message: TaskMessage, processAt: number | undefined, uniqueMs: number): Promise<string | undefined> {
    const { queue, id, uniqueKey } = message;
    const keys = [taskKey(queue, id), queueKey(queue, processAt === undefined ? 'pending' : 'scheduled')];
    if (uniqueKey !== '') keys.push(uniqueKey);
    const due = processAt === undefined ? '' : secondOf(processAt);
    const args = [id, encodeTaskMessage(message), due, nanosOf(this.now()), secondOf(uniqueMs)];
    // First, so that no task lies in a queue that nobody knows.
    await this.#redis.callBuffer('SADD', QUEUES_KEY, queue);
    const answer = await runScript(this.#redis, ENQUEUE, keys, args);
    if (answer === 1) return undefined;
    return Buffer.isBuffer(answer) ? answer.toString('utf8') : id;
  }

  /**
   * The next task of a queue; undefined where there is none, or the queue is paused.
   *
   * @throws RangeError for a task that cannot be read; it stays as it is, for whoever wrote it.
   */
  async dequeue(queue: string): Promise<TakenTask | undefined> {
    const leaseUntil = this.now() + LEASE_MS;
    const keys = ['pending', 'paused', 'active', 'lease'].map((name) => queueKey(queue, name));
    const args = [secondOf(leaseUntil), taskKeyPrefix(queue)];
    const taken = await runScript(this.#redis, DEQUEUE, keys, args);
    if (!Array.isArray(taken)) return undefined;
    const [bytes, since] = taken as [Buffer, Buffer | null]; // sound: what the script answers
    return { message: decodeTaskMessage(bytes), pendingSince: millisOfNanos(since), leaseUntil };
  }

  /** Extends the leases that are still there; gives their new end. */
  async extendLeases(queue: string, ids: readonly string[]): Promise<number> {
    const leaseUntil = this.now() + LEASE_MS;
    const scored = ids.flatMap((id) => [secondOf(leaseUntil), id]);
    await this.#redis.callBuffer('ZADD', queueKey(queue, 'lease'), 'XX', ...scored);
    return leaseUntil;
  }

  // Each of these ends a run; false where somebody else has ended it already.

  /** It went well: it is deleted, or kept for as long as its sender wanted. */
  complete(message: TaskMessage): Promise<boolean> {
    if (message.retention <= 0) return this.drop(message);
    const at = secondOf(this.now());
    const args = [at + message.retention, encodeTaskMessage({ ...message, completedAt: at })];
    return this.#end(message, { step: COMPLETE, counters: ['processed'], place: 'completed', args, unlocks: true });
  }

  /** It is not to run again, and leaves nothing. */
  drop(message: TaskMessage): Promise<boolean> {
    return this.#end(message, { step: DONE, counters: ['processed'], unlocks: true });
  }

  retry(message: TaskMessage, retryAt: number, errorMessage: string, isFailure: boolean): Promise<boolean> {
    const retried = message.retried + (isFailure ? 1 : 0);
    const again = { ...message, errorMessage, retried, lastFailedAt: secondOf(this.now()) };
    const args = [secondOf(retryAt), encodeTaskMessage(again), isFailure ? 1 : 0];
    return this.#end(message, { step: RETRY, counters: ['processed', 'failed'], place: 'retry', args });
  }

  archive(message: TaskMessage, errorMessage: string): Promise<boolean> {
    const at = secondOf(this.now());
    const dead = encodeTaskMessage({ ...message, errorMessage, lastFailedAt: at });
    const args = [at, dead, at - KEPT_SECONDS, ARCHIVED_MAX];
    return this.#end(message, { step: ARCHIVE, counters: ['processed', 'failed'], place: 'archived', args });
  }

  requeue(message: TaskMessage): Promise<boolean> {
    return this.#end(message, { step: REQUEUE, counters: [], place: 'pending' });
  }

  async #end({ queue, id, uniqueKey }: TaskMessage, end: End): Promise<boolean> {
    const { step, counters, place, args = [], unlocks } = end;
    const at = this.now();
    const keys = [queueKey(queue, 'lease'), queueKey(queue, 'active'), taskKey(queue, id)];
    keys.push(...counters.flatMap((kind) => counterKeys(queue, kind, at)));
    if (place !== undefined) keys.push(queueKey(queue, place));
    if (unlocks && uniqueKey !== '') keys.push(uniqueKey);
    return (await runScript(this.#redis, step, keys, [id, secondOf(at) + KEPT_SECONDS, ...args])) === 1;
  }

  /** Moves what is due, of delayed tasks and of retries, to the queue. */
  async forward(queue: string): Promise<void> {
    for (const name of ['scheduled', 'retry']) {
      const keys = [queueKey(queue, name), queueKey(queue, 'pending')];
      const prefixes = [taskKeyPrefix(queue), groupKeyPrefix(queue)];
      const at = this.now();
      const args = [secondOf(at), nanosOf(at), ...prefixes, MOVED_MAX];
      while ((await runScript(this.#redis, FORWARD, keys, args)) === MOVED_MAX);
    }
  }

  /** Tasks whose worker has not been heard of; one that cannot be read is left as it is. */
  async listExpired(queue: string): Promise<TaskMessage[]> {
    const args = [secondOf(this.now() - LEASE_GRACE_MS), taskKeyPrefix(queue)];
    const found = await runScript(this.#redis, LIST_EXPIRED, [queueKey(queue, 'lease')], args);
    // Sound: what the script answers.
    return (found as Buffer[]).flatMap((bytes) => {
      try {
        return [decodeTaskMessage(bytes)];
      } catch {
        return [];
      }
    });
  }

  /** Deletes completed tasks that need not be kept any longer. */
  async sweep(queue: string): Promise<void> {
    const args = [secondOf(this.now()), taskKeyPrefix(queue), MOVED_MAX];
    while ((await runScript(this.#redis, SWEEP, [queueKey(queue, 'completed')], args)) === MOVED_MAX);
  }
}

/** Undefined where nobody has written it. */
export function millisOfNanos(nanos: Buffer | null | undefined): number | undefined {
  return nanos == null ? undefined : Number(nanos.toString().slice(0, -6));
}
