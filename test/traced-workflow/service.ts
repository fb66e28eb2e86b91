// One process of the traced workflow: `node service.ts <role>`. What it needs to know is in its environment.
import { Queue, Worker } from 'bullmq';
import { makeWorkerUtils, run } from 'graphile-worker';
import { PgBoss } from 'pg-boss';
import { createWaybill, otlpRecorder, type Waybill } from 'waybill';
import { instrumentQueue, instrumentWorker } from 'waybill/bullmq';
import { instrumentUtils, wrapTaskList } from 'waybill/graphile-worker';
import { bridge } from 'waybill/otel';
import { instrumentBoss } from 'waybill/pg-boss';
import { startSdk } from './telemetry.ts';

const { LEDGER_URL = '', SPANS_FILE = '', POSTGRES = '', NAME = '' } = process.env;
const [role = ''] = process.argv.slice(2);
const sdk = startSdk(role, LEDGER_URL, SPANS_FILE);
const waybill = createWaybill({
  service: role,
  recorder: otlpRecorder({ url: LEDGER_URL }),
  tracing: bridge(sdk.api),
});
const tracer = sdk.api.trace.getTracer('app');
const redis = { connection: { host: '127.0.0.1', port: 6379 }, prefix: NAME };

/** The app's own span around what it does: the tree has to go through it. */
const inOwnSpan = <R>(name: string, work: () => Promise<R>): Promise<R> =>
  tracer.startActiveSpan(name, async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });

type Stop = () => Promise<unknown>;

const ROLES: Readonly<Record<string, (own: Waybill) => Promise<Stop>>> = {
  async web(own) {
    const orders = instrumentQueue(new Queue('orders', redis), own);
    process.once('message', () => {
      const checkout = () => inOwnSpan('reserve stock', () => orders.add('order.created', { id: 17 }));
      void own.ingress({ operation: 'checkout', eventType: 'POST /checkout', tenantId: 'acme' }, checkout);
    });
    return () => orders.close();
  },
  async orders(own) {
    const boss = await startBoss(own);
    const worker = new Worker('orders', () => inOwnSpan('price', () => boss.send('invoices', { id: 17 })), redis);
    instrumentWorker(worker, own);
    await worker.waitUntilReady();
    return async () => {
      await worker.close();
      await boss.stop();
    };
  },
  async invoices(own) {
    const boss = await startBoss(own);
    const utils = instrumentUtils(await makeWorkerUtils({ connectionString: POSTGRES, schema: `${NAME}_g` }), own);
    const remind = () => utils.addJob('remind', { id: 17 }, { runAt: new Date(Date.now() + 200) });
    await boss.work('invoices', { pollingIntervalSeconds: 0.5 }, () => inOwnSpan('render', remind));
    return async () => {
      await boss.stop();
      await utils.release();
    };
  },
  async remind(own) {
    const taskList = wrapTaskList({ remind: () => inOwnSpan('mail', tellDone) }, own);
    const options = { connectionString: POSTGRES, schema: `${NAME}_g`, pollInterval: 100, noHandleSignals: true };
    const runner = await run({ ...options, taskList });
    return () => runner.stop();
  },
};

async function tellDone(): Promise<void> {
  process.send?.('done');
}

async function startBoss(own: Waybill) {
  const boss = new PgBoss({
    connectionString: POSTGRES,
    schema: `${NAME}_b`,
    supervise: false,
    schedule: false,
    max: 2,
  });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue('invoices');
  return instrumentBoss(boss, own);
}

const stop = await ROLES[role]?.(waybill);
process.once('disconnect', async () => {
  await stop?.();
  await waybill.close();
  await sdk.shutdown();
});
process.send?.('ready');
