import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Waybill } from '../../core/waybill.ts';
import { Broker } from './broker.ts';
import { type Loop, repeat } from './loop.ts';
import type { RedisLike } from './redis.ts';
import type { ServerInfo } from './server-info.ts';
import { announceServer, retireServer } from './servers.ts';
import { decideFailure, type FailureOptions, runTask, type TaskHandler, type TaskRun } from './task-run.ts';

export interface ServerOptions extends FailureOptions {
  /** In the order in which they are asked: the first that has a task. `default`, if left out. */
  readonly queues?: readonly string[] | undefined;
  /** How many tasks run at the same time at most: 10, if left out. */
  readonly concurrency?: number | undefined;
  /** Handlers are given payloads with the `header` in them, as they were sent. */
  readonly keepHeader?: boolean | undefined;
  /** How long running tasks are waited for when the server stops: 8 s, if left out. Then they go back. */
  readonly shutdownMs?: number | undefined;
  /** How often empty queues are asked: each second, if left out. */
  readonly taskCheckMs?: number | undefined;
  /** How often delayed tasks and retries are looked for: every 5 s, if left out. */
  readonly delayedTaskCheckMs?: number | undefined;
  /** Unix ms. For tests. */
  readonly clock?: (() => number) | undefined;
}

/** A consumer, as Asynq's own `Server`. */
export interface Server {
  /** Once: a second call does nothing. */
  start(handler: TaskHandler): void;
  /** Takes no more tasks, and resolves when none is running. */
  stop(): Promise<void>;
}

const HEARTBEAT_MS = 5000;
const RECOVER_MS = 60_000;
const SWEEP_MS = 8000;
/** Until a run is over, which wakes it earlier. */
const BUSY_MS = 60_000;

export function serverOf(redis: RedisLike, waybill: Waybill, options: ServerOptions): Server {
  const { queues = ['default'], concurrency = 10, keepHeader = false, shutdownMs = 8000 } = options;
  const broker = new Broker(redis, options.clock ?? Date.now);
  const running = new Set<TaskRun>();
  const serverId = randomUUID();
  const startedAt = broker.now();
  let fetching: Loop | undefined;
  let listing: Loop | undefined;
  let upkeep: Loop[] = [];

  const describe = (): ServerInfo => ({
    host: hostname(),
    pid: process.pid,
    serverId,
    concurrency,
    queues,
    startedAt,
    running: running.size,
  });

  const takeNext = async (handler: TaskHandler): Promise<number> => {
    if (running.size >= concurrency) return BUSY_MS;
    for (const queue of queues) {
      const taken = await broker.dequeue(queue);
      if (taken === undefined) continue;
      const run = runTask({ ...options, waybill, broker, keepHeader, handler }, taken);
      running.add(run);
      void run.over.then(() => {
        running.delete(run);
        fetching?.wake();
      });
      return 0;
    }
    // Not all servers at the same moment.
    return (options.taskCheckMs ?? 1000) * (0.5 + Math.random());
  };

  return {
    start(handler) {
      if (fetching !== undefined) return;
      const eachQueue = (what: string, everyMs: number, step: (queue: string) => Promise<void>) =>
        repeat(what, async () => {
          for (const queue of queues) await step(queue);
          return everyMs;
        });
      upkeep = [
        repeat('extend the leases of running tasks', async () => {
          await extendLeases(broker, running);
          return HEARTBEAT_MS;
        }),
        eachQueue('move due tasks to their queue', options.delayedTaskCheckMs ?? 5000, (queue) =>
          broker.forward(queue),
        ),
        eachQueue('recover tasks of lost workers', RECOVER_MS, (queue) => recover({ ...options, broker }, queue)),
        eachQueue('delete expired tasks', SWEEP_MS, (queue) => broker.sweep(queue)),
      ];
      listing = repeat('say that this server is there', async () => {
        await announceServer(redis, describe(), broker.now());
        return HEARTBEAT_MS;
      });
      fetching = repeat('take a task', () => takeNext(handler));
    },
    async stop() {
      if (fetching === undefined) return;
      await Promise.all([fetching.stop(), listing?.stop()]);
      const retired = retireServer(redis, describe()).catch(() => {}); // it is forgotten in seconds all the same
      const timer = setTimeout(() => {
        for (const run of running) run.interrupt('stopped');
      }, shutdownMs);
      await Promise.all([...running].map((run) => run.over));
      clearTimeout(timer);
      // Only now: leases are extended until the last run is over.
      await Promise.all([...upkeep.map((loop) => loop.stop()), retired]);
    },
  };
}

/** Says of every running task that it is still worked on; one whose lease has run out is told so. */
async function extendLeases(broker: Broker, running: ReadonlySet<TaskRun>): Promise<void> {
  const held = Map.groupBy(running, ({ message, leaseUntil }) => (leaseUntil > broker.now() ? message.queue : ''));
  for (const [queue, runs] of held) {
    if (queue === '') {
      for (const run of runs) run.interrupt('lost');
      continue;
    }
    const ids = runs.map(({ message }) => message.id);
    const leaseUntil = await broker.extendLeases(queue, ids);
    for (const run of runs) run.leaseUntil = leaseUntil;
  }
}

/** Their executions stay open: nobody saw how they ended. */
async function recover(worker: FailureOptions & { broker: Broker }, queue: string): Promise<void> {
  for (const message of await worker.broker.listExpired(queue)) {
    await decideFailure(worker, message, new Error('asynq: task lease expired')).step();
  }
}
