// Why: a customer asks about one order. A job of it failed, was run again, and made another job in another queue;
// each log line of them all names the request, the message that caused it, and which attempt wrote it.
//
// Needs a Redis on 127.0.0.1:6379.
import { type Job, Queue, Worker } from 'bullmq';
import { bind, createWaybill, logFields, memoryRecorder } from 'waybill';
import { instrumentQueue, instrumentWorker } from 'waybill/bullmq';

const connection = { host: '127.0.0.1', port: 6379 };
const prefix = `waybill-example-${process.pid}`;
const recorder = memoryRecorder();
const waybill = createWaybill({ service: 'shop', recorder });

const orders = instrumentQueue(new Queue('orders', { connection, prefix }), waybill);
const receipts = instrumentQueue(new Queue('receipts', { connection, prefix }), waybill);
const done = Promise.withResolvers<void>();

const workers = [
  new Worker('orders', chargeOrder, { connection, prefix }),
  new Worker('receipts', mailReceipt, { connection, prefix }),
];
for (const worker of workers) instrumentWorker(worker, waybill);
// The listener runs in the scope of the job that failed.
workers[0]?.on('failed', (_job, error) => log(`failed: ${error.message}`));

await waybill.ingress({ operation: 'checkout', tenantId: 'acme' }, async () => {
  bind({ order_id: 'ORD-48213' });
  log('checkout');
  await orders.add('charge', { total: 42 }, { attempts: 2 });
});
await done.promise;

async function chargeOrder({ attemptsMade, data }: Job<{ total: number }>): Promise<void> {
  log(`charging ${data.total}`);
  if (attemptsMade === 0) throw new Error('the bank does not answer');
  await receipts.add('mail', data);
}

async function mailReceipt(): Promise<void> {
  log('mailing the receipt');
  done.resolve();
}

/** A log line as the app's logger would write it; ids as names, because they differ from run to run. */
function log(message: string): void {
  const { correlation_id, message_id, causation_id, attempt, order_id } = logFields();
  const cause = causation_id === undefined ? 'nothing' : nameOf(causation_id);
  console.log(
    `${order_id} in ${nameOf(correlation_id)}, ${nameOf(message_id)} by ${cause}, attempt ${attempt}: ${message}`,
  );
}

function nameOf(id: unknown): string {
  const fact = recorder.facts.find((each) => 'message_id' in each && each.message_id === id);
  return fact !== undefined && 'event_type' in fact ? String(fact.event_type) : 'unknown';
}

await Promise.all(workers.map((worker) => worker.close()));
for (const queue of [orders, receipts]) {
  await queue.obliterate({ force: true });
  await queue.close();
}

// Output:
// ORD-48213 in checkout, checkout by nothing, attempt 1: checkout
// ORD-48213 in checkout, charge by checkout, attempt 1: charging 42
// ORD-48213 in checkout, charge by checkout, attempt 1: failed: the bank does not answer
// ORD-48213 in checkout, charge by checkout, attempt 2: charging 42
// ORD-48213 in checkout, mail by charge, attempt 1: mailing the receipt
