import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { urlOf } from './served-url.ts';

const bin = fileURLToPath(new URL('../packages/ledger/bin/waybill.mjs', import.meta.url));

/** `waybill serve`, built, as whoever runs a ledger has it. */
export interface ServedLedger {
  /** Where its facts are. */
  readonly path: string;
  /** Posts a request's body, and resolves when the ledger has answered that its facts are on disk. */
  post(body: Buffer, type: string): Promise<void>;
  usage(): Promise<Usage>;
  close(): Promise<void>;
}

interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

export async function serveLedger(folder: string): Promise<ServedLedger> {
  const words = [bin, 'serve', '--port', '0', '--data', folder];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const url = await urlOf(child);
  const agent = new Agent({ keepAlive: true });
  return {
    path: join(folder, 'ledger.sqlite'),
    post: (body, type) => posted(new URL('/v1/logs', url), agent, body, type),
    async usage() {
      const text = await (await fetch(new URL('/metrics', url))).text();
      return {
        cpuSeconds: sampleIn(text, 'process_cpu_seconds_total'),
        residentBytes: sampleIn(text, 'process_resident_memory_bytes'),
      };
    },
    async close() {
      agent.destroy();
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function sampleIn(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

function posted(url: URL, agent: Agent, body: Buffer, type: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type, 'content-length': body.length };
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`HTTP ${answer.statusCode}`))));
    });
    // The server lets go of idle connections, also while this process is busy making facts and does not see it.
    sent.on('error', (error) => (sent.reusedSocket ? resolve(posted(url, agent, body, type)) : reject(error)));
    sent.end(body);
  });
}
