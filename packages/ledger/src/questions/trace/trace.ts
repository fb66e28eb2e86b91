import type { FactReader, Match } from '../../store/store.ts';
import type { Claim, Evidence } from '../evidence.ts';
import type { Graph } from '../graph/graph.ts';
import type { State } from '../graph/state.ts';
import { storeGraph } from '../graph/store-graph.ts';
import { rfc3339 } from '../instant.ts';
import { unknownAsOf } from '../unknown-as-of.ts';
import { type Crowd, type Group, memoryCrowd } from './crowd.ts';
import { allRows, type FoldedRow, foldedRows, isFolded } from './folded-rows.ts';
import type { Placed } from './order.ts';
import { countedMax, storeCrowd } from './store-crowd.ts';
import { executionsIn, messagesIn, readMessages, workflowsOf } from './story.ts';
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
  /** At most 400: of a larger workflow those that matter, and of the rest how many there are of what. */
  readonly rows: readonly (TraceRow | FoldedRow)[];
  /** Messages that are counted in a row, and not told in one of their own. */
  readonly not_shown: number;
  /** The workflow is larger than what was counted. */
  readonly is_at_least: boolean;
}

const rowsMax = 400;
/** A workflow of more is counted by the rows of its messages, and not read. */
const messagesMax = 2_000;

/** A workflow; by a business key, all workflows of the key's tenant that carry it. */
export function ask(reader: FactReader, match: Match, asOf: number): TraceAnswer {
  const graph = storeGraph(reader, { asOf });
  const own = graph.message(match.message_id);
  if (!own) throw unknownAsOf(match, asOf);
  const workflows = workflowsOf(reader, graph, own, { isOfKey: match.kind === 'business_key' });
  const ids = messagesIn(reader, workflows, messagesMax + 1);
  const isRead = ids.length <= messagesMax;
  const { crowd, counts } = isRead ? readCrowd(reader, ids, asOf) : countedCrowd(reader, graph, [...workflows]);
  const rows = counts.messages <= rowsMax ? allRows(crowd) : foldedRows(crowd, own.messageId, rowsMax);
  const told = rows.flatMap((row) => (isFolded(row) ? [] : [row.message]));
  const [head = own] = told;
  return {
    asked: { kind: match.kind, id: match.id },
    correlation_ids: [...new Set([...told.map(({ correlationId }) => correlationId), ...(isRead ? [] : workflows)])],
    operation: head.operation,
    tenant_id: own.tenantId,
    business_key: head.businessKey,
    counts,
    rows: rows.map((row) => (isFolded(row) ? row : rowOf(row, asOf))),
    not_shown: counts.messages - told.length,
    is_at_least: counts.messages >= countedMax,
  };
}

interface Counted {
  readonly crowd: Crowd;
  readonly counts: TraceAnswer['counts'];
}

function readCrowd(reader: FactReader, ids: readonly string[], asOf: number): Counted {
  const { messages } = readMessages(reader, ids, asOf);
  const all = [...messages.values()];
  const gaps = all.reduce((sum, message) => sum + message.gaps.length, 0);
  return {
    crowd: memoryCrowd(messages),
    counts: { messages: all.length, executions: executionsIn(all), gaps },
  };
}

function countedCrowd(reader: FactReader, graph: Graph, workflows: readonly string[]): Counted {
  const crowd = storeCrowd(reader, graph, workflows);
  const all = crowd.groups(new Set());
  const sum = (count: (group: Group) => number) => all.reduce((total, group) => total + count(group), 0);
  return {
    crowd,
    counts: {
      messages: sum(({ messages }) => messages),
      executions: sum(({ executions }) => executions),
      gaps: sum(({ gaps }) => gaps),
    },
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
