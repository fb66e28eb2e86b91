import type { Outcome } from 'waybill';
import type { FactReader, Match } from '../../store/store.ts';
import { type Claim, type Evidence, observed } from '../evidence.ts';
import type { Arrival } from '../graph/arrival.ts';
import type { Execution } from '../graph/executions.ts';
import { knownDestinations } from '../graph/known-destinations.ts';
import type { Message, MessageAtSubscription } from '../graph/message.ts';
import type { SegmentKind } from '../graph/parts.ts';
import type { State } from '../graph/state.ts';
import { storeGraph } from '../graph/store-graph.ts';
import { rfc3339 } from '../instant.ts';
import { runP99Of } from '../learned.ts';
import { unknownAsOf } from '../unknown-as-of.ts';
import { type Cause, why } from './chain.ts';
import { type Effect, effectsOf } from './effects.ts';
import { type Unknown, unknownsOf } from './unknowns.ts';
import { type Verdict, verdictsOf } from './verdict.ts';

export interface ExecutionAnswer {
  readonly number: number;
  readonly attempt: number | null;
  readonly execution_id: string;
  readonly is: Arrival['is'];
  readonly is_evidence: Evidence;
  readonly instance: string;
  readonly trace_id: string;
  readonly started_at: string | null;
  readonly waited_before: readonly { readonly kind: SegmentKind; readonly ms: number; readonly evidence: Evidence }[];
  /** Null where nobody knows: its start was not recorded, or a later one started and it never settled. */
  readonly lasted_ms: number | null;
  readonly outcome: Outcome | 'lost' | 'open';
  readonly evidence: Evidence;
  readonly error: { readonly type: string; readonly message: string; readonly fingerprint: string } | null;
}

/** The `data` of `waybill.why/1`: which request or event created this, what became of it, and where the time went. */
export interface WhyAnswer {
  /** What the id named, and the attempt when it named an execution. */
  readonly asked: { readonly kind: Match['kind']; readonly id: string; readonly attempt: number | null };
  readonly message_id: string;
  readonly correlation_id: string;
  readonly event_type: string | null;
  readonly tenant_id: string | null;
  readonly operation: string | null;
  readonly business_key: string | null;
  readonly destination: string;
  readonly subscription: string | null;
  readonly state: State;
  readonly state_evidence: Evidence;
  readonly attempts: number;
  readonly max_attempts: number | null;
  readonly begins_at: string;
  /** The field that its begin was read from. */
  readonly begins_from: string;
  readonly elapsed_ms: number | null;
  readonly totals_ms: Readonly<Partial<Record<SegmentKind, number>>>;
  readonly verdicts: readonly Verdict[];
  /** Root first, the message itself last. */
  readonly causes: readonly Cause[];
  readonly executions: readonly ExecutionAnswer[];
  /** Where else it was taken: one group's `ok` says nothing about another's. */
  readonly also_at: readonly {
    readonly destination: string;
    readonly subscription: string | null;
    readonly state: State;
    readonly attempts: number;
    readonly elapsed_ms: number | null;
  }[];
  readonly effects: readonly Effect[];
  readonly has_more_effects: boolean;
  readonly gaps: readonly (Claim & {
    readonly reason: string;
    readonly missing: readonly string[];
    readonly from: string | null;
    readonly to: string;
    readonly service: string;
    readonly at: string;
  })[];
  readonly unknowns: readonly Unknown[];
}

/** Walks up the causes and one step down by indexed look-ups: it never loads a workflow. */
export function ask(reader: FactReader, match: Match, asOf: number): WhyAnswer {
  const graph = storeGraph(reader, { asOf });
  const message = graph.message(match.message_id);
  const chain = why(graph, match.message_id);
  if (!message || !chain) throw unknownAsOf(match, asOf);
  const at =
    message.subscriptions.find(({ executions }) => executions.some(isAsked(match))) ?? message.subscriptions[0];
  const { effects, areMore } = effectsOf(graph, message);
  const asked = at.executions.find(isAsked(match));
  return {
    asked: { kind: match.kind, id: match.id, attempt: asked?.attempt ?? null },
    ...identityOf(message, at),
    state: at.state,
    state_evidence: at.evidence,
    attempts: at.attempts,
    max_attempts: at.maxAttempts,
    begins_at: rfc3339(at.beginsAt),
    begins_from: at.begin.from,
    elapsed_ms: at.elapsedMs,
    totals_ms: Object.fromEntries(at.totals),
    verdicts: verdictsOf(message, at, {
      asOf,
      runP99Of: (destination, before) => runP99Of(reader, knownDestinations(reader, asOf), destination, before),
    }),
    causes: chain.causes,
    executions: at.executions.map((execution, index) => executionAnswer(execution, index + 1, at)),
    also_at: message.subscriptions.filter((other) => other !== at).map(elsewhere),
    effects,
    has_more_effects: areMore,
    gaps: message.gaps.map((fact) => {
      const { reason, missing, edge } = fact.gap;
      const { service, at: found } = fact;
      return { reason, missing, from: edge.from, to: edge.to, service, at: rfc3339(found), ...observed(fact) };
    }),
    unknowns: unknownsOf(message, at, chain, asOf),
  };
}

function isAsked({ kind, id }: Match): (execution: Execution) => boolean {
  return ({ executionId }) => kind === 'execution' && executionId === id;
}

function identityOf(message: Message, { destination, subscription }: MessageAtSubscription) {
  return {
    message_id: message.messageId,
    correlation_id: message.correlationId,
    event_type: message.eventType,
    tenant_id: message.tenantId,
    operation: message.operation,
    business_key: message.businessKey,
    destination,
    subscription,
  };
}

function elsewhere({ destination, subscription, state, attempts, elapsedMs }: MessageAtSubscription) {
  return { destination, subscription, state, attempts, elapsed_ms: elapsedMs };
}

function executionAnswer(execution: Execution, number: number, at: MessageAtSubscription): ExecutionAnswer {
  const { executionId, startedAt, outcome } = execution;
  const own = at.segments.filter((part) => part.executionId === executionId);
  const work = own.find(({ kind }) => WORK.includes(kind));
  const waits = own.filter(({ kind }) => !WORK.includes(kind));
  return {
    number,
    attempt: execution.attempt,
    execution_id: executionId,
    is: execution.is,
    is_evidence: execution.arrival.evidence,
    instance: execution.instance,
    trace_id: execution.traceId,
    started_at: startedAt === null ? null : rfc3339(startedAt),
    waited_before: waits.map(({ kind, ms, evidence }) => ({ kind, ms, evidence })),
    lasted_ms: work?.kind === 'unaccounted' ? null : (work?.ms ?? 0),
    outcome,
    evidence: execution.evidence,
    error: execution.error,
  };
}

const WORK: readonly SegmentKind[] = ['run', 'lease_lost', 'unaccounted', 'skipped'];
