import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Fact } from 'waybill';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { keepCheckout } from '../questions/reader-of.ts';

const bin = fileURLToPath(new URL('../../bin/waybill.mjs', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `waybill` as a shell would: a process of its own, with pipes for terminals. */
export function startWaybill(words: readonly string[], env: NodeJS.ProcessEnv = {}, cwd?: string): ChildProcess {
  // Not the parent's whole environment: its COLUMNS, locale and WAYBILL_URL are no part of a case. Nobody listens there.
  const clean = { PATH: process.env['PATH'], WAYBILL_URL: 'http://127.0.0.1:40009', ...env };
  return spawn(process.execPath, ['--conditions=@waybill/source', bin, ...words], {
    env: clean,
    cwd,
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  });
}

export async function waybill(
  words: readonly string[],
  { env = {}, stdin = '', cwd }: { env?: NodeJS.ProcessEnv; stdin?: string; cwd?: string } = {},
): Promise<Ended> {
  const child = startWaybill(words, env, cwd);
  child.stdin?.end(stdin);
  return ended(child);
}

export async function ended(child: ChildProcess): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk;
    });
  // Not `close`: a child whose channel was disconnected never emits it.
  const streams = [child.stdout, child.stderr].filter((stream): stream is Readable => stream?.destroyed === false);
  const [[code]] = await Promise.all([once(child, 'exit'), ...streams.map((stream) => once(stream, 'close'))]);
  return { code, ...said };
}

/** Resolves with the first words that match, as a reader would wait for them. */
export function said(child: ChildProcess, words: RegExp): Promise<RegExpExecArray> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      const match = words.exec(text);
      if (match) resolve(match);
    });
    child.on('close', (code) => reject(new Error(`ended with ${code} before it said ${words}: ${text}`)));
  });
}

export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-cli-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A ledger file with these facts, for `--db`. */
export async function ledgerFile(context: TestContext, facts: readonly Fact[]): Promise<string> {
  const path = join(temporaryFolder(context), 'ledger.sqlite');
  const store = openSqliteStore({ path });
  await store.append(facts);
  await store.close();
  return path;
}

/** A ledger file of the checkout with what is said of its destinations, as `waybill import` leaves it. */
export async function checkoutFile(context: TestContext): Promise<string> {
  const path = join(temporaryFolder(context), 'ledger.sqlite');
  const store = openSqliteStore({ path });
  await keepCheckout(store);
  await store.close();
  return path;
}

/** The address of a server that answers as the case says: for what no ledger of ours would answer. */
export async function answering(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Sound: a server that listens on a port has an address of this shape.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
