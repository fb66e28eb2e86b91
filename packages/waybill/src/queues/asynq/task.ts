import { randomUUID } from 'node:crypto';
import { checkOptions, isFlag, type OptionRule } from '../../core/options.ts';
import { uniqueKey } from './keys.ts';
import { EMPTY, type TaskMessage } from './task-message.ts';

/** How tasks are to be processed, in the words of Asynq's own options. */
interface TaskOptions {
  /** `default`, if left out. */
  readonly queue?: string | undefined;
  /** How often it is retried at most: 25, if left out. */
  readonly maxRetry?: number | undefined;
  /** How long a run may take. Half an hour, if neither this nor a deadline is given. */
  readonly timeoutMs?: number | undefined;
  /** Unix ms, or a date: no run may last longer than until then. */
  readonly deadline?: number | Date | undefined;
  /** For that long, or until it is processed, the queue takes no second task of this type and payload. */
  readonly uniqueMs?: number | undefined;
  /** How long it is kept when it is processed: not at all, if left out. */
  readonly retentionMs?: number | undefined;
}

/** What a client says of all tasks of one type; a task of its own may say otherwise. */
export interface TypeOptions extends TaskOptions {
  /**
   * The payload, a JSON object, carries the context too, under `header`: for workers older than v0.26, which know no
   * headers, and drop them when they retry.
   */
  readonly headerInPayload?: boolean | undefined;
}

export interface Task extends TaskOptions {
  readonly type: string;
  /** Bytes as they are; any other value as JSON; nothing at all, if left out. */
  readonly payload?: unknown;
  /** The app's own, beside those of the context. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A random one, if left out. */
  readonly taskId?: string | undefined;
  /** Unix ms, or a date. */
  readonly processAt?: number | Date | undefined;
  readonly processInMs?: number | undefined;
}

/** A task as it is stored but for its carrier, and what its sender wants done with it. */
export interface Draft {
  readonly message: TaskMessage;
  /** Unix ms; undefined for now. */
  readonly processAt: number | undefined;
  readonly uniqueMs: number;
  readonly taskId: string | undefined;
}

const MAX_RETRY = 25;
const TIMEOUT_MS = 30 * 60_000;

/** Seconds are the least that Asynq counts in: what is given in ms is cut, as there. */
const secondsOf = (ms: number | undefined): number => Math.floor((ms ?? 0) / 1000);

export function draftOf(given: Task, defaults: TypeOptions, now: number): Draft {
  const option = <Name extends keyof TaskOptions>(name: Name) => given[name] ?? defaults[name];
  const { type, taskId, processInMs, headers = {} } = given;
  const queue = option('queue') ?? 'default';
  const uniqueMs = option('uniqueMs') ?? 0;
  const deadline = msOf(option('deadline'));
  const payload = bytesOf(given.payload);
  const due = processInMs === undefined ? msOf(given.processAt) : now + processInMs;
  const isDelayed = due !== undefined && due > now;
  const message: TaskMessage = {
    ...EMPTY,
    type,
    payload: payload ?? EMPTY.payload,
    headers,
    id: taskId ?? randomUUID(),
    queue,
    retry: option('maxRetry') ?? MAX_RETRY,
    timeout: secondsOf(option('timeoutMs') || (deadline === undefined ? TIMEOUT_MS : 0)),
    deadline: secondsOf(deadline),
    retention: secondsOf(option('retentionMs')),
    uniqueKey: uniqueMs > 0 ? uniqueKey(queue, type, payload) : '',
  };
  return { message, processAt: isDelayed ? secondsOf(due) * 1000 : undefined, uniqueMs, taskId };
}

function bytesOf(payload: unknown): Buffer | undefined {
  if (payload instanceof Uint8Array) return Buffer.from(payload);
  const json = JSON.stringify(payload);
  return json === undefined ? undefined : Buffer.from(json);
}

function msOf(at: number | Date | undefined): number | undefined {
  return at instanceof Date ? at.getTime() : at;
}

const isAtLeast = (value: unknown, least: number): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value >= least;

const isName: OptionRule = {
  expected: 'a string that is not blank',
  fits: (value) => typeof value === 'string' && value.trim() !== '',
};
const isMs: OptionRule = {
  expected: 'a number of milliseconds, 0 or more',
  fits: (value) => isAtLeast(value, 0),
};
const isLock: OptionRule = {
  expected: 'at least 1000 milliseconds',
  fits: (value) => isAtLeast(value, 1000),
};
const isRetries: OptionRule = {
  expected: 'a whole number, 0 or more',
  fits: (value) => Number.isInteger(value) && isAtLeast(value, 0),
};
const isInstant: OptionRule = {
  expected: 'Unix milliseconds or a date',
  fits: (value) => Number.isFinite(value instanceof Date ? value.getTime() : value),
};
const isStringMap: OptionRule = {
  expected: 'an object of strings',
  fits: (value) =>
    typeof value === 'object' && value !== null && Object.values(value).every((item) => typeof item === 'string'),
};

const OPTION_RULES = {
  queue: isName,
  maxRetry: isRetries,
  timeoutMs: isMs,
  deadline: isInstant,
  uniqueMs: isLock,
  retentionMs: isMs,
};
const TYPE_RULES = { ...OPTION_RULES, headerInPayload: isFlag };
const TASK_RULES = {
  ...OPTION_RULES,
  type: { ...isName, required: true },
  payload: { expected: 'bytes, or a value that JSON can hold', fits: isPayload },
  headers: isStringMap,
  taskId: isName,
  processAt: isInstant,
  processInMs: isMs,
};

/** @throws OPTION_UNKNOWN, OPTION_INVALID, OPTION_MISSING */
export function checkTask(task: Task): void {
  checkOptions('enqueue', task, TASK_RULES);
}

/** @throws OPTION_UNKNOWN, OPTION_INVALID */
export function checkTypeOptions(type: string, options: TypeOptions): void {
  checkOptions(`createClient, for tasks of type ${JSON.stringify(type.slice(0, 60))},`, options, TYPE_RULES);
}

function isPayload(value: unknown): boolean {
  if (value instanceof Uint8Array) return true;
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false; // a cycle, or a BigInt
  }
}
