import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Job } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';
import { current } from '../../../src/index.ts';
import { type BullmqRun, MAJORS, noRedis, startRun } from './bullmq-run.ts';

const spans = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).register({
  contextManager: new AsyncLocalStorageContextManager().enable(),
  propagator: new W3CTraceContextPropagator(),
});
after(() => {
  trace.disable();
  context.disable();
  propagation.disable();
});

const traceIdIn = (job: Job) => /00-([0-9a-f]{32})-/.exec(job.opts.telemetry?.metadata ?? '')?.[1];

for (const major of MAJORS) {
  describe(`bullmq-otel beside us on ${major.name}`, { skip: noRedis }, () => {
    const telemetry = new BullMQOtel({ tracerName: 'test' });
    let run: BullmqRun;
    before(() => {
      run = startRun(major);
      spans.reset();
    });
    after(() => run.close());

    test('its span of the handler is in the trace of its span of the send, and our message in its workflow', async () => {
      const queue = run.queue('both', { telemetry });
      const seen: unknown[] = [];
      const jobs = await run.request(async () => [
        await queue.add('job', {}),
        ...(await queue.addBulk([{ name: 'job', data: {} }])),
      ]);
      run.work(
        'both',
        async (job) =>
          seen.push([traceIdIn(job) === trace.getActiveSpan()?.spanContext().traceId, current()?.correlationId]),
        { telemetry },
      );
      const settled = await run.untilSettled('both', 2);
      assert.deepEqual(
        seen,
        settled.map(({ correlation_id }) => [true, correlation_id]),
      );
      assert.deepEqual(
        settled.map(({ outcome, correlation_id }) => [outcome, correlation_id.slice(0, 4)]),
        [
          ['ok', 'req_'],
          ['ok', 'req_'],
        ],
      );
      for (const job of jobs) assert.match(job.opts.telemetry?.metadata ?? '', /"traceparent":"00-/);
    });

    test('a job that only it has sent is linked to the trace that it wrote', async () => {
      const producer = run.plainQueue('only-theirs', { telemetry });
      const job = await producer.add('job', {});
      run.work('only-theirs', async () => {});
      await run.untilSettled('only-theirs', 1);
      const [started] = run.facts('started', 'only-theirs');
      const [gap] = run.facts('gap', 'only-theirs');
      assert.deepEqual([gap?.gap.reason, started?.trace_mode.reason], ['w3c_only', 'w3c_only']);
      assert.notEqual(traceIdIn(job), undefined);
    });
  });
}
