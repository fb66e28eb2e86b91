// Two calls of another service: one that is ours, and one that is nobody's business.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { wrapFetch } from '../../../../src/web/fetch.ts';
import { report, request, waybill } from '../stage.ts';

const received: (string | undefined)[] = [];
const server = createServer(({ rawHeaders, headers }, response) => {
  received.push(...rawHeaders.filter((_, at) => /^traceparent$/i.test(rawHeaders[at - 1] ?? '') && at % 2 === 1));
  received.push(headers['waybill'] === undefined ? undefined : 'waybill');
  response.end('here');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo; // sound: it listens on a port
const origin = `http://127.0.0.1:${port}`;
const call = waybill === undefined ? fetch : wrapFetch(fetch, waybill, { origins: [origin] });
await request(async () => {
  for (const url of [`${origin}/orders/7`, `http://localhost:${port}/orders/8`]) await (await call(url)).text();
});
server.close();
server.closeAllConnections();
report({ received });
