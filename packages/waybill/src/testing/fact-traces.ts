import assert from 'node:assert/strict';
import type { Fact, SentFact, StartedFact } from '../core/facts.ts';

/** Ids of traces are of one run, so that no line can name them: held against what the facts say of parent and link. */
export function assertTraces(facts: readonly Fact[]): void {
  const sent = new Map<string, SentFact>();
  const started = new Map<string, StartedFact>();
  for (const fact of facts) {
    if (fact.kind === 'sent') sent.set(fact.message_id, fact);
    if (fact.kind === 'started') started.set(fact.execution_id, fact);
  }
  for (const fact of facts) {
    if (fact.kind === 'sent') assertSent(fact, started.get(fact.by_execution_id ?? ''));
    if (fact.kind === 'started') assertStarted(fact, sent.get(fact.message_id));
    if (fact.kind === 'settled') {
      const { trace_id, span_id } = started.get(fact.execution_id) ?? {};
      const ended = { trace_id: fact.trace_id, span_id: fact.span_id };
      assert.deepEqual(ended, { trace_id, span_id }, `${fact.destination} ended in another span than it began`);
    }
  }
}

function assertSent({ trace_id, destination }: SentFact, by: StartedFact | undefined): void {
  if (by !== undefined) assert.equal(trace_id, by.trace_id, `to ${destination} was sent out of another trace`);
}

function assertStarted({ trace_id, destination, trace_mode }: StartedFact, sent: SentFact | undefined): void {
  if (sent === undefined) return;
  if (trace_mode.mode === 'P') assert.equal(trace_id, sent.trace_id, `${destination} is a child in another trace`);
  else assert.notEqual(trace_id, sent.trace_id, `${destination} is linked, and in the trace of its sender`);
}
