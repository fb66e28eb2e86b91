// The demo's processes: each is told when the demo is over, and notices by itself when the demo is killed.
import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const running = new Map<ChildProcess, Promise<void>>();

export interface Started {
  /** Its first message, once it is ready. */
  readonly message: Promise<Readonly<Record<string, unknown>>>;
  stop(): Promise<void>;
}

/** Starts a file of this folder (or a path) as a process, and hands on every line that it prints. */
export function start(file: string, args: string[], env: NodeJS.ProcessEnv, onLine: (line: string) => void): Started {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  if (child.stdout !== null) createInterface(child.stdout).on('line', onLine);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  running.set(child, exited);
  exited.then(() => running.delete(child));
  const message = new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
    child.once('message', (sent) => resolve(sent as Readonly<Record<string, unknown>>));
    child.once('exit', (code) => reject(new Error(`${file} ended with code ${code} before it was ready.`)));
  });
  message.catch(() => {}); // whoever needs it awaits it; a stop before that is no error
  return {
    message,
    async stop() {
      if (child.connected) child.disconnect();
      const overdue = setTimeout(() => child.kill('SIGKILL'), 5000);
      await exited;
      clearTimeout(overdue);
    },
  };
}

/** Ends whatever still runs, at once, and sees it go. */
export async function killAll(): Promise<void> {
  const exits = [...running.values()];
  for (const child of running.keys()) child.kill('SIGKILL');
  await Promise.all(exits);
}
