// What Waybill adds to a message on BullMQ, beside bullmq-otel: CPU time of a process that sends and works, in
// alternating processes, paired with the plain library of the same round. Needs Redis on 6379.
//   npm run bench:bullmq -- [rounds] [--json]
import * as api from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { BatchSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { Queue, Worker } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';
import { createWaybill, withBindings } from 'waybill';
import { instrumentQueue, instrumentWorker } from 'waybill/bullmq';
import { bridge } from 'waybill/otel';
import { currentScope } from '../packages/waybill/src/core/scope.ts';
import { writeHeaders } from '../packages/waybill/src/layouts/headers.ts';
import { alternate, printVariants, variantOf } from './alternating.ts';
import { encodingRecorder } from './encoding-recorder.ts';
import { noExport } from './no-export.ts';

const VARIANTS = {
  plain: 'BullMQ alone',
  carrier: 'BullMQ alone, with a constant waybill among its options',
  waybill: 'Waybill: identity and 4 bindings, no facts',
  facts: 'Waybill: the same, with facts recorded and encoded',
  api: 'bullmq-otel, no SDK',
  sdk: 'bullmq-otel, real SDK',
  encoded: 'bullmq-otel, real SDK, spans encoded as OTLP',
  both: 'bullmq-otel, real SDK, and Waybill: identity and 4 bindings',
  bothFacts: 'the same, with facts recorded and encoded',
} as const;
type Name = keyof typeof VARIANTS;

const JOBS = 20_000;
const WARM_UP = 3000;
/** Adds under way at a time, and jobs. */
const CONCURRENCY = 50;
const BINDINGS = { order_id: 'ORD-48213', user_id: 71, region: 'eu-west', plan: 'pro' };
const send = { system: 'bullmq', destination: 'bench-12345', eventType: 'render' };
const JOB = { invoice: 'inv_000123', amount: 1999, note: 'hello world hello world' };

const HAS_WAYBILL: readonly Name[] = ['waybill', 'facts', 'both', 'bothFacts'];
const HAS_FACTS: readonly Name[] = ['facts', 'bothFacts'];
const HAS_TELEMETRY: readonly Name[] = ['api', 'sdk', 'encoded', 'both', 'bothFacts'];
const HAS_SDK: readonly Name[] = ['sdk', 'encoded', 'both', 'bothFacts'];

function startSdk(name: Name): void {
  const encoding = {
    ...noExport,
    export(spans: ReadableSpan[], done: (result: { code: number }) => void) {
      ProtobufTraceSerializer.serializeRequest(spans);
      done({ code: 0 });
    },
  };
  const exporter = name === 'encoded' ? encoding : noExport;
  new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] }).register();
}

async function measure(name: Name): Promise<number> {
  if (HAS_SDK.includes(name)) startSdk(name);
  const waybill = createWaybill({
    service: 'bench',
    recorder: HAS_FACTS.includes(name) ? encodingRecorder() : undefined,
    // bullmq-otel makes the spans.
    tracing: HAS_SDK.includes(name) ? bridge(api, { spans: 'never' }) : undefined,
  });
  const telemetry = HAS_TELEMETRY.includes(name) ? { telemetry: new BullMQOtel({ tracerName: 'bench' }) } : {};
  const connection = { host: '127.0.0.1', port: 6379, maxRetriesPerRequest: null };
  const queueName = `bench-${process.pid}`;
  const queue = new Queue(queueName, { connection, ...telemetry });
  let left = 0;
  let done = Promise.withResolvers<void>();
  const worker = new Worker(
    queueName,
    async () => {
      if (--left === 0) done.resolve();
    },
    { connection, concurrency: CONCURRENCY, removeOnComplete: { count: 0 }, ...telemetry },
  );
  if (HAS_WAYBILL.includes(name)) {
    instrumentQueue(queue, waybill);
    instrumentWorker(worker, waybill);
  }
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  // As large as the ones of the other variants, and made and read by nobody.
  const made = inRequest('waybill', waybill, () => writeHeaders(waybill.prepare(send).envelope, {}));
  const constant = name === 'carrier' ? { waybill: made } : {};
  const run = async (jobs: number) => {
    left = jobs;
    done = Promise.withResolvers<void>();
    let unsent = jobs;
    const add = async () => {
      while (unsent-- > 0) {
        const scope = currentScope();
        if (scope !== undefined) scope.run.sends = 0; // ordinary messages: the seventeenth of one request is a fan-out
        await queue.add('render', JOB, { removeOnComplete: true, attempts: 3, ...constant });
      }
    };
    await inRequest(name, waybill, () => Promise.all(Array.from({ length: CONCURRENCY }, add)));
    await done.promise;
  };
  await run(WARM_UP);
  const before = process.cpuUsage();
  await run(JOBS);
  const { user, system } = process.cpuUsage(before);
  await worker.close(true);
  await queue.obliterate({ force: true });
  await queue.close();
  return (user + system) / JOBS;
}

/** A request in whose context all is sent, as each variant has one. */
function inRequest<R>(name: Name, waybill: ReturnType<typeof createWaybill>, work: () => R): R {
  const traced = () => {
    if (!HAS_WAYBILL.includes(name)) return work();
    return waybill.ingress({ operation: 'checkout', tenantId: 'acme-eu' }, () => withBindings(BINDINGS, work));
  };
  if (!HAS_SDK.includes(name)) return traced();
  const span = api.trace.getTracer('bench').startSpan('POST /checkout', { kind: api.SpanKind.SERVER });
  return api.context.with(api.trace.setSpan(api.ROOT_CONTEXT, span), traced);
}

const variant = variantOf(VARIANTS);
if (variant === undefined) {
  const rounds = Number(process.argv[2]) || 7;
  const title = `CPU a message on BullMQ, µs; ${rounds} alternating rounds of ${JOBS} jobs; added: paired median`;
  printVariants(title, alternate(import.meta.filename, VARIANTS, rounds));
} else {
  console.log(await measure(variant));
  process.exit(); // the SDK's own timers would hold it
}
