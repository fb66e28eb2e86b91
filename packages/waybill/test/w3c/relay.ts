import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after } from 'node:test';
import type { WaybillOptions } from '../../src/core/waybill.ts';
import { readHeaders } from '../../src/layouts/headers.ts';
import { wrapFetch } from '../../src/web/fetch.ts';
import { knownWaybill } from '../known-waybill.ts';

/** A header as it stands on the wire: its name's casing, its spaces, and as often as it is sent. */
export type RawHeader = readonly [name: string, value: string];

/** Sends a request with these headers and no others of its own; gives what each call that it caused has brought. */
export type Relay = (headers: readonly RawHeader[], calls?: number) => Promise<RawHeader[][]>;

/**
 * A service of ours that answers each request with calls to another server, which keeps what came. Both run until
 * the file's tests are over.
 */
export async function startRelay(options: Partial<WaybillOptions> = {}): Promise<Relay> {
  const arrived: RawHeader[][] = [];
  const neighbour = await listen((request, response) => {
    arrived.push(pairsOf(request.rawHeaders));
    response.end();
  });
  const { waybill } = knownWaybill(options);
  const fetchInScope = wrapFetch(fetch, waybill, { origins: [neighbour.origin] });
  const service = await listen((request, response) => {
    const edge = { operation: 'relay', envelope: readHeaders(request.headers), trust: 'trusted' } as const;
    waybill.ingress(edge, async () => {
      try {
        for (let call = 0; call < Number(request.url?.slice(1)); call++) await fetchInScope(neighbour.origin);
      } finally {
        response.end();
      }
    });
  });
  return async (headers, calls = 1) => {
    arrived.length = 0;
    await request(service.port, `/${calls}`, headers);
    return [...arrived];
  };
}

/** The values under one name, whose casing does not matter. */
export function valuesOf(headers: readonly RawHeader[], name: string): string[] {
  return headers.filter(([given]) => given.toLowerCase() === name).map(([, value]) => value);
}

async function listen(listener: RequestListener): Promise<{ port: number; origin: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // sound: it listens on a port, not on a pipe
  return { port, origin: `http://127.0.0.1:${port}` };
}

/** Over a bare socket: a client library would put in order what is to be sent as it stands. */
async function request(port: number, path: string, headers: readonly RawHeader[]): Promise<void> {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n${lines.join('')}\r\n`);
  const answer = await text(socket);
  if (!answer.startsWith('HTTP/1.1 200 ')) throw new Error(`The relay answered ${JSON.stringify(answer)}.`);
}

function pairsOf(rawHeaders: readonly string[]): RawHeader[] {
  const pairs: RawHeader[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) pairs.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  return pairs;
}
