import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { ledgerError } from '../errors.ts';
import type { LedgerApp } from './app.ts';

export interface ListenOptions {
  /** 0 takes any that is free. */
  readonly port: number;
  readonly hostname: string;
  /** How long a client may take for its headers, 15 s, and for a whole request, 30 s, if left out. */
  readonly headersMsMax?: number;
  readonly requestMsMax?: number;
  /** How long closing waits for requests that have come, 4 s if left out: less than those who stop it wait. */
  readonly closeMsMax?: number;
}

export interface Listening {
  readonly url: string;
  /** Takes no more connections, finishes the requests it has, then closes the store. */
  close(): Promise<void>;
}

const idleCheckMs = 50;
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** @throws ADDRESS_PUBLIC, PORT_UNAVAILABLE. */
export async function listen(app: LedgerApp, options: ListenOptions): Promise<Listening> {
  const { port, hostname, headersMsMax = 15_000, requestMsMax = 30_000, closeMsMax = 4_000 } = options;
  if (!LOOPBACK.includes(hostname) && !app.hasTokens) throw ledgerError('ADDRESS_PUBLIC', hostname);
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: headersMsMax,
      requestTimeout: requestMsMax,
      // Node looks for late clients this often; its default of 30 s would be the real limit.
      connectionsCheckingInterval: Math.min(1_000, headersMsMax),
    },
  }) as Server; // no certificate was given, so it speaks HTTP/1.1
  await listening(server, port, hostname);
  app.start();
  let closed: Promise<void> | undefined;
  return {
    url: urlOf(server),
    close() {
      app.endFollowers();
      closed ??= closeServer(server, closeMsMax).then(() => app.close());
      return closed;
    },
  };
}

function listening(server: Server, port: number, hostname: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(ledgerError('PORT_UNAVAILABLE', `${hostname}:${port}`, error.message)));
    server.listen({ port, host: hostname }, resolve);
  });
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/**
 * Clients keep their connections after an answer: each is closed as soon as it is idle, under load between two requests.
 * One that does not read its answer, or never finishes asking, must not hold the ledger open.
 */
async function closeServer(server: Server, closeMsMax: number): Promise<void> {
  const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs).unref();
  const patience = setTimeout(() => server.closeAllConnections(), closeMsMax).unref();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearInterval(idle);
  clearTimeout(patience);
}
