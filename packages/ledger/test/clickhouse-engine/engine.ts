import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** ClickHouse in a process of its own: whoever wants a ledger makes a database in it. */
export interface Engine {
  /** Makes a database where there is none, and gives its URL. */
  database(name: string): Promise<string>;
  drop(name: string): Promise<void>;
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
  const run = async (statement: string) => {
    const answer = await fetch(address, { method: 'POST', body: statement });
    if (!answer.ok) throw new Error(await answer.text());
  };
  return {
    processId: child.pid,
    async database(name) {
      await run(`CREATE DATABASE IF NOT EXISTS ${name}`);
      return `${address}/${name}`;
    },
    drop: (name) => run(`DROP DATABASE ${name}`),
    async stop() {
      // It may crash when it ends by itself.
      child.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true });
    },
  };
}
