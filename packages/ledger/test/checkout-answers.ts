import type { MessageFact } from 'waybill';
import type { DemoLoaded } from '../src/cli/text/demo.ts';
import type { Check, DoctorData } from '../src/questions/doctor/answer.ts';
import type { SearchData } from '../src/questions/search/answer.ts';
import type { MessageRecord, TailData } from '../src/questions/tail/answer.ts';
import { gapsData, queuesData, searched, tally } from './answers.ts';
import { DERIVED } from './surroundings.ts';
import { capturedAt, WORKFLOW, workflowFacts } from './workflow.ts';

/** What questions about the checkout alone are to answer, in the shape of the API. */

const rfc3339 = (at: number) => new Date(at).toISOString();

export function searchData(): SearchData {
  const facts = workflowFacts();
  const [root] = facts;
  if (root === undefined) throw new Error('workflow.json has no facts');
  const ids = new Set(facts.map(({ message_id }) => message_id));
  const context = new Set(
    facts.filter(({ correlation_id }) => correlation_id === root.correlation_id).map(({ message_id }) => message_id),
  );
  const executions = new Set(facts.flatMap((fact) => (fact.kind === 'started' ? [fact.execution_id] : [])));
  return {
    ...{ searched, terms: 'ORD-48213', not_shown: 0, total_facts: facts.length, nearest: [], is_at_least: false },
    cursor: null,
    workflows: [
      {
        ...{ correlation_id: root.correlation_id, operation: root.operation, tenant_id: root.tenant_id },
        ...{ business_key: root.business_key ?? null, began_at: rfc3339(root.at), elapsed_ms: null },
        ...{ longest: { kind: 'lease_lost', ms: 2_520_000 }, messages: ids.size, executions: executions.size },
        ...{ states: tally(DERIVED.map(({ state }) => state)), evidence: 'inferred', because_facts: [] },
      },
    ],
    found_by: [
      { by: 'context', key: null, messages: context.size, evidence: 'observed', because_facts: [] },
      { by: 'business_key', key: 'order', messages: ids.size - context.size, evidence: 'inferred', because_facts: [] },
    ],
  };
}

/** The facts since a time, as `--since` has it. */
export function tailData(from: string): TailData {
  const facts = workflowFacts();
  return {
    searched: { ...searched, window: { ...searched.window, from } },
    facts: facts.filter(({ at }) => at >= Date.parse(from)).map((fact) => recordOf(fact, facts)),
    not_shown: 0,
    cursor: String(facts.length),
  };
}

function recordOf(fact: MessageFact, facts: readonly MessageFact[]): MessageRecord {
  const { fact_id, service, instance, message_id, correlation_id, trace_id, event_type, tenant_id, operation } = fact;
  const common: Omit<MessageRecord, 'kind'> = {
    ...{ fact_id, service, instance, message_id, correlation_id, trace_id, event_type, tenant_id, operation },
    ...{ at: rfc3339(fact.at), evidence: 'observed', business_key: fact.business_key ?? null },
    ...{ destination: fact.destination, subscription: fact.subscription ?? null },
  };
  switch (fact.kind) {
    case 'created':
      return { ...common, kind: 'created' };
    case 'sent':
      return { ...common, kind: 'sent', status: fact.status, replay_of: fact.replay_of ?? null };
    case 'started':
      return { ...common, kind: 'started', attempt: fact.attempt, redelivered: fact.redelivered ?? false };
    case 'settled': {
      const start = facts.find((other) => other.kind === 'started' && other.execution_id === fact.execution_id);
      const ran_ms = start === undefined ? null : fact.at - start.at;
      return { ...common, kind: 'settled', outcome: fact.outcome, ran_ms, error: fact.error ?? null };
    }
    case 'gap':
      return { ...common, kind: 'gap', reason: fact.gap.reason, missing: fact.gap.missing };
    case 'discarded':
      return { ...common, kind: 'discarded', how: fact.how, actor: fact.actor ?? null };
    case 'replayed':
      return { ...common, kind: 'replayed', actor: fact.actor, new_message_id: fact.new_message_id ?? null };
  }
}

/** Of the gaps, the one that most messages went through. */
export function doctorData(): DoctorData {
  const facts = workflowFacts();
  const [gap] = gapsData().boundaries;
  const { queues } = queuesData();
  const claim = { evidence: 'observed', because_facts: [] } as const;
  const leases = queues
    .filter(({ is_lease_long }) => is_lease_long)
    .map(
      ({ destination, lease_ms, run_p99_ms }): Check => ({
        ...{
          check: 'lease',
          status: 'warn',
          destination,
          lease_ms: lease_ms ?? 0,
          run_p99_ms: run_p99_ms ?? 0,
          ...claim,
        },
      }),
    );
  const lost = (gap ? [gap] : []).map(
    ({ via, to, missing, messages, evidence }): Check => ({
      ...{ check: 'context', status: 'warn', lost_in: via, to, missing, messages, evidence, because_facts: [] },
    }),
  );
  const unmanned = queues
    .filter(({ consumers, depth }) => consumers === 0 && depth !== 0)
    .map(
      ({ destination, subscriptions, last_consumer_seen_at, depth }): Check => ({
        ...{ check: 'consumers', status: 'fail', destination, subscription: subscriptions[0] ?? null },
        ...{ since: last_consumer_seen_at, waiting: depth ?? 0, ...claim },
      }),
    );
  const newest_at = rfc3339(Math.max(...facts.map(({ at }) => at)));
  return {
    checks: [
      { check: 'ledger', status: 'ok', facts: facts.length, newest_at, ...claim },
      ...leases,
      ...lost,
      ...unmanned,
    ],
  };
}

export function demoLoaded(): DemoLoaded {
  const messages = DERIVED.length;
  const [slowest] = DERIVED.toSorted((a, b) => (b.elapsed_ms ?? 0) - (a.elapsed_ms ?? 0));
  if (slowest === undefined) throw new Error('workflow.json has no derived messages');
  const { message_id, elapsed_ms = 0 } = slowest;
  return { facts: WORKFLOW.facts.length, messages, workflows: 1, slowest: { message_id, elapsed_ms } };
}

export const asOf = rfc3339(capturedAt);
