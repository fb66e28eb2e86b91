import type { FactReader, Match } from '../../store/store.ts';
import type { Claim, Evidence } from '../evidence.ts';
import type { Graph } from '../graph/graph.ts';
import { destinationsOf } from '../graph/known-destinations.ts';
import type { Message } from '../graph/message.ts';
import { reconstruct } from '../graph/reconstruct.ts';
import type { State } from '../graph/state.ts';
import { storeGraph } from '../graph/store-graph.ts';
import { rfc3339 } from '../instant.ts';
import { unknownAsOf } from '../unknown-as-of.ts';
import { inCausalOrder, type Placed } from './order.ts';
import { type Note, notesOf } from './verdict.ts';

export interface TraceRow extends Claim {
  readonly message_id: string;
  readonly correlation_id: string;
  /** The message it stands under, `via` its recorded or inferred cause or as its replay; null at a root. */
  readonly parent: string | null;
  readonly via: Placed['via'];
  readonly depth: number;
  readonly event_type: string | null;
  readonly destination: string;
  readonly begins_at: string;
  readonly elapsed_ms: number | null;
  readonly state: State;
  readonly state_evidence: Evidence;
  readonly tries: number;
  readonly notes: readonly Note[];
}

/** The `data` of `waybill.trace/1`: a workflow as a tree, in causal order. */
export interface TraceAnswer {
  readonly asked: { readonly kind: Match['kind']; readonly id: string };
  readonly correlation_ids: readonly string[];
  readonly operation: string | null;
  readonly tenant_id: string | null;
  readonly business_key: string | null;
  readonly counts: { readonly messages: number; readonly executions: number; readonly gaps: number };
  readonly rows: readonly TraceRow[];
  /** Messages beyond the rows; `is_at_least` when the workflow is larger than what was read. */
  readonly not_shown: number;
  readonly is_at_least: boolean;
}

const rowsMax = 400;
/** A workflow that feeds itself has no end: what is read of one has. */
const messagesMax = 20_000;

/** A workflow; by a business key, all workflows of the key's tenant that carry it. */
export function ask(reader: FactReader, match: Match, asOf: number): TraceAnswer {
  const graph = storeGraph(reader, { asOf });
  const own = graph.message(match.message_id);
  if (!own) throw unknownAsOf(match, asOf);
  const { messages, isAtLeast } = workflowsOf(reader, graph, match, own);
  const placed = inCausalOrder(messages);
  const [head] = placed;
  return {
    asked: { kind: match.kind, id: match.id },
    correlation_ids: [...new Set(placed.map(({ message }) => message.correlationId))],
    operation: head?.message.operation ?? own.operation,
    tenant_id: own.tenantId,
    business_key: head?.message.businessKey ?? own.businessKey,
    counts: countsOf(messages),
    rows: placed.slice(0, rowsMax).map((row) => rowOf(row, asOf)),
    not_shown: Math.max(0, placed.length - rowsMax),
    is_at_least: isAtLeast,
  };
}

/** What else carries the key is kin, unless so much does that it tells nothing. */
const kinMax = 200;

function workflowsOf(reader: FactReader, graph: Graph, { kind }: Match, own: Message) {
  const kin = kinOf(reader, graph, own);
  const workflows = new Set([own.correlationId]);
  if (kind === 'business_key') for (const { correlationId } of kin) workflows.add(correlationId);
  // A lost context begins a workflow of its own; where its cause is inferred, or derived late, the two are one story.
  for (const { correlationId, cause, first } of kin) {
    const led =
      cause.how === 'recorded' && !first.inferred ? [] : cause.messageIds.flatMap((id) => graph.message(id) ?? []);
    const pair = [correlationId, ...led.map((message) => message.correlationId)];
    if (pair.some((workflow) => workflows.has(workflow))) for (const workflow of pair) workflows.add(workflow);
  }
  const ids = new Set<string>();
  for (const workflow of workflows)
    for (const id of reader.messagesOf(workflow, messagesMax + 1 - ids.size)) ids.add(id);
  const { asOf } = graph;
  const facts = reader.factsOf([...ids].slice(0, messagesMax));
  const names = [...new Set(facts.map(({ destination }) => destination))];
  const destinations = destinationsOf(reader.destinations(names), asOf);
  const read = reconstruct(facts, { asOf, destinations, isExcerpt: true });
  const messages = new Map([...read.messages()].map((message) => [message.messageId, message]));
  return { messages, isAtLeast: ids.size > messagesMax };
}

function kinOf(reader: FactReader, graph: Graph, own: Message): readonly Message[] {
  const { businessKey, tenantId } = own;
  const matches = businessKey === null ? [] : reader.find(businessKey, kinMax + 1);
  const keyed = matches.filter((match) => match.kind === 'business_key' && match.tenant_id === tenantId);
  const kin = keyed.length > kinMax ? [] : keyed.flatMap(({ message_id }) => graph.message(message_id) ?? []);
  const effects = graph.effectsOf(own.messageId, kinMax).flatMap(({ messageId }) => graph.message(messageId) ?? []);
  return [...new Set([own, ...kin, ...effects])];
}

function countsOf(messages: ReadonlyMap<string, Message>): TraceAnswer['counts'] {
  const all = [...messages.values()];
  const executions = all.flatMap(({ subscriptions }) =>
    subscriptions.flatMap((at) => at.executions.map(({ executionId }) => executionId)),
  );
  // A batch is one execution of many messages.
  return {
    messages: all.length,
    executions: new Set(executions).size,
    gaps: all.reduce((sum, { gaps }) => sum + gaps.length, 0),
  };
}

function rowOf(placed: Placed, asOf: number): TraceRow {
  const { message, parent, via, depth, evidence, because_facts } = placed;
  const [at] = message.subscriptions;
  return {
    message_id: message.messageId,
    correlation_id: message.correlationId,
    ...{ parent, via, depth, evidence, because_facts },
    event_type: message.eventType,
    destination: at.destination,
    begins_at: rfc3339(message.beginsAt),
    elapsed_ms: at.elapsedMs,
    state: at.state,
    state_evidence: at.evidence,
    tries: at.attempts,
    notes: notesOf(placed, asOf),
  };
}
