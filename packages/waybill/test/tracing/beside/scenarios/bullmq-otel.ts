// A queue, a flow and a worker with telemetry of their own, on `bullmq` or `bullmq-5`.
import { randomBytes } from 'node:crypto';
import type { Job } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';
import { instrumentFlowProducer, instrumentQueue, instrumentWorker } from '../../../../src/queues/bullmq/bullmq.ts';
import { type Bullmq, REDIS, removeKeys } from '../../../queues/bullmq-subject.ts';
import { instrumented, report, request, started, within } from '../stage.ts';

const { Queue, FlowProducer, Worker }: Bullmq = await import(process.argv[2] ?? '');
const prefix = `waybill-${randomBytes(6).toString('hex')}`;
const telemetry = new BullMQOtel({ tracerName: 'bullmq' });
const options = { connection: REDIS, prefix, telemetry };

const queue = instrumented(new Queue('orders', options), instrumentQueue);
const flowProducer = instrumented(new FlowProducer(options), instrumentFlowProducer);
const sent: (Job | undefined)[] = [];
await request(async () => {
  sent.push(await queue.add('add', {}, { attempts: 2 }));
  sent.push(
    ...(await queue.addBulk([
      { name: 'bulk', data: {}, opts: {} },
      { name: 'bulk', data: {}, opts: {} },
    ])),
  );
  const children = [{ name: 'child', queueName: 'orders', opts: {} }];
  const flow = await flowProducer.add({ name: 'parent', queueName: 'orders', opts: {}, children });
  const failing = [{ name: 'failing', queueName: 'orders', opts: { failParentOnFailure: true } }];
  await flowProducer.add({ name: 'doomed', queueName: 'orders', opts: {}, children: failing });
  sent.push(flow.job, flow.children?.[0]?.job);
});

const done = Promise.withResolvers<void>();
let left = 7;
const isOver = () => --left === 0 && done.resolve();
const handler = (job: Job) =>
  within(`charge ${job.name}`, () => {
    if ((job.name === 'add' && job.attemptsMade === 0) || job.name === 'failing') throw new Error('no stock');
  });
const worker = instrumented(new Worker('orders', handler, { ...options, autorun: false }), instrumentWorker);
worker.on('completed', isOver);
worker.on('failed', (job) => job?.finishedOn && isOver()); // of `doomed` without its handler: a child has failed
await started(() => void worker.run());
await done.promise;
await worker.close();
report({ carried: sent.map((job) => [job?.name, JSON.parse(job?.opts.telemetry?.metadata ?? 'null')?.traceparent]) });
await Promise.all([queue.close(), flowProducer.close()]);
await removeKeys(prefix);
