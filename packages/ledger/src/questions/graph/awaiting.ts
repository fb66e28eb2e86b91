import type { Millis, SentFact, StartedFact } from 'waybill';
import { type Claim, claimed, inferred, observed, unknown } from '../evidence.ts';
import type { Execution } from './executions.ts';
import type { OwnFacts } from './own-facts.ts';

/** A wait for children. `until` is the end of the last of them; null while it is not over, or not known. */
export interface Awaiting extends Claim {
  readonly until: Millis | null;
}

/** Looks up the messages that a parent may wait for. */
export interface Children {
  own(messageId: string): OwnFacts | undefined;
  /** What the parent caused. */
  of(messageId: string): readonly OwnFacts[];
}

/**
 * Whether a message waits for children before its first start (`released` is null), or after an execution that handed
 * it back: null where it does not. The next start names the child whose end let it go.
 */
export function awaitingOf(
  parent: OwnFacts,
  released: Execution | null,
  next: StartedFact | null,
  children: Children,
): Awaiting | null {
  const named = next?.released_by;
  if (next && named !== undefined && named !== released?.started?.released_by) {
    const end = endOf(children.own(named));
    return end ? { until: end.at, ...observed(end, next) } : { until: null, ...unknown(next) };
  }
  const ids = released === null ? awaitedFromTheStart(parent) : awaitedSince(parent, released, children);
  if (ids.length === 0) return null;
  const ends = ids.map((id) => endOf(children.own(id)));
  const because = [...ends, next];
  if (ends.includes(null)) return { until: null, ...claimed(next ? 'unknown' : 'inferred', because) };
  const last = ends.reduce((latest, end) => (end && latest && end.at > latest.at ? end : latest), ends[0] ?? null);
  return last ? { until: last.at, ...(next ? inferred(last, next) : inferred(last)) } : null;
}

function awaitedFromTheStart({ sent, created }: OwnFacts): readonly string[] {
  for (const { flow } of [...sent, ...created]) if (flow?.role === 'parent') return flow.awaits ?? [];
  return [];
}

/** Children that a running parent added: their flow is the parent itself. */
function awaitedSince(parent: OwnFacts, { executionId }: Execution, children: Children): readonly string[] {
  return children
    .of(parent.messageId)
    .filter(({ sent }) => sent.some((fact) => isAwaitedBy(fact, parent.messageId, executionId)))
    .map(({ messageId }) => messageId);
}

function isAwaitedBy({ flow, by_execution_id: by }: SentFact, parentId: string, executionId: string): boolean {
  return flow?.role === 'child' && flow.id === parentId && (by === undefined || by === executionId);
}

/** The fact that a message is over; null while none is known. */
function endOf(child: OwnFacts | undefined) {
  if (child === undefined) return null;
  const settled = child.settled.findLast(({ outcome }) => outcome === 'ok' || outcome === 'dead');
  return settled ?? child.discarded.at(-1) ?? null;
}
