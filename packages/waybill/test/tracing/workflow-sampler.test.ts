import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as api from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  ParentBasedSampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { mintId } from '../../src/core/ids.ts';
import { type Carrier, readHeaders, writeHeaders } from '../../src/layouts/headers.ts';
import { bridge } from '../../src/tracing/otel.ts';
import { knownWaybill } from '../known-waybill.ts';
import { seeded } from '../seeded.ts';

const otel = bridge(api);
const exporter = new InMemorySpanExporter();
let ratio = 0.5;
const fixed = (share: number) => otel.sampler({ ratio: share });
const sampler = {
  shouldSample: (...args: Parameters<ReturnType<typeof fixed>['shouldSample']>) => fixed(ratio).shouldSample(...args),
  toString: () => 'changing',
};
new NodeTracerProvider({
  sampler: new ParentBasedSampler({ root: sampler }),
  spanProcessors: [new SimpleSpanProcessor(exporter)],
}).register();

/** The correlation ids of the spans that were exported, and how many traces each has. */
function tracesByWorkflow(): Map<unknown, Set<string>> {
  const traces = new Map<unknown, Set<string>>();
  for (const span of exporter.getFinishedSpans()) {
    const workflow = span.attributes['waybill.correlation_id'];
    traces.set(workflow, (traces.get(workflow) ?? new Set()).add(span.spanContext().traceId));
  }
  exporter.reset();
  return traces;
}

/** One service of its own for each hop, with nothing in common but the wire. */
const service = (mint: typeof mintId) =>
  knownWaybill({ tracing: otel, recorder: undefined, mintId: mint, clock: Date.now }).waybill;

type Hop = (carrier: Carrier) => Carrier;

/** Request, event, event: three traces of one workflow. `wire` is what becomes of headers on the way. */
function runWorkflow(waybill: ReturnType<typeof service>, wire: Hop, begin: (work: () => void) => void) {
  let carrier: Carrier = {};
  const publish = () =>
    waybill.produce({ system: 'nats', destination: 'events', kind: 'event' }, (envelope) => {
      carrier = wire(writeHeaders(envelope, {}));
    });
  begin(publish);
  for (const handler of [publish, () => {}]) {
    waybill.consume({ system: 'nats', destination: 'events', envelope: readHeaders(carrier) }, handler);
  }
}

test('at 1 % of 10,000 workflows of three traces each, those that are sampled are whole, and 1 % are', () => {
  ratio = 0.01;
  const { below } = seeded(17);
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const mint: typeof mintId = (prefix) => `${prefix}_${Array.from({ length: 26 }, () => digits[below(32)]).join('')}`;
  const waybill = service(mint);
  const workflows = 10_000;
  for (let at = 0; at < workflows; at++) {
    runWorkflow(
      waybill,
      (carrier) => carrier,
      (work) => waybill.ingress({ operation: 'checkout' }, work),
    );
  }
  const sampled = tracesByWorkflow();
  const share = (sampled.size / workflows) * 100;
  assert.ok(Math.abs(share - 1) <= 0.3, `${share} %`);
  assert.deepEqual(new Set([...sampled.values()].map(({ size }) => size)), new Set([3]));
});

test('a workflow is whole also where a hop drops the trace headers: its id alone decides', () => {
  ratio = 0.5;
  const waybill = service(mintId);
  for (let at = 0; at < 200; at++) {
    const strip: Hop = ({ waybill: own = '' }) => ({ waybill: own });
    runWorkflow(waybill, strip, (work) => waybill.ingress({ operation: 'checkout' }, work));
  }
  const sampled = tracesByWorkflow();
  assert.ok(sampled.size > 50 && sampled.size < 150, `${sampled.size}`);
  assert.deepEqual(new Set([...sampled.values()].map(({ size }) => size)), new Set([3]));
});

test('a workflow is whole whose first span a server’s instrumentation has begun, before there was an id', () => {
  ratio = 0.5;
  const waybill = service(mintId);
  const server = api.trace.getTracer('http');
  for (let at = 0; at < 200; at++) {
    runWorkflow(
      waybill,
      (carrier) => carrier,
      (work) =>
        server.startActiveSpan('GET', { kind: api.SpanKind.SERVER, root: true }, (span) => {
          waybill.ingress({ operation: 'checkout' }, work);
          span.end();
        }),
    );
  }
  const sampled = tracesByWorkflow();
  assert.ok(sampled.size > 50 && sampled.size < 150, `${sampled.size}`);
  assert.deepEqual(new Set([...sampled.values()].map(({ size }) => size)), new Set([3]));
});

test('a workflow is whole with the propagator: the server’s span is begun when there is an id, whatever a hop drops', () => {
  ratio = 0.5;
  const waybill = service(mintId);
  const propagator = otel.propagator(waybill);
  const server = api.trace.getTracer('http');
  const strip: Hop = ({ waybill: own = '' }) => ({ waybill: own });
  for (let at = 0; at < 200; at++) {
    const extracted = propagator.extract(api.ROOT_CONTEXT, { host: 'shop' }, api.defaultTextMapGetter);
    runWorkflow(waybill, strip, (work) =>
      server.startActiveSpan('GET', { kind: api.SpanKind.SERVER }, extracted, (span) => {
        waybill.ingress({ operation: 'checkout' }, work);
        span.end();
      }),
    );
  }
  const sampled = tracesByWorkflow();
  assert.ok(sampled.size > 50 && sampled.size < 150, `${sampled.size}`);
  assert.deepEqual(new Set([...sampled.values()].map(({ size }) => size)), new Set([3]));
});

test('facts are never sampled: of a workflow without a single span all of them are recorded', () => {
  ratio = 0;
  const { waybill, of } = knownWaybill({ tracing: otel, mintId });
  runWorkflow(
    waybill,
    (carrier) => carrier,
    (work) => waybill.ingress({ operation: 'checkout' }, work),
  );
  assert.deepEqual([of('started').length, of('sent').length, of('settled').length], [3, 2, 3]);
  assert.deepEqual(exporter.getFinishedSpans(), []);
});

test('in a scope that no context of the tracer carries, the scope says which workflow it is', () => {
  const decided = new Set<number>();
  for (let at = 0; at < 40; at++) {
    service(mintId).ingress({ operation: 'checkout' }, () => decided.add(decide([]).decision));
  }
  assert.deepEqual([...decided].sort(), [0, 2]);
});

const link = (value: string, reason?: string) => ({
  context: {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    traceFlags: 0,
    traceState: api.createTraceState(`ot=rv:${value}`),
  },
  attributes: reason === undefined ? {} : { 'waybill.trace_mode.reason': reason },
});
const LOW = '00000000000000';
const HIGH = 'ffffffffffffff';
const decide = (
  links: ReturnType<typeof link>[],
  context: api.Context = api.ROOT_CONTEXT,
  traceId = `${'0'.repeat(18)}${LOW}`,
) => fixed(0.5).shouldSample(context, traceId, 'process', 4, {}, links);

test('a batch is sampled if any of the workflows in it is', () => {
  assert.equal(decide([link(LOW), link(LOW)]).decision, 0);
  assert.equal(decide([link(LOW), link(HIGH), link(LOW)]).decision, 2);
});

test('a stranger, a workflow before and an operator do not decide', () => {
  for (const reason of ['untrusted edge', 'new workflow', 'operator'])
    assert.equal(decide([link(HIGH, reason)]).decision, 0);
});

test('without a workflow the trace itself is random, and says so to all who go on', () => {
  const drawn = decide([], api.ROOT_CONTEXT, `${'1'.repeat(18)}${HIGH}`);
  assert.deepEqual([drawn.decision, drawn.traceState?.serialize()], [2, `ot=th:8;rv:${HIGH}`]);
});

test('a parent decides for its children, and its state goes on', () => {
  for (const [traceFlags, decision] of [[1, 2] as const, [0, 0] as const]) {
    const parent = api.trace.setSpanContext(api.ROOT_CONTEXT, {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      traceFlags,
    });
    assert.deepEqual(decide([link(decision === 2 ? LOW : HIGH)], parent), { decision });
  }
});

test('spans that are not sampled are recorded where that is asked for', () => {
  const context = api.ROOT_CONTEXT;
  const recording = otel.sampler({ ratio: 0, recordUnsampled: true });
  assert.equal(recording.shouldSample(context, 'a'.repeat(32), 'x', 0, {}, []).decision, 1);
  assert.equal(otel.sampler({ ratio: 1 }).shouldSample(context, '0'.repeat(32), 'x', 0, {}, []).decision, 2);
});

test('a ratio that is none is refused where it is configured', () => {
  for (const wrong of [-0.1, 1.1, Number.NaN, '1']) {
    assert.throws(() => otel.sampler({ ratio: wrong as number }), { code: 'OPTION_INVALID' });
  }
});
