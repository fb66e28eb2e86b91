import type { Millis } from 'waybill';
import type { FactReader } from '../../store/store.ts';
import { type Asked, messagesMax, searchedOf } from '../asked.ts';
import { type Evidence, weaker } from '../evidence.ts';
import type { Message, MessageAtSubscription } from '../graph/message.ts';
import type { WholeGraph } from '../graph/reconstruct.ts';
import { windowGraph } from '../graph/window-graph.ts';
import { groupBy } from '../grouping.ts';
import { tenantsOf } from '../tenants.ts';
import type { OverdueData, OverdueRow, OverdueUnknown, OverdueWhy } from './answer.ts';
import { type OverdueMessage, overdue } from './overdue.ts';
import { usualWaits } from './usual.ts';

const oldestMax = 4;
const minuteMs = 60_000;
const ageMinMax = 1_440;
const contextlessMax = 50;

/** What is overdue of all that began in this time? Asked of the messages that are not over. */
export function ask(reader: FactReader, asked: Asked): OverdueData {
  const { window, asOf, limit } = asked;
  const ids = reader.timeline.open(window, messagesMax + 1);
  const messageIds = ids.slice(0, messagesMax);
  const contextlessIds = reader.timeline.withGaps({ ...window, tenantId: null }, contextlessMax);
  const served = usualWaits(reader, window, messageIds, asOf);
  const graph = windowGraph(reader, { asOf, messageIds, contextlessIds, served });
  const { overdue: found, unknown } = overdue(graph);
  const waiting = waitingIn(graph);
  const groups = [...groupBy(found, (each) => placeOf(each, each.event_type))].map(([place, own]) =>
    overdueRow(own, waiting.get(place) ?? [], graph),
  );
  groups.sort((a, b) => b.overdue - a.overdue);
  return {
    searched: searchedOf(reader, asked),
    total_overdue: found.length,
    groups: groups.slice(0, limit),
    not_shown: Math.max(0, groups.length - limit),
    unknown: unknownRows(unknown),
    without_deadline: withoutDeadline([...waiting.values()].flat()),
    is_at_least: ids.length > messagesMax,
  };
}

interface Waiting {
  readonly message: Message;
  readonly at: MessageAtSubscription;
}

/** By place and kind of message: all that wait, overdue or not. */
function waitingIn(graph: WholeGraph): ReadonlyMap<string, readonly Waiting[]> {
  const waiting = [...graph.messages()].flatMap((message) =>
    message.subscriptions
      .filter(({ state }) => state === 'waiting' || state === 'overdue')
      .map((at): Waiting => ({ message, at })),
  );
  return groupBy(waiting, ({ message, at }) => placeOf(at, message.eventType));
}

function placeOf(
  { destination, subscription }: { readonly destination: string; readonly subscription: string | null },
  eventType: string | null,
): string {
  return JSON.stringify([destination, subscription, eventType]);
}

function overdueRow(
  own: readonly [OverdueMessage, ...OverdueMessage[]],
  waiting: readonly Waiting[],
  graph: WholeGraph,
): OverdueRow {
  const oldest = own.toSorted((a, b) => a.begins_at.localeCompare(b.begins_at));
  const [first = own[0]] = oldest;
  const { destination, subscription, event_type } = first;
  const others = [...(graph.surroundings.served.get(destination)?.subscriptions.keys() ?? [])];
  return {
    ...{ destination, subscription, event_type },
    has_other_subscriptions: others.some((name) => name !== '' && name !== subscription),
    overdue: own.length,
    waiting: waiting.length,
    deadline_ms: deadlineOf(own),
    oldest_sent_at: first.begins_at,
    why: whyOf(first),
    fix: null,
    tenants: tenantsOf(own.map(({ tenant_id }) => ({ tenantId: tenant_id }))),
    example_message_id: first.message_id,
    waiting_by_age_min: byAge(waiting, graph.asOf),
    oldest: oldest.slice(0, oldestMax).map(({ message_id, begins_at, tenant_id, operation }) => ({
      message_id,
      sent_at: begins_at,
      tenant_id,
      operation,
    })),
    evidence: own.reduce<Evidence>((sure, { evidence }) => weaker(sure, evidence), 'observed'),
    because_facts: own.flatMap(({ because_facts }) => because_facts),
  };
}

/** What all of them had, where that is one; a lease is each one's own. */
function deadlineOf(own: readonly OverdueMessage[]): number | null {
  const deadlines = own.map(({ due_from, due_at, begins_at }) =>
    due_from === 'lease_until' ? null : Date.parse(due_at) - Date.parse(begins_at),
  );
  return new Set(deadlines).size === 1 ? (deadlines[0] ?? null) : null;
}

function whyOf({ kind, due_from, due_at, no_consumers }: OverdueMessage): OverdueWhy {
  if (no_consumers !== null) return { kind: 'no_consumers', consumers: 0, ...no_consumers };
  if (kind === 'never_started') return { kind: 'not_started' };
  return { kind: 'not_settled', lease_until: due_from === 'lease_until' ? due_at : null };
}

function byAge(waiting: readonly Waiting[], asOf: Millis): number[] {
  const counts: number[] = [];
  for (const { at } of waiting) {
    const minutes = Math.min(ageMinMax, Math.max(0, Math.floor((asOf - at.beginsAt) / minuteMs)));
    while (counts.length <= minutes) counts.push(0);
    counts[minutes] = (counts[minutes] ?? 0) + 1;
  }
  return counts;
}

function unknownRows(unknown: readonly OverdueMessage[]): OverdueUnknown[] {
  return [...groupBy(unknown, (each) => placeOf(each, null)).values()].map((own) => {
    const [{ destination, subscription }] = own;
    return {
      ...{ destination, subscription, messages: own.length, because: 'facts_missing', evidence: 'unknown' },
      because_facts: own.flatMap(({ because_facts }) => because_facts),
    };
  });
}

/** Where something waits that nobody has said until when: neither its fact, nor what is usual there. */
function withoutDeadline(waiting: readonly Waiting[]): string[] {
  const open = waiting.filter(({ at }) => at.due === null && at.executions.length === 0);
  return [...new Set(open.map(({ at }) => at.destination))].sort();
}
