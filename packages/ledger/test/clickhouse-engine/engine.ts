import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** ClickHouse in a process of its own: whoever wants a ledger makes a database in it. */
export interface Engine {
  /** Makes a database where there is none, and gives its URL. */
  database(name: string): Promise<string>;
  readonly processId: number | undefined;
  stop(): Promise<void>;
}

export const engineFolder = import.meta.dirname;
export const isEngineInstalled = existsSync(join(engineFolder, 'node_modules/chdb'));

export async function startEngine(): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-clickhouse-'));
  const child = fork(join(engineFolder, 'serve.ts'), [folder], { execArgv: [], stdio: 'inherit' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(Number(message)));
    child.once('exit', (code) => reject(new Error(`the engine ended with ${code}`)));
  });
  const address = `http://127.0.0.1:${port}`;
  return {
    processId: child.pid,
    async database(name) {
      const made = await fetch(address, { method: 'POST', body: `CREATE DATABASE IF NOT EXISTS ${name}` });
      if (!made.ok) throw new Error(await made.text());
      return `${address}/${name}`;
    },
    async stop() {
      // It may crash when it ends by itself.
      child.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true });
    },
  };
}
