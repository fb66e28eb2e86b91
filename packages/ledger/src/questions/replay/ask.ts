import type { MessageFact, ReplayedFact } from 'waybill';
import type { FactReader, Match } from '../../store/store.ts';
import { blast } from '../blast/blast.ts';
import { claimOf, observed } from '../evidence.ts';
import type { MessageAtSubscription } from '../graph/message.ts';
import { storeGraph } from '../graph/store-graph.ts';
import { rfc3339 } from '../instant.ts';
import { unknownAsOf } from '../unknown-as-of.ts';
import { why } from '../why/chain.ts';
import { unknownsOf } from '../why/unknowns.ts';
import type { ReplayData, Replayed } from './answer.ts';
import { twiceOf } from './twice.ts';

const causedMax = 1_000;
const rowsMax = 200;

/** What would sending this once more do, and what has it done already? It changes nothing. */
export function ask(reader: FactReader, match: Match, asOf: number): ReplayData {
  const graph = storeGraph(reader, { asOf });
  const message = graph.message(match.message_id);
  const led = blast(graph, match.message_id, causedMax);
  const chain = why(graph, match.message_id);
  if (!message || !led || !chain) throw unknownAsOf(match, asOf);
  const [at] = message.subscriptions;
  const facts = reader.factsOf([message.messageId]).filter((fact) => fact.at <= asOf);
  const repeated = twiceOf(graph, message, causedMax);
  const asked = at.executions.find(({ executionId }) => match.kind === 'execution' && executionId === match.id);
  return {
    asked: { kind: match.kind, id: match.id, attempt: asked?.attempt ?? null },
    message_id: message.messageId,
    correlation_id: message.correlationId,
    event_type: message.eventType,
    tenant_id: message.tenantId,
    operation: message.operation,
    business_key: message.businessKey,
    ...{ state: at.state, state_evidence: at.evidence, attempts: at.attempts, max_attempts: at.maxAttempts },
    redelivers: redeliveryOf(at, facts, message.first),
    caused: led.caused.slice(0, rowsMax).map(({ pending_evidence: _, ...row }) => ({ ...row, ...claimOf(row) })),
    caused_not_shown: Math.max(0, led.caused.length - rowsMax),
    ...{ pending: led.pending, is_at_least: led.is_at_least },
    twice: repeated.slice(0, rowsMax),
    twice_not_shown: Math.max(0, repeated.length - rowsMax),
    replays: replaysOf(message.replays),
    unknowns: unknownsOf(message, at, chain, asOf),
    facts: facts.map(asWritten),
  };
}

function redeliveryOf({ destination, subscription }: MessageAtSubscription, facts: MessageFact[], first: MessageFact) {
  const here = facts.filter((fact) => fact.destination === destination);
  const { system } = here.at(-1) ?? first;
  const broker_id = here.findLast((fact) => fact.broker_id !== undefined)?.broker_id ?? null;
  return { system, destination, subscription, broker_id };
}

/** One plan may be told twice: by whoever sent the message, and where that was not heard of in time by who ordered it. */
function replaysOf(replays: readonly ReplayedFact[]): Replayed[] {
  const plans = new Map<string, Replayed>();
  for (const fact of replays) {
    const { actor, reason, plan_id, at, service, new_message_id = null } = fact;
    const known = plans.get(plan_id);
    if (known === undefined || known.new_message_id === null)
      plans.set(plan_id, { actor, reason, plan_id, at: rfc3339(at), service, new_message_id, ...observed(fact) });
  }
  return [...plans.values()];
}

/** Facts have their times in Unix ms, answers in RFC 3339. */
const TIME = /^(?:\w+_)?(?:at|until|before)$/;

function asWritten(fact: MessageFact): Readonly<Record<string, unknown>> {
  const entries = Object.entries(fact).map(([name, value]) => {
    return [name, TIME.test(name) && typeof value === 'number' ? rfc3339(value) : value];
  });
  return Object.fromEntries(entries);
}
