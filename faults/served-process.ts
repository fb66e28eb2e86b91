import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { urlOf } from '../bench/served-url.ts';

const bin = fileURLToPath(new URL('../packages/ledger/bin/waybill.mjs', import.meta.url));

/** `waybill serve` as whoever runs a ledger has it: a process that can be killed. */
export interface ServedProcess {
  readonly pid: number;
  /** From its start until facts can be written. */
  readonly readyMs: number;
  ask(method: 'GET' | 'POST', path: string, body?: string): Promise<Answered>;
  /** Ends it, and resolves with its exit code when it has gone. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

export interface Answered {
  /** 0 where no answer came. */
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

export async function serveProcess(folder: string): Promise<ServedProcess> {
  const began = performance.now();
  const words = ['--conditions=@waybill/source', bin, 'serve', '--port', '0', '--data', folder];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const ended = once(child, 'exit');
  const url = await urlOf(child);
  const agent = new Agent({ keepAlive: true });
  const ask: ServedProcess['ask'] = (method, path, body) => answered(new URL(path, url), agent, method, body);
  while ((await ask('GET', '/readyz')).status !== 200) await new Promise(setImmediate);
  return {
    pid: child.pid ?? 0,
    readyMs: performance.now() - began,
    ask,
    async stop(signal) {
      child.kill(signal);
      const [code] = await ended;
      agent.destroy();
      return code;
    },
  };
}

function answered(url: URL, agent: Agent, method: string, body?: string): Promise<Answered> {
  return new Promise((resolve) => {
    const lost = () => resolve({ status: 0, retryAfter: undefined, text: '' });
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const asked = request(url, { method, agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      answer.on('error', lost);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'], text }),
      );
    });
    asked.on('error', lost);
    asked.end(body);
  });
}
