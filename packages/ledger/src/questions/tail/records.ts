import type { MessageFact } from 'waybill';
import type { Arrival, FactReader } from '../../store/store.ts';
import { rfc3339 } from '../instant.ts';
import type { MessageRecord } from './answer.ts';

/** A fact as it is told, where it came. */
export interface Told {
  readonly cursor: number;
  readonly record: MessageRecord;
}

export function recordsOf(reader: FactReader, arrivals: readonly Arrival[]): Told[] {
  const facts = new Map<string, MessageFact>();
  for (const fact of reader.factsOf(arrivals.map(({ message_id }) => message_id))) facts.set(fact.fact_id, fact);
  const startedAt = startsOf(facts.values());
  return arrivals.flatMap(({ key, fact_id }) => {
    const fact = facts.get(fact_id);
    return fact ? [{ cursor: key, record: recordOf(fact, startedAt) }] : [];
  });
}

/** By execution and message: a batch is one execution of several. */
function startsOf(facts: Iterable<MessageFact>): ReadonlyMap<string, number> {
  const starts = new Map<string, number>();
  for (const fact of facts)
    if (fact.kind === 'started') starts.set(`${fact.execution_id}\n${fact.message_id}`, fact.at);
  return starts;
}

function recordOf(fact: MessageFact, startedAt: ReadonlyMap<string, number>): MessageRecord {
  const { fact_id, at, service, instance, message_id, correlation_id, trace_id } = fact;
  const { event_type, tenant_id, operation, business_key = null, destination, subscription = null } = fact;
  const common: Omit<MessageRecord, 'kind'> = {
    ...{ fact_id, service, instance, message_id, correlation_id, trace_id, event_type, tenant_id, operation },
    ...{ business_key, destination, subscription },
    at: rfc3339(at),
    evidence: fact.inferred === true ? 'inferred' : 'observed',
  };
  switch (fact.kind) {
    case 'created':
      return { ...common, kind: 'created' };
    case 'sent':
      return { ...common, kind: 'sent', status: fact.status, replay_of: fact.replay_of ?? null };
    case 'started':
      return { ...common, kind: 'started', attempt: fact.attempt, redelivered: fact.redelivered ?? false };
    case 'settled': {
      const start = startedAt.get(`${fact.execution_id}\n${message_id}`);
      const ran_ms = start === undefined ? null : at - start;
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
