import type { GapReason, Millis } from 'waybill';
import { type Claim, claimOf, type Evidence, weaker } from '../evidence.ts';
import type { CauseClaim } from '../graph/cause.ts';
import type { WholeGraph } from '../graph/reconstruct.ts';
import { groupBy } from '../grouping.ts';
import { rfc3339 } from '../instant.ts';
import { type LikelyReason, type Loss, lossOf } from './loss.ts';

interface Window {
  readonly from: Millis;
  readonly to: Millis;
}

export interface GapsAnswer {
  /** Messages that arrived in the window, with context or without. */
  readonly messages_checked: number;
  /** Most messages first. */
  readonly edges: readonly GapEdge[];
}

/** Between whom context is lost. The claim is that of the likely reason. */
export interface GapEdge extends Claim {
  /** Who loses it; null where that is not known. */
  readonly lost_in: string | null;
  readonly from: string | null;
  readonly to: string;
  readonly reason: GapReason;
  readonly likely_reason: LikelyReason | null;
  readonly messages: number;
  readonly linked: number;
  readonly unlinked: number;
  readonly linked_by: Readonly<Partial<Record<NonNullable<CauseClaim['how']>, number>>>;
  readonly first_at: string;
  readonly last_at: string;
  readonly lost: readonly LostMessage[];
}

/** A message whose context was lost on the way to it. The claim is that it was. */
export interface LostMessage extends Claim {
  readonly message_id: string;
  readonly at: string;
  readonly reason: GapReason;
  /** `unknown` where its gap fact is missing, and its start only says that there was no context. */
  readonly reason_evidence: Evidence;
  readonly likely_reason: LikelyReason | null;
  readonly likely_evidence: Evidence;
  /** What led to it, where that could be inferred. */
  readonly cause_message_id: string | null;
  readonly cause_evidence: Evidence;
  readonly linked_by: CauseClaim['how'];
}

/** Where is context lost? All of the facts' time, if no window is given. */
export function gaps(graph: WholeGraph, window?: Window): GapsAnswer {
  const losses: Loss[] = [];
  let checked = 0;
  for (const message of graph.messages()) {
    if (window && (message.beginsAt < window.from || message.beginsAt > window.to)) continue;
    checked++;
    const loss = lossOf(message, graph);
    if (loss) losses.push(loss);
  }
  const edges = groupBy(withTheirEdge(losses), edgeKey);
  return {
    messages_checked: checked,
    edges: [...edges.values()].map(edgeOf).sort((a, b) => b.messages - a.messages),
  };
}

function edgeKey({ lostIn, from, to, reason, likely }: Loss): string {
  return JSON.stringify([lostIn, from, to, reason, likely]);
}

/** What could not be linked is counted where all that could be linked was lost, if that is one place. */
function withTheirEdge(losses: readonly Loss[]): Loss[] {
  const arrivals = groupBy(losses, ({ to, reason }) => JSON.stringify([to, reason]));
  return [...arrivals.values()].flatMap((own) => {
    const linked = groupBy(
      own.filter(({ from }) => from !== null),
      edgeKey,
    );
    const [edge, ...others] = linked.values();
    if (!edge || others.length > 0) return own;
    const [{ lostIn, from, likely }] = edge;
    return own.map((loss) => (loss.from === null && loss.likely === likely ? { ...loss, lostIn, from } : loss));
  });
}

function edgeOf(losses: readonly [Loss, ...Loss[]]): GapEdge {
  const [{ lostIn, from, to, reason, likely }] = losses;
  const linked = losses.filter(({ cause }) => cause.messageIds.length > 0);
  const linkedBy = groupBy(linked, ({ cause }) => cause.how ?? 'recorded');
  const times = losses.map(({ at }) => at).sort((a, b) => a - b);
  return {
    ...{ lost_in: lostIn, from, to, reason, likely_reason: likely },
    messages: losses.length,
    linked: linked.length,
    unlinked: losses.length - linked.length,
    linked_by: Object.fromEntries([...linkedBy].map(([how, own]) => [how, own.length])),
    first_at: rfc3339(times[0] ?? 0),
    last_at: rfc3339(times.at(-1) ?? 0),
    lost: losses.map(lostMessage),
    evidence: losses.reduce<Evidence>((sure, { likelyEvidence }) => weaker(sure, likelyEvidence), 'observed'),
    because_facts: losses.flatMap(({ because_facts }) => because_facts),
  };
}

function lostMessage({
  messageId,
  at,
  reason,
  reasonEvidence,
  likely,
  likelyEvidence,
  cause,
  ...claim
}: Loss): LostMessage {
  return {
    ...{ message_id: messageId, at: rfc3339(at), reason, reason_evidence: reasonEvidence },
    ...{ likely_reason: likely, likely_evidence: likelyEvidence },
    cause_message_id: cause.messageIds[0] ?? null,
    cause_evidence: cause.evidence,
    linked_by: cause.how,
    ...claimOf(claim),
  };
}
