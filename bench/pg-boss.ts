// What Waybill adds to a message on pg-boss, beside pg-boss' own OpenTelemetry: CPU time of a process that sends
// and works, in alternating processes, so that a slow moment falls on all. Needs PostgreSQL on 5432.
//   npm run bench:pg-boss -- [rounds] [--json]
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { PgBoss } from 'pg-boss';
import { createWaybill, withBindings } from 'waybill';
import { instrumentBoss } from 'waybill/pg-boss';
import { alternate, printVariants, variantOf } from './alternating.ts';
import { encodingRecorder } from './encoding-recorder.ts';
import { noExport } from './no-export.ts';

const VARIANTS = {
  plain: 'pg-boss alone, its OpenTelemetry off',
  metadata: 'pg-boss alone, with includeMetadata',
  waybill: 'Waybill: identity and 4 bindings, no facts',
  facts: 'Waybill: the same, with facts recorded and encoded',
  api: 'its OpenTelemetry, no SDK',
  sdk: 'its OpenTelemetry, real SDK, context carried',
  baggage: 'the same, with the identity in 4 baggage entries',
} as const;
type Variant = keyof typeof VARIANTS;

const JOBS = 5000;
const WARM_UP = 500;
const BINDINGS = { order_id: 'ORD-48213', user_id: 71, region: 'eu-west', plan: 'pro' };
const SERVER = 'postgres://postgres@127.0.0.1:5432/postgres';

function startSdk(): void {
  new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(noExport)] }).register();
}

async function measure(variant: Variant): Promise<number> {
  const isTraced = variant === 'sdk' || variant === 'baggage';
  if (isTraced) startSdk();
  const openTelemetry = variant === 'api' || isTraced ? { enabled: true, propagateContext: true } : { enabled: false };
  const boss = new PgBoss({
    connectionString: SERVER,
    schema: 'waybill_bench',
    supervise: false,
    schedule: false,
    max: 10,
    openTelemetry,
  });
  boss.on('error', (error) => console.error(error));
  const waybill = createWaybill({ service: 'bench', ...(variant === 'facts' ? { recorder: encodingRecorder() } : {}) });
  if (variant === 'waybill' || variant === 'facts') instrumentBoss(boss, waybill);
  await boss.start();
  const queue = `bench-${variant}-${process.pid}`;
  await boss.createQueue(queue);
  const request = requestOf(variant, waybill);
  const run = async (jobs: number) => {
    await request(async () => {
      for (let sent = 0; sent < jobs; sent += 10) {
        await Promise.all(
          Array.from({ length: 10 }, () => boss.send(queue, { invoice: 'inv_000123', amount: 1999, note: 'hello' })),
        );
      }
    });
    let worked = 0;
    const done = Promise.withResolvers<void>();
    for (let worker = 0; worker < 8; worker++) {
      const id: string = await boss.work(
        queue,
        { pollingIntervalSeconds: 0.5, includeMetadata: variant === 'metadata' },
        async () => {
          if (++worked === jobs) done.resolve();
          boss.notifyWorker(id); // fetches the next at once, not after the interval
        },
      );
    }
    await done.promise;
    await boss.offWork(queue, { wait: true });
  };
  await run(WARM_UP);
  const before = process.cpuUsage();
  await run(JOBS);
  const { user, system } = process.cpuUsage(before);
  await boss.deleteQueue(queue);
  await boss.stop({ graceful: false });
  return (user + system) / JOBS;
}

/** A request in whose context all is sent, as each variant has one. */
function requestOf(variant: Variant, waybill: ReturnType<typeof createWaybill>): <R>(work: () => R) => R {
  if (variant === 'waybill' || variant === 'facts') {
    return (work) =>
      waybill.ingress({ operation: 'checkout', tenantId: 'acme-eu' }, () => withBindings(BINDINGS, work));
  }
  if (variant !== 'sdk' && variant !== 'baggage') return (work) => work();
  const traced = trace.setSpan(ROOT_CONTEXT, trace.getTracer('bench').startSpan('POST /checkout'));
  const ids = {
    correlation_id: 'req_01KKY1N9W4EXM8KX3T1F4SB10F',
    causation_id: 'msg_01KKY1NAHSE93R1V9Z8ZE8GJ1S',
    message_id: 'msg_01KKY1NB8XFWSAEFM6GEPWASC1',
    tenant_id: 'acme-eu',
  };
  const entries = Object.fromEntries(Object.entries(ids).map(([key, value]) => [key, { value }]));
  const outgoing = variant === 'baggage' ? propagation.setBaggage(traced, propagation.createBaggage(entries)) : traced;
  return (work) => context.with(outgoing, work);
}

const variant = variantOf(VARIANTS);
if (variant === undefined) {
  const rounds = Number(process.argv[2]) || 7;
  const title = `CPU a message on pg-boss, µs; ${rounds} alternating rounds of ${JOBS} jobs; added: paired median`;
  printVariants(title, alternate(import.meta.filename, VARIANTS, rounds));
} else console.log(await measure(variant));
