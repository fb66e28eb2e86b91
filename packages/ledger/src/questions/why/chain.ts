import { type Claim, claimOf, observed, unknown } from '../evidence.ts';
import type { Batch, CauseClaim } from '../graph/cause.ts';
import type { Graph } from '../graph/graph.ts';
import type { Message } from '../graph/message.ts';
import { isIngressId } from '../graph/own-facts.ts';
import { rfc3339 } from '../instant.ts';

/** One link of the chain: what was being handled when the next one was created. */
export interface Cause extends Claim {
  readonly kind: 'ingress' | 'message' | 'batch';
  /** Of a batch: its own id. */
  readonly message_id: string;
  readonly event_type: string | null;
  readonly correlation_id: string | null;
  readonly causation_id: string | null;
  readonly tenant_id: string | null;
  readonly operation: string | null;
  readonly destination: string | null;
  readonly service: string | null;
  readonly instance: string | null;
  /** RFC 3339; null where the ledger has no facts of it. */
  readonly at: string | null;
  /** How it led to the next: recorded as its cause, or replayed as it. */
  readonly via: 'cause' | 'replay' | null;
  /** The reasons of a conclusion; empty where a fact says so. */
  readonly because: readonly string[];
  /** The messages of a batch, as far as they are known; the chain goes on with the first. */
  readonly items: readonly string[];
  /** How many more of them there were. */
  readonly items_missing: number;
}

/** The direct cause, or causes: what the chain is made of. */
interface CausedBy extends Claim {
  readonly via: CauseClaim['via'];
  readonly message_ids: readonly string[];
  readonly batch_id: string | null;
  /** Messages of the batch that have left no facts. */
  readonly missing: number;
  readonly how: CauseClaim['how'];
  readonly because: readonly string[];
}

export interface WhyChain {
  readonly message_id: string;
  readonly caused_by: CausedBy;
  /** Root first, the message itself last. */
  readonly causes: readonly Cause[];
  /** Why it begins where it does, when that is no root. */
  readonly end: { readonly question: string; readonly because: string; readonly claim: Claim } | null;
}

/** No walk is without a limit: a schedule that feeds itself makes a chain of any length. */
const stepsMax = 1_000;

/** Which request or event created this? Recorded causes, batches, replays, and across a gap the inferred cause. */
export function why(graph: Graph, messageId: string): WhyChain | null {
  const message = graph.message(messageId);
  if (message === undefined) return null;
  const causes: Cause[] = [];
  const seen = new Set<string>();
  let step: Step | null = { message, via: null, claim: observed(message.first), because: [] };
  let top = message;
  while (step !== null && causes.length < stepsMax) {
    top = step.message;
    seen.add(top.messageId);
    causes.push(causeOf(step));
    const { cause } = top;
    if (cause.batchId !== null) causes.push(batchCause(top, graph.batch(cause.batchId)));
    step = stepAbove(graph, cause, seen);
  }
  const isCut = step !== null;
  const end = endOf(graph, top, seen, isCut, causes);
  return { message_id: messageId, caused_by: causedBy(message.cause), causes: causes.reverse(), end };
}

interface Step {
  readonly message: Message;
  readonly via: Cause['via'];
  readonly claim: Claim;
  readonly because: readonly string[];
}

function stepAbove(graph: Graph, cause: CauseClaim, seen: ReadonlySet<string>): Step | null {
  if (cause.via !== 'cause' && cause.via !== 'replay') return null;
  const [id] = cause.messageIds;
  const above = id === undefined || seen.has(id) ? undefined : graph.message(id);
  return above ? { message: above, via: cause.via, claim: claimOf(cause), because: cause.because } : null;
}

function causedBy({ via, messageIds, batchId, missing, how, because, ...claim }: CauseClaim): CausedBy {
  return { via, message_ids: messageIds, batch_id: batchId, missing, how, because, ...claimOf(claim) };
}

function endOf(
  graph: Graph,
  top: Message,
  seen: ReadonlySet<string>,
  isCut: boolean,
  causes: Cause[],
): WhyChain['end'] {
  const { cause, messageId } = top;
  const question = `what caused ${messageId}?`;
  const claim = unknown(top.first);
  if (isCut) return { question, because: `only the nearest ${stepsMax} causes were followed`, claim };
  if (cause.via === 'root') return null;
  if (cause.via === 'unknown') return { question, because: lossText(top), claim: unknown(top.gaps[0] ?? top.first) };
  const [missing] = cause.messageIds;
  if (missing === undefined) return { question, because: `no facts of ${cause.batchId}`, claim };
  if (seen.has(missing)) return { question, because: 'its recorded causes lead back to itself', claim };
  if (graph.message(missing) !== undefined) return null;
  causes.push(factless(missing, claim, cause.via));
  return { question: `what caused ${missing}?`, because: `no facts of ${missing}`, claim };
}

function lossText({ gaps: [gap], cause }: Message): string {
  if (!gap) return cause.because.join(', ');
  const missed = gap.gap.missing.length > 0 ? `; looked for ${gap.gap.missing.join(', ')}` : '';
  return `${gap.gap.reason} at ${gap.gap.edge.to}${missed}`;
}

function causeOf({ message, via, claim, because }: Step): Cause {
  const { first, messageId } = message;
  return {
    kind: isIngressId(messageId) && message.causationId === null ? 'ingress' : 'message',
    message_id: messageId,
    event_type: message.eventType,
    correlation_id: message.correlationId,
    causation_id: message.causationId,
    tenant_id: message.tenantId,
    operation: message.operation,
    destination: first.destination,
    service: first.service,
    instance: first.instance,
    at: rfc3339(message.beginsAt),
    ...{ via, because, items: [], items_missing: 0 },
    ...claimOf(claim),
  };
}

const NOTHING_KNOWN = {
  event_type: null,
  correlation_id: null,
  causation_id: null,
  tenant_id: null,
  operation: null,
  destination: null,
  service: null,
  instance: null,
  at: null,
  because: [],
  items: [],
  items_missing: 0,
} as const;

function batchCause({ cause }: Message, batch: Batch | undefined): Cause {
  const { messageIds, missing } = cause;
  const claim = {
    evidence: cause.evidence,
    because_facts: [...new Set([...cause.because_facts, ...(batch?.claim.because_facts ?? [])])],
  };
  const id = cause.batchId ?? '';
  return {
    ...NOTHING_KNOWN,
    kind: 'batch',
    message_id: id,
    via: 'cause',
    items: messageIds,
    items_missing: missing,
    ...claim,
  };
}

function factless(messageId: string, claim: Claim, via: Cause['via']): Cause {
  return {
    ...NOTHING_KNOWN,
    kind: isIngressId(messageId) ? 'ingress' : 'message',
    message_id: messageId,
    via,
    ...claimOf(claim),
  };
}
