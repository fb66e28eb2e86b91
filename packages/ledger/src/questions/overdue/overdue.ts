import { type Claim, claimOf } from '../evidence.ts';
import type { Due } from '../graph/due.ts';
import type { Message, MessageAtSubscription } from '../graph/message.ts';
import type { WholeGraph } from '../graph/reconstruct.ts';
import { groupBy } from '../grouping.ts';
import { rfc3339 } from '../instant.ts';
import { type NoConsumersAnswer, noConsumersAnswer } from '../no-consumers.ts';

export interface OverdueAnswer {
  /** Longest overdue first. */
  readonly overdue: readonly OverdueMessage[];
  /** They may be overdue: facts that would tell are missing, or nobody records them. */
  readonly unknown: readonly OverdueMessage[];
  readonly groups: readonly OverdueGroup[];
}

export interface OverdueMessage extends Claim {
  readonly message_id: string;
  readonly event_type: string | null;
  readonly tenant_id: string | null;
  readonly operation: string | null;
  readonly destination: string;
  readonly subscription: string | null;
  readonly kind: 'never_started' | 'never_settled';
  readonly begins_at: string;
  readonly due_at: string;
  readonly due_from: Due['from'];
  readonly overdue_ms: number;
  readonly no_consumers: NoConsumersAnswer | null;
}

interface OverdueGroup {
  readonly destination: string;
  readonly subscription: string | null;
  readonly overdue: number;
  /** All that wait there, overdue or not. */
  readonly waiting: number;
  readonly oldest_at: string;
  readonly kinds: readonly OverdueMessage['kind'][];
}

/** What was sent and never started, or started and never settled, past the time by which it should have been? */
export function overdue(graph: WholeGraph): OverdueAnswer {
  const { asOf } = graph;
  const found: OverdueMessage[] = [];
  const unknown: OverdueMessage[] = [];
  const waiting: MessageAtSubscription[] = [];
  for (const message of graph.messages()) {
    for (const at of message.subscriptions) {
      if (at.state === 'waiting' || at.state === 'overdue') waiting.push(at);
      const { due } = at.state === 'overdue' ? at : { due: possiblyDue(at, asOf) };
      if (due === null) continue;
      (at.state === 'overdue' ? found : unknown).push(overdueMessage(message, at, due, asOf));
    }
  }
  const longestFirst = (a: OverdueMessage, b: OverdueMessage) => b.overdue_ms - a.overdue_ms;
  return { overdue: found.sort(longestFirst), unknown: unknown.sort(longestFirst), groups: groupsOf(found, waiting) };
}

/** Of a message that may be overdue, for all that is known; null where it cannot be, or was taken by somebody. */
function possiblyDue({ state, evidence, executions, due }: MessageAtSubscription, asOf: number): Due | null {
  if (state !== 'unknown' || evidence !== 'unknown') return null;
  const last = executions.findLast(({ isAside }) => !isAside);
  if (last === undefined) return due !== null && due.at < asOf ? due : null;
  const lease = last.outcome === 'open' ? last.leaseUntil : null;
  return lease !== null && lease < asOf ? { at: lease, from: 'lease_until' } : null;
}

function overdueMessage(message: Message, at: MessageAtSubscription, due: Due, asOf: number): OverdueMessage {
  const { messageId, eventType, tenantId, operation } = message;
  return {
    ...{ message_id: messageId, event_type: eventType, tenant_id: tenantId, operation },
    ...{ destination: at.destination, subscription: at.subscription },
    kind: at.executions.some(({ isAside }) => !isAside) ? 'never_settled' : 'never_started',
    begins_at: rfc3339(at.beginsAt),
    due_at: rfc3339(due.at),
    due_from: due.from,
    overdue_ms: asOf - due.at,
    no_consumers: noConsumersAnswer(at),
    ...claimOf(at),
  };
}

function groupsOf(found: readonly OverdueMessage[], waiting: readonly MessageAtSubscription[]): OverdueGroup[] {
  const keyOf = ({
    destination,
    subscription,
  }: {
    readonly destination: string;
    readonly subscription: string | null;
  }) => JSON.stringify([destination, subscription]);
  const waits = groupBy(waiting, keyOf);
  const groups = [...groupBy(found, keyOf)].map(([key, own]): OverdueGroup => {
    const [{ destination, subscription }] = own;
    return {
      ...{ destination, subscription, overdue: own.length },
      waiting: waits.get(key)?.length ?? own.length,
      oldest_at: own.map(({ begins_at }) => begins_at).reduce((oldest, at) => (at < oldest ? at : oldest)),
      kinds: [...new Set(own.map(({ kind }) => kind))],
    };
  });
  return groups.sort((a, b) => b.overdue - a.overdue);
}
