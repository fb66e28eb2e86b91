// Why: nothing comes out of a queue, and its facts look as they should. Its broker knows whether anybody works for it:
// a probe asks, and what it says goes to the ledger beside the facts.
//
// Needs a Redis on 127.0.0.1:6379.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Queue, Worker } from 'bullmq';
import { createWaybill, otlpRecorder } from 'waybill';
import { instrumentQueue, instrumentWorker, probeQueue, probeWorker } from 'waybill/bullmq';

// What `waybill serve` is; here it prints what it is told.
const told = Promise.withResolvers<void>();
const ledger = createServer(async (request, response) => {
  const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
  response.end('{}');
  if (request.url !== '/api/v1/destinations') return;
  for (const { name, depth, consumers, lease_ms } of body.destinations) {
    console.log(name, JSON.stringify({ depth, consumers, lease_ms }));
  }
  told.resolve();
}).listen(0, '127.0.0.1');
await new Promise((resolve) => ledger.once('listening', resolve));
const { port } = ledger.address() as AddressInfo;

const recorder = otlpRecorder({ url: `http://127.0.0.1:${port}`, probeMs: 200 });
const waybill = createWaybill({ service: 'shop', recorder });
const options = { connection: { host: '127.0.0.1', port: 6379 }, prefix: `waybill-example-${process.pid}` };
const email = instrumentQueue(new Queue('email', options), waybill);
const orders = instrumentQueue(new Queue('orders', options), waybill);
const worker = instrumentWorker(new Worker('orders', async () => {}, options), waybill);
await worker.waitUntilReady();

await waybill.ingress({ operation: 'checkout' }, async () => {
  await email.add('receipt', {});
  await email.add('receipt', {});
  await email.add('survey', {}, { delay: 86_400_000 });
});

for (const probe of [probeQueue(email), probeQueue(orders), probeWorker(worker)]) waybill.watch(probe);
await told.promise;

await waybill.close();
ledger.close();
await worker.close();
for (const queue of [email, orders]) {
  await queue.obliterate({ force: true });
  await queue.close();
}

// Output:
// email {"depth":2,"consumers":0}
// orders {"depth":0,"consumers":1}
// orders {"lease_ms":30000}
