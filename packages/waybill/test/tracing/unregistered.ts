import assert from 'node:assert/strict';
import * as api from '@opentelemetry/api';
import { memoryRecorder } from '../../src/recorders/memory.ts';
import type { Case, Subject } from '../../src/testing/case.ts';
import { runCase } from '../../src/testing/testing.ts';
import { bridge } from '../../src/tracing/otel.ts';

const tracing = bridge(api);

/** A case beside OpenTelemetry's API, where nobody has registered an SDK: the same facts, and no span. */
export async function runUnregistered(subject: Subject, each: Case): Promise<void> {
  const recorder = memoryRecorder();
  await runCase(subject, each, { tracing, recorder });
  for (const fact of recorder.facts) assert.equal('span_id' in fact ? fact.span_id : undefined, undefined, fact.kind);
}
