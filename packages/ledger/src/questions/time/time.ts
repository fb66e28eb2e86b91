import { type Claim, claimOf, type Evidence } from '../evidence.ts';
import type { Begin } from '../graph/begin.ts';
import type { Graph } from '../graph/graph.ts';
import type { MessageAtSubscription } from '../graph/message.ts';
import type { Segment, SegmentKind } from '../graph/parts.ts';
import type { State } from '../graph/state.ts';
import { rfc3339 } from '../instant.ts';

/** Where the time of a message went, at each subscription that takes it. */
export interface TimeAnswer {
  readonly message_id: string;
  readonly places: readonly PlaceTime[];
}

interface PlaceTime {
  readonly destination: string;
  readonly subscription: string | null;
  readonly state: State;
  readonly state_evidence: Evidence;
  readonly begins_at: string;
  /** The field that says so. */
  readonly begins_from: Begin['from'];
  readonly begins_evidence: Evidence;
  /** Null while it is not over, or where nobody knows. */
  readonly ends_at: string | null;
  /** The sum of the segments, exactly; null where nothing can be said of its time. */
  readonly wall_ms: number | null;
  readonly totals_ms: Readonly<Partial<Record<SegmentKind, number>>>;
  readonly segments: readonly TimeSegment[];
  /** Duplicates: drawn, and no part of the sum. */
  readonly beside: readonly TimeSegment[];
  /** Two clocks disagree in some segment: its length is kept as it was recorded. */
  readonly has_negative: boolean;
}

interface TimeSegment extends Claim {
  readonly kind: SegmentKind;
  readonly from: string;
  readonly to: string;
  readonly ms: number;
  readonly is_negative: boolean;
  /** The execution that it is, or that it came before; null for a wait that nothing has ended yet. */
  readonly execution_id: string | null;
}

/** Where did the time go? Null where nothing is known of the message. */
export function time(graph: Graph, messageId: string): TimeAnswer | null {
  const message = graph.message(messageId);
  return message ? { message_id: messageId, places: message.subscriptions.map(placeTime) } : null;
}

function placeTime(at: MessageAtSubscription): PlaceTime {
  const { destination, subscription, state, evidence, begin, over, elapsedMs } = at;
  const segments = at.segments.map(segmentTime);
  return {
    ...{ destination, subscription, state, state_evidence: evidence },
    begins_at: rfc3339(begin.at),
    begins_from: begin.from,
    begins_evidence: begin.evidence,
    ends_at: over === null ? null : rfc3339(over),
    wall_ms: elapsedMs,
    totals_ms: Object.fromEntries(at.totals),
    segments: segments.filter(({ kind }) => kind !== 'skipped'),
    beside: segments.filter(({ kind }) => kind === 'skipped'),
    has_negative: at.segments.some(({ ms }) => ms < 0),
  };
}

function segmentTime({ kind, from, to, ms, executionId, ...claim }: Segment): TimeSegment {
  const own = { kind, from: rfc3339(from), to: rfc3339(to), ms, is_negative: ms < 0, execution_id: executionId };
  return { ...own, ...claimOf(claim) };
}
