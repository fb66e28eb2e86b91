// Why: the team has OpenTelemetry, and reads traces. A job that runs at once is in the trace of its request; one that
// is run again begins a trace of its own, linked to where it was created, so that no trace grows for days; and both
// are one workflow.
//
// Needs a Redis on 127.0.0.1:6379.
import { once } from 'node:events';
import * as api from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  ParentBasedSampler,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { type Job, Queue, Worker } from 'bullmq';
import { createWaybill } from 'waybill';
import { instrumentQueue, instrumentWorker } from 'waybill/bullmq';
import { bridge } from 'waybill/otel';

const otel = bridge(api);
const exporter = new InMemorySpanExporter();
new NodeTracerProvider({
  // A workflow is traced as a whole, in whatever traces it goes on, or not at all.
  sampler: new ParentBasedSampler({ root: otel.sampler({ ratio: 1 }) }),
  spanProcessors: [new SimpleSpanProcessor(exporter)],
}).register();

const connection = { host: '127.0.0.1', port: 6379 };
const prefix = `waybill-example-${process.pid}`;
const waybill = createWaybill({ service: 'shop', tracing: otel });
const tracer = api.trace.getTracer('shop');

const orders = instrumentQueue(new Queue('orders', { connection, prefix }), waybill);
const receipts = instrumentQueue(new Queue('receipts', { connection, prefix }), waybill);
const workers = [
  new Worker('orders', chargeOrder, { connection, prefix }),
  new Worker('receipts', async () => {}, { connection, prefix }),
];
for (const worker of workers) instrumentWorker(worker, waybill);
// The receipt may be done before the order that asked for it.
const done = Promise.all(workers.map((worker) => once(worker, 'completed')));

await waybill.ingress({ operation: 'checkout', tenantId: 'acme' }, () => orders.add('charge', {}, { attempts: 2 }));
await done;

async function chargeOrder({ attemptsMade }: Job): Promise<void> {
  await tracer.startActiveSpan('ask the bank', async (span) => span.end());
  if (attemptsMade === 0) throw new Error('the bank does not answer');
  await receipts.add('mail', {});
}

const spans = exporter.getFinishedSpans();
const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
const began = ({ startTime: [seconds, nanos] }: ReadableSpan) => seconds * 1e9 + nanos;
const printed = (span: ReadableSpan, depth: number): void => {
  const [link] = span.links;
  const linked =
    link && `, linked to ${byId.get(link.context.spanId)?.name}: ${link.attributes?.['waybill.trace_mode.reason']}`;
  console.log(`${'  '.repeat(depth)}${span.name}${span.status.code === 2 ? ' failed' : ''}${linked ?? ''}`);
  const children = spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === span.spanContext().spanId);
  for (const child of children.sort((one, other) => began(one) - began(other))) printed(child, depth + 1);
};
const roots = spans.filter(({ parentSpanContext }) => parentSpanContext === undefined);
for (const root of roots.sort((one, other) => began(one) - began(other))) printed(root, 0);
console.log(`${new Set(spans.flatMap(({ attributes }) => attributes['waybill.correlation_id'] ?? [])).size} workflow`);

await Promise.all(workers.map((worker) => worker.close()));
for (const queue of [orders, receipts]) {
  await queue.obliterate({ force: true });
  await queue.close();
}

// Output:
// checkout
//   send orders
//     process orders failed
//       ask the bank
// process orders, linked to send orders: retry
//   ask the bank
//   send receipts
//     process receipts
// 1 workflow
