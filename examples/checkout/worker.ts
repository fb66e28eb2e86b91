// The worker, in a process of its own. Nothing in a handler passes an id on; every line and message has them.
import { setTimeout as theBank } from 'node:timers/promises';
import { startService, stopWithParent } from './queue.ts';

interface Order {
  readonly order_id: string;
  readonly card: string;
}

const service = await startService('order-worker');
const { boss, log } = service;
stopWithParent(service);

async function work(queue: string, handle: (order: Order) => Promise<unknown>): Promise<void> {
  await boss.work<Order>(queue, { pollingIntervalSeconds: 0.5 }, async ([job]) => {
    if (job !== undefined) await handle(job.data);
  });
}

await work('order.created', async (order) => {
  await boss.send('invoice.create', order);
  await boss.send('email.send', order);
  log.info('order accepted');
});
await work('invoice.create', async (order) => {
  await boss.send('payment.charge', order);
  log.info('invoice written');
});
await work('email.send', async () => log.info('confirmation sent'));
await work('payment.charge', async ({ card }) => {
  await theBank(120);
  if (card !== 'declined') return log.info('card charged');
  log.warn('card declined');
  throw new Error('card declined by the bank');
});
await work('payment.dead', async () => log.error('payment given up'));

process.send?.({ isReady: true });
