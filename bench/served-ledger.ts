import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';

export interface ServedLedger {
  /** Posts a request's body, and resolves when the ledger has answered that its facts are on disk. */
  post(body: Buffer, type: string): Promise<void>;
  usage(): Promise<Usage>;
  close(): Promise<void>;
}

interface Usage {
  readonly cpu: { readonly user: number; readonly system: number };
  readonly residentBytes: number;
}

export async function serveLedger(path: string): Promise<ServedLedger> {
  const script = fileURLToPath(new URL('./ledger-server.ts', import.meta.url));
  const child = fork(script, [path], { execArgv: ['--conditions=@waybill/source'] });
  const [{ url }] = await once(child, 'message');
  const agent = new Agent({ keepAlive: true });
  return {
    post: (body, type) => posted(new URL('/v1/logs', url), agent, body, type),
    async usage() {
      const told = once(child, 'message');
      child.send('usage');
      const [usage] = await told;
      return usage;
    },
    async close() {
      const ended = once(child, 'exit');
      agent.destroy();
      child.send('close');
      await ended;
    },
  };
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
