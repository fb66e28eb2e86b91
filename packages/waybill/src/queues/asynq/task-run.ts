import { setTimeout as delay } from 'node:timers/promises';
import type { Settlement } from '../../core/delivery.ts';
import { runOutsideScopes } from '../../core/scope.ts';
import type { Waybill } from '../../core/waybill.ts';
import type { Broker, TakenTask } from './broker.ts';
import { isCausedBy, messageOf } from './handler-error.ts';
import { type ReceivedTask, receive } from './received-task.ts';
import { defaultRetryDelayMs } from './retry-delay.ts';
import type { TaskMessage } from './task-message.ts';

export type TaskHandler = (task: ReceivedTask) => unknown;

/** What decides over a failed task, as in Asynq's own `Config`. */
export interface FailureOptions {
  /** Given how often it has been retried; Asynq's own default, if left out. */
  readonly retryDelayMs?: ((retried: number, error: unknown) => number) | undefined;
  /** False for an error after which a retry is not counted. */
  readonly isFailure?: ((error: unknown) => boolean) | undefined;
}

/** What a server gives to each of its runs. */
interface Worker extends FailureOptions {
  readonly waybill: Waybill;
  readonly broker: Broker;
  readonly keepHeader: boolean;
  readonly handler: TaskHandler;
}

/** One run of a task, from when it was taken until Redis knows how it ended. */
export interface TaskRun {
  readonly message: TaskMessage;
  /** Unix ms; moved on as long as the run is heard of. */
  leaseUntil: number;
  /** `stopped`: it goes back to its queue. `lost`: it is no longer ours to say. */
  interrupt(how: 'stopped' | 'lost'): void;
  /** Never rejects. */
  readonly over: Promise<void>;
}

/** How the waiting for a handler ended. */
type Ending =
  | { readonly how: 'returned' }
  | { readonly how: 'stopped' }
  | { readonly how: 'lost' }
  | { readonly how: 'threw'; readonly error: unknown };

const LEASE_EXPIRED = 'asynq: task lease expired';
const OUT_OF_TIME = 'context deadline exceeded';
const TIMER_MS_MAX = 2 ** 31 - 1;
const TIMEOUT_MS = 30 * 60_000;
const AGAIN_MS = 1000;

export function runTask(worker: Worker, taken: TakenTask): TaskRun {
  const { waybill, broker, handler } = worker;
  const { message } = taken;
  const aborting = new AbortController();
  const interrupted = Promise.withResolvers<Ending>();
  const { task, delivery } = receive(taken, worker.keepHeader, aborting.signal);
  const execution = waybill.open(delivery);

  const run = async (): Promise<void> => {
    const leftMs = deadlineOf(message, broker.now()) - broker.now();
    // Asynq does not begin what is out of time already.
    const ending = leftMs > 0 ? await untilEnd(leftMs) : outOfTime();
    if (ending.how !== 'returned') aborting.abort();
    execution.settle(await conclude(worker, taskRun, ending));
  };
  const untilEnd = async (leftMs: number): Promise<Ending> => {
    const timer = setTimeout(() => interrupted.resolve(outOfTime()), Math.min(leftMs, TIMER_MS_MAX));
    const ending = await Promise.race([handled(), interrupted.promise]);
    clearTimeout(timer);
    return ending;
  };
  const handled = async (): Promise<Ending> => {
    try {
      // Settled below, when Redis has been told.
      await waybill.execute(
        execution,
        () => handler(task),
        () => undefined,
      );
      return { how: 'returned' };
    } catch (error) {
      return { how: 'threw', error };
    }
  };

  const taskRun: TaskRun = {
    message,
    leaseUntil: taken.leaseUntil,
    interrupt: (how) => interrupted.resolve({ how }),
    over: runOutsideScopes(() => Promise.resolve().then(run)),
  };
  return taskRun;
}

const outOfTime = (): Ending => ({ how: 'threw', error: new Error(OUT_OF_TIME) });

/** Unix ms: the earlier of the two that a task may have. */
function deadlineOf({ timeout, deadline }: TaskMessage, now: number): number {
  const byTimeout = timeout > 0 ? now + timeout * 1000 : Number.POSITIVE_INFINITY;
  const byDeadline = deadline > 0 ? deadline * 1000 : Number.POSITIVE_INFINITY;
  const earlier = Math.min(byTimeout, byDeadline);
  return earlier === Number.POSITIVE_INFINITY ? now + TIMEOUT_MS : earlier;
}

/** Tells Redis how a run ended, and what comes next by that. */
async function conclude(worker: Worker, run: TaskRun, ending: Ending): Promise<Settlement> {
  const isOurs = () => run.leaseUntil > worker.broker.now();
  const decision = decide(worker, run.message, ending);
  if (decision !== undefined && isOurs() && (await insist(decision.step, isOurs))) return decision.settlement;
  return { outcome: 'failed', error: new Error(LEASE_EXPIRED), by: 'lease' };
}

interface Decision {
  readonly step: () => Promise<boolean>;
  readonly settlement: Settlement;
}

/** Undefined where whoever recovers it decides: it may be somebody else's already. */
function decide(worker: Worker, message: TaskMessage, ending: Ending): Decision | undefined {
  const { broker } = worker;
  switch (ending.how) {
    case 'returned':
      return { step: () => broker.complete(message), settlement: { outcome: 'ok', by: 'return' } };
    case 'stopped':
      return { step: () => broker.requeue(message), settlement: { outcome: 'released', by: 'shutdown' } };
    case 'threw':
      return decideFailure(worker, message, ending.error);
    default:
      return undefined;
  }
}

/** For a run that failed, and for one whose worker was not heard of again. */
export function decideFailure(
  worker: FailureOptions & { broker: Broker },
  message: TaskMessage,
  error: unknown,
): Decision {
  const { broker } = worker;
  const text = messageOf(error);
  if (isCausedBy(error, 'RevokeTask')) {
    return { step: () => broker.drop(message), settlement: { outcome: 'dead', error, by: 'RevokeTask' } };
  }
  const isSkipped = isCausedBy(error, 'SkipRetry');
  if (isSkipped || message.retried >= message.retry) {
    const by = isSkipped ? 'SkipRetry' : 'maxRetry';
    return { step: () => broker.archive(message, text), settlement: { outcome: 'dead', error, by } };
  }
  const isFailure = ask(() => worker.isFailure?.(error) !== false, true);
  const asked = ask(() => worker.retryDelayMs?.(message.retried, error), undefined);
  const delayMs = asked !== undefined && asked >= 0 ? asked : defaultRetryDelayMs(message.retried);
  const retryAt = Math.floor((broker.now() + delayMs) / 1000) * 1000; // as it is stored
  return {
    step: () => broker.retry(message, retryAt, text, isFailure),
    settlement: { outcome: isFailure ? 'retry' : 'released', error, retryAt, by: isFailure ? 'maxRetry' : 'isFailure' },
  };
}

/** The app's own functions may throw; the task must still be given back. */
function ask<A>(question: () => A, otherwise: A): A {
  try {
    return question();
  } catch {
    return otherwise;
  }
}

/** Redis may be away for a moment, and the work is done: tries until the lease has run out. */
async function insist(step: () => Promise<boolean>, isOurs: () => boolean): Promise<boolean> {
  for (let isAgain = false; ; isAgain = true) {
    try {
      // Told twice, because the first answer was lost, it finds nothing to end: that was us.
      return (await step()) || isAgain;
    } catch {
      if (!isOurs()) return false;
      await delay(AGAIN_MS);
    }
  }
}
