import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** ClickHouse for the tests of one file: each test makes a database of its own in it. */
export interface Engine {
  /** Makes a database, and gives its URL. */
  database(name: string): Promise<string>;
}

export const engineFolder = import.meta.dirname;
export const isEngineInstalled = existsSync(join(engineFolder, 'node_modules/chdb'));

let running: Promise<Engine> | undefined;
let stop = async () => {};
after(() => stop());

/** Starts it for the first who asks; it ends with the tests of the file. */
export function engine(): Promise<Engine> {
  running ??= start();
  return running;
}

async function start(): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-clickhouse-'));
  const child = fork(join(engineFolder, 'serve.ts'), [folder], { execArgv: [], stdio: 'inherit' });
  stop = () => stopped(child, folder);
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(Number(message)));
    child.once('exit', (code) => reject(new Error(`the engine ended with ${code}`)));
  });
  const address = `http://127.0.0.1:${port}`;
  return {
    async database(name) {
      const made = await fetch(address, { method: 'POST', body: `CREATE DATABASE IF NOT EXISTS ${name}` });
      if (!made.ok) throw new Error(await made.text());
      return `${address}/${name}`;
    },
  };
}

/** It may crash when it ends by itself. */
async function stopped(child: ChildProcess, folder: string): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  await rm(folder, { recursive: true });
}
