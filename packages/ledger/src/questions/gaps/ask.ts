import type { FactReader } from '../../store/store.ts';
import { type Asked, messagesMax, perBucket, searchedOf } from '../asked.ts';
import { claimOf } from '../evidence.ts';
import type { Message } from '../graph/message.ts';
import { windowGraph } from '../graph/window-graph.ts';
import { groupBy } from '../grouping.ts';
import { rfc3339 } from '../instant.ts';
import type { Searched } from '../searched.ts';
import { tenantsOf } from '../tenants.ts';
import type { BoundaryRow, GapExample, GapsData, LinkedBy } from './answer.ts';
import { type GapEdge, gaps, type LostMessage } from './gaps.ts';

const examplesMax = 5;

/** A message whose context was lost, and what is known of it. */
interface Lost {
  readonly lost: LostMessage;
  readonly message: Message;
}

/** Where was context lost in this time? Asked of the messages that have a gap in it. */
export function ask(reader: FactReader, asked: Asked): GapsData {
  const { window, asOf, limit } = asked;
  const ids = reader.timeline.withGaps(window, messagesMax + 1);
  const messageIds = ids.slice(0, messagesMax);
  const graph = windowGraph(reader, { asOf, messageIds, contextlessIds: messageIds });
  const { edges } = gaps(graph);
  const searched = searchedOf(reader, asked);
  const rows = edges.map((edge) => {
    const lost = edge.lost.flatMap((each) => {
      const message = graph.message(each.message_id);
      return message ? [{ lost: each, message }] : [];
    });
    return boundaryRow(edge, lost, searched);
  });
  return {
    searched,
    messages_checked: reader.timeline.counts(window).messages,
    total_messages: rows.reduce((sum, { messages }) => sum + messages, 0),
    boundaries: rows.slice(0, limit),
    not_shown: Math.max(0, rows.length - limit),
    is_at_least: ids.length > messagesMax,
  };
}

function boundaryRow(edge: GapEdge, lost: readonly Lost[], searched: Searched): BoundaryRow {
  const { from, lost_in, to, reason, likely_reason, messages, linked, unlinked, first_at, last_at } = edge;
  const missing = new Set(lost.flatMap(({ message }) => message.gaps.flatMap(({ gap }) => gap.missing)));
  const times = lost.map((each) => Date.parse(each.lost.at));
  return {
    ...{ from, via: lost_in, to, reason, likely_reason, messages, linked, unlinked, missing: [...missing] },
    linked_by: linkedBy(lost),
    confidence: null,
    first_seen_at: first_at,
    last_seen_at: last_at,
    tenants: tenantsOf(lost.map(({ message }) => message)),
    per_bucket: perBucket(times, searched),
    example_message_id: edge.lost[0]?.message_id ?? '',
    examples: lost.slice(0, examplesMax).map(exampleOf),
    fix: fixOf(edge),
    ...claimOf(edge),
  };
}

function linkedBy(lost: readonly Lost[]): LinkedBy[] {
  const linked = lost.filter(({ message }) => message.cause.messageIds.length > 0);
  const ways = groupBy(linked, ({ message: { cause, businessKey } }) => {
    const how = cause.how ?? 'recorded';
    return JSON.stringify([how, how === 'business_key' ? keyName(businessKey) : null]);
  });
  return [...ways].map(([way, own]): LinkedBy => {
    const [how, key] = JSON.parse(way);
    return { how, key, messages: own.length };
  });
}

/** What a business key names: `order` of `order:ORD-48213`; null where it does not say. */
function keyName(businessKey: string | null): string | null {
  const colonAt = businessKey?.indexOf(':') ?? -1;
  return businessKey === null || colonAt < 1 ? null : businessKey.slice(0, colonAt);
}

function exampleOf({ message }: Lost): GapExample {
  const { messageId, eventType, businessKey, cause, subscriptions } = message;
  const started = subscriptions.flatMap(({ executions }) => executions.flatMap((each) => each.started ?? []));
  const enqueued = started.find(({ enqueued_at }) => enqueued_at !== undefined)?.enqueued_at;
  const [led = null] = cause.messageIds;
  return {
    ...{ message_id: messageId, event_type: eventType, business_key: businessKey },
    enqueued_at: enqueued === undefined ? null : rfc3339(enqueued),
    cause_message_id: led,
    confidence: null,
    why: led === null ? (cause.because[0] ?? null) : null,
    ...claimOf(cause),
  };
}

/** What would carry the context there, where it is known who has to; a template, and no guess. */
function fixOf({ lost_in, from, likely_reason }: GapEdge): string | null {
  if (lost_in === null || likely_reason !== 'not_instrumented') return null;
  return from === null
    ? `in ${lost_in}, start inside waybill.ingress({ operation: ${JSON.stringify(lost_in)} })`
    : `in ${lost_in}, wrap the publish with waybill.produce()`;
}
