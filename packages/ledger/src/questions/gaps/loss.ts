import type { GapReason, Millis } from 'waybill';
import { type Claim, type Evidence, observed } from '../evidence.ts';
import { type CauseClaim, lossReasonOf } from '../graph/cause.ts';
import { isDark } from '../graph/destinations.ts';
import type { Message } from '../graph/message.ts';
import type { WholeGraph } from '../graph/reconstruct.ts';
import { senderSpanOf } from '../graph/sender-span.ts';

/**
 * `lost`: its sender records facts, and what carried the context was stripped. `unsampled`: its sender's tracer kept
 * nothing of it, by the header that came.
 */
export type LikelyReason = 'lost' | 'not_instrumented' | 'unsampled';

/** Context that should have been there. The claim is that it was lost. */
export interface Loss extends Claim {
  readonly messageId: string;
  readonly at: Millis;
  readonly reason: GapReason;
  readonly reasonEvidence: Evidence;
  readonly lostIn: string | null;
  readonly from: string | null;
  readonly to: string;
  readonly likely: LikelyReason | null;
  readonly likelyEvidence: Evidence;
  readonly cause: CauseClaim;
}

/** Known by its gap; or where that fact is missing, by the start that says it found no context. */
export function lossOf(message: Message, graph: WholeGraph): Loss | null {
  const starts = message.subscriptions.flatMap(({ executions }) => executions.flatMap(({ started }) => started ?? []));
  const { gaps, cause, messageId } = message;
  const reason = lossReasonOf({ gaps, started: starts });
  if (reason === null) return null;
  const gap = gaps.find((fact) => fact.gap.reason === reason);
  const fact = gap ?? starts.find(({ trace_mode }) => trace_mode.reason === reason);
  if (!fact) return null;
  const sender = gap?.gap.edge.from ?? null;
  const to = gap?.gap.edge.to ?? fact.destination;
  const led = cause.messageIds.map((id) => graph.message(id)).find((each) => each !== undefined);
  const claim = observed(fact);
  // A start says that it found nothing, and not always why: what cannot be read is nothing to it.
  const reasonEvidence: Evidence = gap || reason !== 'no_context' ? claim.evidence : 'unknown';
  const common = { messageId, at: fact.at, reason, reasonEvidence, to, cause, ...claim };
  // Who sends without a scope of its own says so itself: nobody else lost it.
  if (sender !== null)
    return { ...common, lostIn: sender, from: null, likely: 'not_instrumented', likelyEvidence: claim.evidence };
  return { ...common, ...edgeOf(message, led, to, graph) };
}

/** Where it was lost, as far as what led to it tells. */
function edgeOf(
  { cause, gaps }: Message,
  led: Message | undefined,
  to: string,
  graph: WholeGraph,
): Pick<Loss, 'lostIn' | 'from' | 'likely' | 'likelyEvidence'> {
  if (led === undefined) {
    if (senderSpanOf(gaps)?.isSampled === false)
      return { lostIn: null, from: null, likely: 'unsampled', likelyEvidence: 'inferred' };
    // Nobody who records facts sent anything there that is not accounted for.
    const isUnsent = cause.via === 'unknown' && cause.candidates === 0;
    const likely = isUnsent ? 'not_instrumented' : null;
    return { lostIn: null, from: null, likely, likelyEvidence: isUnsent ? 'inferred' : 'unknown' };
  }
  if (led.subscriptions.some(({ destination }) => destination === to))
    return { lostIn: to, from: led.sent?.service ?? null, likely: 'lost', likelyEvidence: 'inferred' };
  const dark = led.subscriptions.find(({ destination, subscription }) =>
    isDark(graph.surroundings.destinations.get(destination), subscription),
  );
  const { destination, subscription } = dark ?? led.subscriptions[0];
  return { lostIn: subscription, from: destination, likely: 'not_instrumented', likelyEvidence: 'inferred' };
}
