import type { Millis } from 'waybill';
import type { FactReader } from '../../store/store.ts';
import { type Asked, messagesMax } from '../asked.ts';
import type { MessageAtSubscription } from '../graph/message.ts';
import { windowGraph } from '../graph/window-graph.ts';
import { groupBy } from '../grouping.ts';

/** What facts show of what waits at a destination. */
export interface Waiting {
  readonly messages: number;
  /** Since when the first of them could have been taken; null where there is none. */
  readonly since: Millis | null;
}

export interface WaitingAt {
  /** Null where nobody can say: more wait than were looked at, and none of those there. */
  readonly at: (destination: string) => Waiting | null;
  readonly isAtLeast: boolean;
}

const contextlessMax = 50;

/** What waits of all that began in this time: sent, or to be tried again, and not started. */
export function waitingIn(reader: FactReader, { window, asOf }: Asked): WaitingAt {
  const ids = reader.timeline.open(window, messagesMax + 1);
  const isAtLeast = ids.length > messagesMax;
  const contextlessIds = reader.timeline.withGaps({ ...window, tenantId: null }, contextlessMax);
  const graph = windowGraph(reader, { asOf, messageIds: ids.slice(0, messagesMax), contextlessIds });
  const places = [...graph.messages()].flatMap(({ subscriptions }) => subscriptions);
  const waiting = groupBy(
    places
      .filter((place) => isWaitingAt(place, asOf))
      .map((place) => ({ destination: place.destination, since: takeableSince(place) })),
    ({ destination }) => destination,
  );
  return {
    isAtLeast,
    at(destination) {
      const own = waiting.get(destination);
      if (own === undefined) return isAtLeast ? null : { messages: 0, since: null };
      return { messages: own.length, since: Math.min(...own.map(({ since }) => since)) };
    },
  };
}

/** Before its time it waits for that, and for nobody to take it. */
export function isWaitingAt(place: MessageAtSubscription, asOf: Millis): boolean {
  const { state, executions } = place;
  const isUntaken = state === 'waiting' || (state === 'overdue' && executions.every(({ isAside }) => isAside));
  return isUntaken && takeableSince(place) <= asOf;
}

function takeableSince({ beginsAt, notBefore, executions }: MessageAtSubscription): Millis {
  const last = executions.findLast(({ isAside }) => !isAside);
  return last ? (last.retryAt ?? last.endedAt ?? beginsAt) : Math.max(beginsAt, notBefore ?? beginsAt);
}
