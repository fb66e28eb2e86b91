// Jobs that are worked alone and together, that are fetched and withdrawn; the argument says what pg-boss is told.
import { PgBoss } from 'pg-boss';
import { instrumentBoss } from '../../../../src/queues/pg-boss/pg-boss.ts';
import { instrumented, report, request, started, within } from '../stage.ts';

const schema = `waybill_beside_${process.pid}`;
const boss = new PgBoss({
  connectionString: 'postgres://postgres@127.0.0.1:5432/postgres',
  ...{ schema, supervise: false, schedule: false, max: 1 },
  openTelemetry: JSON.parse(process.argv[2] ?? '{}'),
});
boss.on('error', (error) => console.error(error));
instrumented(boss, instrumentBoss);
await boss.start();
for (const queue of ['orders', 'batches', 'polled']) await boss.createQueue(queue);
await request(async () => {
  await boss.send('orders', { id: 1 });
  await boss.insert('batches', [{ data: { id: 2 } }, { data: { id: 3 } }]);
  await boss.sendAfter('polled', { id: 4 }, {}, 0);
  const withdrawn = await boss.sendAfter('polled', { id: 5 }, {}, 3600);
  await boss.cancel('polled', withdrawn ?? '');
});

const done = Promise.withResolvers<void>();
let left = 3;
const handler = (jobs: readonly unknown[]) =>
  within(`charge ${jobs.length}`, () => {
    left -= jobs.length;
    if (left === 0) done.resolve();
  });
await started(async () => {
  await boss.work('orders', { pollingIntervalSeconds: 0.5 }, handler);
  await boss.work('batches', { pollingIntervalSeconds: 0.5, batchSize: 2 }, handler);
});
await done.promise;
for (const queue of ['orders', 'batches']) await boss.offWork(queue, { wait: true });
await within('poll', async () => {
  const [job] = await boss.fetch('polled');
  await boss.complete('polled', job?.id ?? '');
});
report();
await boss.getDb().executeSql(`DROP SCHEMA ${schema} CASCADE`);
await boss.stop({ graceful: false });
