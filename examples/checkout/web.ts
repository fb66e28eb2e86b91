// The web server: a request publishes `order.created`, answers, and is over long before the work is done.
import type { AddressInfo } from 'node:net';
import express from 'express';
import { bind } from 'waybill';
import { middleware } from 'waybill/express';
import { startService, stopWithParent } from './queue.ts';

const TENANTS: Readonly<Record<string, string>> = { 'key-acme': 'acme-eu', 'key-borealis': 'borealis' };

const service = await startService('checkout-api');
const { waybill, boss, log } = service;

const app = express();
app.use(
  middleware(waybill, {
    operation: () => 'checkout',
    tenant: (request: express.Request) => TENANTS[request.get('x-api-key') ?? ''],
    businessKey: (request: express.Request) => request.get('idempotency-key'),
  }),
);
app.use(express.json());
app.post('/checkout', async (request, response) => {
  const { order_id, card } = request.body;
  bind({ order_id, customer: request.body.customer }); // from here on in every line, in every process
  await boss.send('order.created', { order_id, card });
  log.info('order taken');
  response.status(202).json({ order_id });
});

const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ url: `http://127.0.0.1:${port}` });
});
stopWithParent(service, () => server.close());
