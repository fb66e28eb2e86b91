import assert from 'node:assert/strict';
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Fact } from '../../src/core/facts.ts';
import { memoryRecorder } from '../../src/recorders/memory.ts';
import type { Case, Subject } from '../../src/testing/case.ts';
import { runCase } from '../../src/testing/testing.ts';
import { bridge } from '../../src/tracing/otel.ts';

const exporter = new InMemorySpanExporter();
api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
api.trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
const tracing = bridge(api);

/** A case beside a registered SDK: the same facts, and each names the span that was exported of it. */
export async function runTraced(subject: Subject, each: Case): Promise<void> {
  const recorder = memoryRecorder();
  await runCase(subject, each, { tracing, recorder });
  for (const fact of recorder.facts) assertSpan(fact);
}

/** What a run has been in, and what was sent in one, has a span; it is exported once the run is settled. */
function assertSpan(fact: Fact): void {
  if (fact.kind !== 'sent' && fact.kind !== 'started' && fact.kind !== 'settled') return;
  // Where its library makes the span of a send, what is active is its creation context; outside every scope nothing is.
  if (fact.kind === 'sent' && fact.by_execution_id === undefined && fact.span_id === undefined) return;
  assert.match(fact.span_id ?? '', /^[0-9a-f]{16}$/, `${fact.kind} of ${fact.destination} names no span`);
  if (fact.kind === 'started') return;
  const span = exporter.getFinishedSpans().find((each) => each.spanContext().spanId === fact.span_id);
  assert.equal(span?.spanContext().traceId, fact.trace_id, `the span of ${fact.kind} of ${fact.destination}`);
}
