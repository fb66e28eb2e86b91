import { quote } from './bindings.ts';
import type { Relations } from './envelope.ts';

/** One more member of an object, or nothing. */
export function member(name: string, text: string | null | undefined): string {
  return text == null ? '' : `,"${name}":${quote(text)}`;
}

/** What ties a message to others, as members of the waybill in their fixed order. */
export function packRelations(relations: Relations): string {
  const { fanout, inReplyTo, replayOf, replay, flow, sagaId, scheduleId, continuedFrom } = relations;
  const group =
    fanout === undefined ? '' : `,"fanout":{"id":${quote(fanout.id)},"index":${fanout.index},"count":${fanout.count}}`;
  return `${group}${member('in_reply_to', inReplyTo)}${member('replay_of', replayOf)}${packReplay(replay)}${packFlow(flow)}${member(
    'saga_id',
    sagaId,
  )}${member('schedule_id', scheduleId)}${member('continued_from', continuedFrom)}`;
}

function packReplay(replay: Relations['replay']): string {
  if (replay === undefined) return '';
  const span = member('traceparent', replay.traceparent);
  return `,"replay":{"actor":${quote(replay.actor)},"plan_id":${quote(replay.planId)}${span}}`;
}

/** Whom a parent waits for is in its fact: on the wire a flow of thousands would have no place. */
function packFlow(flow: Relations['flow']): string {
  return flow === undefined ? '' : `,"flow":{"id":${quote(flow.id)},"role":"${flow.role}"}`;
}
