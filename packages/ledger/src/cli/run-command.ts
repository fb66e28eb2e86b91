import { type ChildProcess, spawn } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';
import { ledgerError } from '../errors.ts';

interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Of the terminal that both processes read from: what is typed there reaches both. */
  readonly isOnTerminal: boolean;
  readonly remark: (text: string) => void;
  /** Where this process hears what it is asked to do; the process itself, if left out. */
  readonly signals?: EventEmitter;
  /** How long a command that was asked to end may take until it is asked harder, 5 s if left out. */
  readonly patienceMs?: number;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const emptyCheckMs = 20;

/**
 * Runs a command with our streams until it ends, and resolves to its exit code: as a shell's, where a signal ended it.
 * What we are asked to do it is asked to do, and it is ended where it does not: nothing of it is left.
 *
 * @throws COMMAND_UNSTARTABLE.
 */
export async function runCommand(
  [command = '', ...words]: readonly string[],
  { env, isOnTerminal, remark, signals = process, patienceMs = 5_000 }: RunOptions,
): Promise<number> {
  // A group of its own can be ended whole; on a terminal it would lose what is typed there.
  const child = spawn(command, words, { stdio: 'inherit', env, detached: !isOnTerminal });
  const asked = new AbortController();
  const ask = async (signal: NodeJS.Signals) => {
    // Whoever asks twice does not want to wait.
    if (asked.signal.aborted) return send(child, 'SIGKILL', isOnTerminal);
    asked.abort();
    if (!(isOnTerminal && signal === 'SIGINT')) send(child, signal, isOnTerminal);
    await end(child, isOnTerminal, signal, remark, patienceMs);
  };
  const listeners = SIGNALS.map((signal) => [signal, () => void ask(signal)] as const);
  const disconnected = () => void ask('SIGTERM');
  for (const [signal, listener] of listeners) signals.on(signal, listener);
  signals.once('disconnect', disconnected);
  try {
    const code = await ended(child, command);
    // What it has started may still be ending, with facts to send.
    if (!isOnTerminal && !asked.signal.aborted) send(child, 'SIGTERM', isOnTerminal);
    if (!isOnTerminal) await emptied(child, patienceMs);
    return code;
  } finally {
    for (const [signal, listener] of listeners) signals.off(signal, listener);
    signals.off('disconnect', disconnected);
  }
}

function ended(child: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', ({ message }) => reject(ledgerError('COMMAND_UNSTARTABLE', command, message)));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

/** Asks harder, for as long as it is there. */
async function end(
  child: ChildProcess,
  isOnTerminal: boolean,
  first: NodeJS.Signals,
  remark: (text: string) => void,
  patienceMs: number,
): Promise<void> {
  const harder = first === 'SIGTERM' ? (['SIGKILL'] as const) : (['SIGTERM', 'SIGKILL'] as const);
  for (const signal of harder) {
    // A timer that is not waited for: a command that has ended does not keep us.
    await after(patienceMs, undefined, { ref: false });
    if (child.exitCode !== null || child.signalCode !== null) return;
    remark(`waybill: it still runs, so it gets ${signal}\n`);
    send(child, signal, isOnTerminal);
  }
}

/** Waits until nothing of its group is left, and sees to it. */
async function emptied(child: ChildProcess, patienceMs: number): Promise<void> {
  for (let waitedMs = 0; isThere(child); waitedMs += emptyCheckMs) {
    if (waitedMs >= patienceMs) return send(child, 'SIGKILL', false);
    await after(emptyCheckMs);
  }
}

function isThere({ pid }: ChildProcess): boolean {
  return pid !== undefined && isSent(-pid, 0);
}

function send({ pid }: ChildProcess, signal: NodeJS.Signals, isOnTerminal: boolean): void {
  if (pid !== undefined) isSent(isOnTerminal ? pid : -pid, signal);
}

/** False where nobody is there any more. */
function isSent(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
