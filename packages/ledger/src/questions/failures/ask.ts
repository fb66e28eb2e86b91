import type { FactReader } from '../../store/store.ts';
import { type Asked, messagesMax, perBucket, searchedOf } from '../asked.ts';
import { claimOf } from '../evidence.ts';
import type { WholeGraph } from '../graph/reconstruct.ts';
import { windowGraph } from '../graph/window-graph.ts';
import type { Searched } from '../searched.ts';
import type { FailureRow, FailuresData } from './answer.ts';
import { type FailureGroup, failures } from './failures.ts';

/** What failed in this time? Asked of the messages that were settled so, and of those that began in it and may have lost their worker. */
export function ask(reader: FactReader, asked: Asked): FailuresData {
  const { window, asOf, limit } = asked;
  const failing = reader.timeline.failing(window, messagesMax + 1);
  const open = reader.timeline.open(window, messagesMax + 1);
  const messageIds = [...new Set([...failing.slice(0, messagesMax), ...open.slice(0, messagesMax)])];
  const graph = windowGraph(reader, { asOf, messageIds });
  const { groups, executions, messages } = failures(graph, window);
  const searched = searchedOf(reader, asked);
  const rows = groups.map((group) => failureRow(group, graph, searched));
  return {
    searched,
    groups: rows.slice(0, limit),
    not_shown: Math.max(0, rows.length - limit),
    total_failed_executions: executions,
    total_messages: messages,
    messages_in_several: inSeveral(groups),
    is_at_least: Math.max(failing.length, open.length) > messagesMax,
  };
}

function inSeveral(groups: readonly FailureGroup[]): FailuresData['messages_in_several'] {
  const counts = new Map<string, number>();
  for (const { message_ids } of groups) for (const id of message_ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].flatMap(([message_id, count]) => (count > 1 ? [{ message_id, groups: count }] : []));
}

function failureRow(group: FailureGroup, graph: WholeGraph, searched: Searched): FailureRow {
  const { kind, fingerprint, title, instance, destination, subscription, first_at, last_at } = group;
  const { execution_ids, execution_times, message_ids, dead_message_ids } = group;
  const tenants = message_ids.flatMap((id) => graph.message(id)?.tenantId ?? []);
  const replayed = dead_message_ids.filter((id) => graph.message(id)?.replays.length);
  return {
    ...{ kind, fingerprint, title, instance, destination, subscription, first_at, last_at },
    failed_executions: execution_ids.length,
    messages: message_ids.length,
    dead: dead_message_ids.length,
    replayed: replayed.length,
    tenants: [...new Set(tenants)].sort(),
    example_message_id: message_ids[0] ?? '',
    per_bucket: perBucket(
      execution_times.map((at) => Date.parse(at)),
      searched,
    ),
    trend: null,
    deploys: null,
    ...claimOf(group),
  };
}
