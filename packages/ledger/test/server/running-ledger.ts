import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import type { TestContext } from 'node:test';
import { createApp } from '../../src/server/app.ts';
import type { DerivationOptions } from '../../src/server/derivation.ts';
import { type ListenOptions, listen } from '../../src/server/listen.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactStore } from '../../src/store/store.ts';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts on what is inside, whatever that is
  readonly json: any;
}

export interface RunningLedger {
  readonly url: string;
  readonly port: number;
  readonly store: FactStore;
  readonly unexpected: unknown[];
  close(): Promise<void>;
  get(path: string, headers?: OutgoingHttpHeaders): Promise<Answered>;
  post(body: Uint8Array | string, headers?: OutgoingHttpHeaders, path?: string): Promise<Answered>;
}

/** A ledger on a free port, with real sockets; the store is in memory, if none is given. */
export async function runLedger(
  context: TestContext,
  store: FactStore = openSqliteStore({ path: ':memory:' }),
  options: Partial<ListenOptions> = {},
  derivation: DerivationOptions = {},
): Promise<RunningLedger> {
  const unexpected: unknown[] = [];
  const app = createApp({ store, derivation, onUnexpected: (error) => unexpected.push(error) });
  const { url, close } = await listen(app, { port: 0, hostname: '127.0.0.1', ...options });
  context.after(close);
  const { port } = new URL(url);
  const json = { 'content-type': 'application/json' };
  return {
    url,
    port: Number(port),
    store,
    unexpected,
    close,
    get: (path, headers = {}) => ask(url, 'GET', path, headers),
    post: (body, headers = {}, path = '/v1/logs') => ask(url, 'POST', path, { ...json, ...headers }, body),
  };
}

/** Not `fetch`, which does not let a caller choose Host. */
export function ask(
  url: string,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders,
  body?: Uint8Array | string,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}${path}`, { method, headers, agent: false }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: parsed(text) }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
