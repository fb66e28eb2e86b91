import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Waybill } from '../../src/core/waybill.ts';
import { CARRIER_NAMES } from '../../src/layouts/headers.ts';
import { enqueueTask, enqueueTasks, runTask } from '../../src/queues/task-record.ts';
import type { Handler, Harness, Subject } from '../../src/testing/case.ts';
import { type TaskRow, taskTable } from './task-table.ts';

const SYSTEM = 'task_processor';
const ATTEMPTS_MAX = 2;

/** A home-grown runner over a task table, as small as they are: it polls, locks, runs, and counts failures. */
export const taskRecordSubject: Subject = {
  name: 'a task table on PostgreSQL',
  claims: ['bulk', 'concurrency', 'deduplication', 'delay', 'no payload', 'retry', 'stall'],
  async start(waybill) {
    const tasks = taskTable();
    await tasks.create();
    return harnessAround(tasks, waybill);
  },
};

function harnessAround(tasks: ReturnType<typeof taskTable>, waybill: Waybill): Harness {
  const failures = new Map<string, string>();
  const workers: Promise<void>[] = [];
  let isStopping = false;

  const place = (destination: string) => ({ system: SYSTEM, destination, eventType: destination });
  const runOne = async (destination: string, row: TaskRow, handler: Handler) => {
    const record = {
      ...place(destination),
      column: row.trace_context,
      attempt: row.num_failures + 1,
      maxAttempts: ATTEMPTS_MAX,
      redelivered: row.was_locked,
      brokerId: row.uuid,
      enqueuedAt: row.created_at.getTime(),
    };
    const args = argsOf(row);
    try {
      await runTask(record, waybill, async () => handler(args));
      await tasks.complete(row.id);
    } catch (error) {
      failures.set(destination, String(error));
      await tasks.fail(row.id);
    }
  };
  const work = async (destination: string, handler: Handler) => {
    while (!isStopping) {
      const row = await tasks.take(destination, ATTEMPTS_MAX);
      if (row === undefined) await nextTurn();
      else await runOne(destination, row, handler);
    }
  };

  return {
    async send(destination, payloads, { delayMs = 0, key }) {
      const uuid = key === undefined ? null : uuidOf(key);
      const notBefore = delayMs === 0 ? undefined : Date.now() + delayMs;
      if (payloads.length === 1) {
        return enqueueTask(
          { ...place(destination), notBefore, dedupKey: key },
          waybill,
          (column) => tasks.insert(destination, payloads[0], column, delayMs, uuid),
          (id) => (id === undefined ? { status: 'duplicate' } : { status: 'taken', brokerId: id }),
        );
      }
      return enqueueTasks(
        payloads.map(() => place(destination)),
        waybill,
        (columns) => tasks.insertAll(destination, payloads, columns),
      );
    },
    sendForeign: (destination, payload, carrier) => tasks.insert(destination, payload, carrier),
    async consume(destination, handler, concurrency) {
      for (let worker = 0; worker < concurrency; worker++) workers.push(work(destination, handler));
    },
    async failureOf(destination) {
      return failures.get(destination) ?? '';
    },
    async consumeAndDie(destination, handler) {
      const row = (await tasks.take(destination, ATTEMPTS_MAX)) as TaskRow; // sent before
      const never = new Promise(() => {});
      const reached = Promise.withResolvers<void>();
      void runOne(destination, row, (args) => {
        handler(args);
        reached.resolve();
        return never;
      });
      await reached.promise;
      // Its lock is the only thing that the dead worker leaves.
      await tasks.pool.query(`UPDATE ${tasks.table} SET timeout = '0 s' WHERE id = $1`, [row.id]);
    },
    async close() {
      isStopping = true;
      await Promise.all(workers);
      await tasks.drop();
    },
  };
}

/** What the handler is given: the arguments, and what others have left in the column. */
function argsOf(row: TaskRow): unknown {
  const args = row.serialized_args === null ? undefined : JSON.parse(row.serialized_args);
  const ours = new Set<string>([...CARRIER_NAMES, 'structlog_context']);
  const theirs = Object.entries(row.trace_context ?? {}).filter(([name]) => !ours.has(name));
  return theirs.length === 0 ? args : { ...args, ...Object.fromEntries(theirs) };
}

function uuidOf(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
