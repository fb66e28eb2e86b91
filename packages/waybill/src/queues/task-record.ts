import type { Delivery, JudgeOutcome, Settlement } from '../core/delivery.ts';
import type { Receipt, Send } from '../core/send.ts';
import type { Waybill } from '../core/waybill.ts';
import { readRecord, writeRecord } from '../layouts/record.ts';

type Column = Readonly<Record<string, unknown>>;

/** The record's JSON column, `trace_context` in most tables. */
interface RecordColumn {
  /** What it holds already; on a run, what the database gave: an object, or its text. */
  readonly column?: unknown;
  /** The key in it under which the log fields lie; `structlog_context`, if left out. */
  readonly bindingsKey?: string | undefined;
}

/** A task about to be written to its table: the table is its destination, its identifier the event type. */
type Task = Omit<Send, 'isCarrying'> & RecordColumn;

/** A task that was taken from its table. */
type TaskRecord = Omit<Delivery, 'envelope'> & RecordColumn;

/**
 * Enqueues a task: `insert` writes the record, with the value that it is given in the JSON column. What it returns
 * or throws goes on unchanged.
 */
export function enqueueTask<R>(
  { column, bindingsKey, ...send }: Task,
  waybill: Waybill,
  insert: (column: Column) => R,
  receiptOf?: (result: Awaited<R>) => Receipt,
): R {
  return waybill.produce(send, (envelope) => insert(writeRecord(envelope, column, bindingsKey)), receiptOf);
}

/** The same for tasks that one statement inserts, each with its own column, in their order: a fan-out. */
export function enqueueTasks<R>(
  tasks: readonly Task[],
  waybill: Waybill,
  insert: (columns: Column[]) => R,
  receiptsOf?: (result: Awaited<R>) => Receipt[],
): R {
  const sends = tasks.map(({ column, bindingsKey, ...send }) => send);
  return waybill.produceAll(
    sends,
    (envelopes) =>
      insert(envelopes.map((envelope, at) => writeRecord(envelope, tasks[at]?.column, tasks[at]?.bindingsKey))),
    receiptsOf,
  );
}

/**
 * The column's value alone, for a record that is saved later: by an object mapper, in a transaction that may be
 * rolled back. So the message counts as made, and as sent when it first runs.
 */
export function captureTask({ column, bindingsKey, ...send }: Task, waybill: Waybill): Column {
  const sending = waybill.prepare(send);
  const written = writeRecord(sending.envelope, column, bindingsKey);
  sending.settle({ status: 'pending' });
  return written;
}

/**
 * Runs a task in the workflow of its record, with the log fields that were bound when it was enqueued, also where
 * another language wrote them. With `maxAttempts` a failure is a retry or the last one; else `judge` may say.
 */
export function runTask<R>(
  { column, bindingsKey, ...delivery }: TaskRecord,
  waybill: Waybill,
  handler: () => R,
  judge?: JudgeOutcome,
): R {
  const { envelope, bindingsJson } = readRecord(parsed(column), bindingsKey);
  return waybill.consume({ ...delivery, envelope, bindingsJson }, handler, judge ?? judgeOf(delivery));
}

function judgeOf({ attempt, maxAttempts }: Omit<Delivery, 'envelope'>): JudgeOutcome | undefined {
  if (attempt === undefined || maxAttempts === undefined) return undefined;
  const outcome = attempt < maxAttempts ? 'retry' : 'dead';
  return (error): Settlement =>
    error === undefined ? { outcome: 'ok', by: 'return' } : { outcome, error, by: 'maxAttempts' };
}

/** Some drivers hand out a JSON column as text. */
function parsed(column: unknown): unknown {
  if (typeof column !== 'string') return column;
  try {
    return JSON.parse(column);
  } catch {
    return undefined;
  }
}
