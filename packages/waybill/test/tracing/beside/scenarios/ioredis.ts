// BullMQ without telemetry of its own, whose handler asks Redis; argument `keyed`: the job's id is the app's.
import { randomBytes } from 'node:crypto';
import { type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { instrumentQueue, instrumentWorker } from '../../../../src/queues/bullmq/bullmq.ts';
import { REDIS, removeKeys } from '../../../queues/bullmq-subject.ts';
import { instrumented, report, request, started, within } from '../stage.ts';

const prefix = `waybill-${randomBytes(6).toString('hex')}`;
const redis = new Redis({ port: 6379 });
const queue = instrumented(new Queue('orders', { connection: REDIS, prefix }), instrumentQueue);
// From here on Redis knows the script: nobody's spans depend on who was the first.
const earlier = new Queue('earlier', { connection: REDIS, prefix });
await earlier.add('job', {});
await request(async () => {
  await queue.add('charge', {}, process.argv.includes('keyed') ? { jobId: 'order-7' } : {});
});
const done = Promise.withResolvers<void>();
const handler = (_job: Job) => within('charge', () => redis.get('stock'));
const worker = instrumented(
  new Worker('orders', handler, { connection: REDIS, prefix, autorun: false }),
  instrumentWorker,
);
worker.on('completed', () => done.resolve());
await started(() => void worker.run());
await done.promise;
await worker.close();
report();
await Promise.all([queue.close(), earlier.close()]);
await redis.quit();
await removeKeys(prefix);
