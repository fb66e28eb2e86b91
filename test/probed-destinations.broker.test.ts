import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createApp, listen, openSqliteStore } from '@waybill/ledger';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { PgBoss } from 'pg-boss';
import { createWaybill, otlpRecorder } from 'waybill';
import { probeQueues } from 'waybill/asynq';
import { instrumentQueue, probeQueue, probeWorker } from 'waybill/bullmq';
import { instrumentBoss, probeBoss } from 'waybill/pg-boss';
import { missingBroker } from '../packages/waybill/test/brokers/available.ts';

const missing = (await missingBroker('Redis', 6379)) ?? (await missingBroker('PostgreSQL', 5432));
const POSTGRES = 'postgres://postgres@127.0.0.1:5432/postgres';

interface Known {
  readonly name: string;
  readonly sources: { readonly probed: { readonly fields: readonly string[] } };
  readonly [field: string]: unknown;
}

test('what three brokers say of their queues is what the ledger knows of them', {
  skip: missing ?? false,
}, async (context) => {
  const ledger = await listen(createApp({ store: openSqliteStore({ path: ':memory:' }) }), {
    port: 0,
    hostname: '127.0.0.1',
  });
  const waybill = createWaybill({ service: 'test', recorder: otlpRecorder({ url: ledger.url, probeMs: 50 }) });
  const name = `waybill_probed_${process.pid}`;
  const options = { connection: { host: '127.0.0.1', port: 6379 }, prefix: name };
  const orders = instrumentQueue(new Queue('orders', options), waybill);
  const worker = new Worker('orders', async () => {}, { ...options, autorun: false });
  const redis = new Redis();
  const boss = instrumentBoss(
    new PgBoss({ connectionString: POSTGRES, schema: name, supervise: false, max: 2 }),
    waybill,
  );
  await boss.start();
  context.after(async () => {
    await waybill.close();
    await boss.getDb().executeSql(`DROP SCHEMA ${name} CASCADE`);
    await boss.stop({ graceful: false });
    await worker.close();
    await orders.obliterate({ force: true });
    await orders.close();
    await redis.quit();
    await ledger.close();
  });
  await boss.createQueue('invoices.dead');
  await boss.createQueue('invoices', { retryLimit: 2, deadLetter: 'invoices.dead' });
  await waybill.ingress({ operation: 'checkout' }, async () => {
    await orders.add('ship', {});
    await boss.send('invoices', {});
  });
  const probes = [probeQueue(orders), probeWorker(worker), probeBoss(boss), probeQueues(redis, { queues: [name] })];
  for (const probe of probes) waybill.watch(probe);

  const known = async (): Promise<Known[]> => {
    const answer = await fetch(`${ledger.url}/api/v1/destinations`);
    // Sound: as much of the answer's schema as is read.
    return ((await answer.json()) as { data: { destinations: Known[] } }).data.destinations;
  };
  while ((await known()).filter(({ sources }) => sources.probed !== undefined).length < 4) await pause(50);
  const [invoices, dead, shipped, tasks] = (await known()).sort((one, other) => (one.name < other.name ? -1 : 1));
  assert.deepEqual(
    [invoices, dead, shipped, tasks].map((each) => [each?.name, each?.['kind'], each?.['system'], each?.['depth']]),
    [
      ['invoices', 'queue', 'pg_boss', 1],
      ['invoices.dead', 'dead-letter', 'pg_boss', 0],
      ['orders', 'queue', 'bullmq', 1],
      [name, 'queue', 'asynq', 0],
    ],
  );
  assert.deepEqual([invoices?.['max_attempts'], invoices?.['dead_letter']], [3, 'invoices.dead']);
  // Of a queue and of its worker, put together.
  assert.deepEqual([shipped?.['consumers'], shipped?.['lease_ms']], [1, 30_000]);
  assert.ok(shipped?.sources.probed.fields.includes('last_consumer_seen_at'));
});
