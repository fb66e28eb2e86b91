import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fact, MessageFact } from 'waybill';
import { simulate } from 'waybill/testing';
import { blast } from '../../src/questions/blast/blast.ts';
import { claimed } from '../../src/questions/evidence.ts';
import { failures } from '../../src/questions/failures/failures.ts';
import { gaps } from '../../src/questions/gaps/gaps.ts';
import { lossesOf } from '../../src/questions/graph/losses.ts';
import { reconstruct } from '../../src/questions/graph/reconstruct.ts';
import { overdue } from '../../src/questions/overdue/overdue.ts';
import { run } from '../../src/questions/run/run.ts';
import { time } from '../../src/questions/time/time.ts';
import { ask as trace } from '../../src/questions/trace/trace.ts';
import { why as chain } from '../../src/questions/why/chain.ts';
import { ask as why } from '../../src/questions/why/why.ts';
import { gap, sent, settled, started, timeout } from './fact-makers.ts';
import { readerOf } from './reader-of.ts';

const FAULTS = { lostFacts: 0.02, lostContext: 0.1, skewMs: 5_000 };

/** All that is claimed of a workflow, by every question, as text. */
async function claims(facts: readonly Fact[], { asOf, destinations }: ReturnType<typeof simulate>['truth']) {
  const graph = reconstruct(facts, { asOf, destinations, losses: lossesOf(facts) });
  const reader = await readerOf(facts);
  const said: unknown[] = [gaps(graph), overdue(graph), failures(graph)];
  for (const { messageId, subscriptions, correlationId } of graph.messages()) {
    const match = { kind: 'message', id: messageId, message_id: messageId, at: 0 } as const;
    const named = { ...match, event_type: null, tenant_id: null, business_key: null };
    said.push(chain(graph, messageId), time(graph, messageId), blast(graph, messageId), why(reader, named, asOf));
    if (correlationId === messageId) said.push(trace(reader, named, asOf));
    for (const { executions } of subscriptions) said.push(executions.map(({ executionId }) => run(graph, executionId)));
  }
  return JSON.stringify(said);
}

test('nothing that rests on derived facts is called observed, whatever is asked', async () => {
  for (let index = 0; index < 40; index++) {
    const { facts, truth } = simulate({ seed: 4, index, faults: index % 2 === 0 ? {} : FAULTS });
    const derived = facts.map((fact): Fact => (fact.kind === 'dropped' ? fact : { ...fact, inferred: true }));
    assert.doesNotMatch(await claims(derived, truth), /"observed"/);
    assert.match(await claims(facts, truth), /"observed"/);
  }
});

test('where some facts are derived, no claim that names one of them is called observed', async () => {
  const missing = { reason: 'no_context', missing: ['context'], edge: { from: 'nightly', to: 'orders' } } as const;
  const failed = [
    ...[sent('msg_1', 0), started('msg_1', 1, 10), settled('msg_1', 1, 20, 'failed', { error: timeout })],
    ...[sent('msg_2', 0, { correlation_id: 'msg_2' }), gap('msg_2', 0, { gap: missing })],
  ];
  const { truth } = simulate({ seed: 4, index: 0 });
  for (let index = 0; index < 40; index++) {
    const { facts, truth: own } = simulate({ seed: 4, index, faults: index % 2 === 0 ? {} : FAULTS });
    for (const [told, of] of [
      [facts, own],
      [failed, truth],
    ] as const) {
      // Each kind alone, so that every claim that rests on two kinds of fact meets one that is derived.
      const kind = (['sent', 'started', 'settled', 'gap'] as const)[index % 4];
      const mixed = told.map((fact): Fact => (fact.kind === kind ? { ...fact, inferred: true } : fact));
      const derived = new Set(mixed.flatMap((fact) => ('inferred' in fact ? [fact.fact_id] : [])));
      JSON.parse(await claims(mixed, of), (_, value) => {
        if (value?.evidence === 'observed' && Array.isArray(value.because_facts))
          assert.deepEqual(
            value.because_facts.filter((id: string) => derived.has(id)),
            [],
            JSON.stringify(value),
          );
        return value;
      });
    }
  }
});

test('one derived fact among recorded ones makes a claim inferred, and an unknown one no better', () => {
  const recorded = { fact_id: 'fct_1' } as MessageFact; // as much of a fact as a claim reads
  const derived = { fact_id: 'fct_2', inferred: true } as MessageFact;
  assert.deepEqual(
    [claimed('observed', [recorded]), claimed('observed', [recorded, null, derived]), claimed('unknown', [derived])],
    [
      { evidence: 'observed', because_facts: ['fct_1'] },
      { evidence: 'inferred', because_facts: ['fct_1', 'fct_2'] },
      { evidence: 'unknown', because_facts: ['fct_2'] },
    ],
  );
});
