import type { Relations } from './envelope.ts';
import type { Flow, Grouping } from './facts.ts';
import { wholeOrNone } from './identity-text.ts';
import { carriableId } from './ids.ts';
import { parseTraceparent } from './w3c.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The wire keys that are read here. */
export const RELATION_KEYS = [
  'fanout',
  'in_reply_to',
  'replay_of',
  'replay',
  'flow',
  'saga_id',
  'schedule_id',
  'continued_from',
] as const;

/** What ties a message to others; undefined for most. A part of a wrong type counts as absent. */
export function relationsOf(fields: Fields): Relations | undefined {
  if (!RELATION_KEYS.some((key) => fields[key] !== undefined)) return undefined;
  const relations: Relations = {
    fanout: groupingOf(fields['fanout']),
    inReplyTo: idOf(fields['in_reply_to']),
    replayOf: idOf(fields['replay_of']),
    replay: replayOf(fields['replay']),
    flow: flowOf(fields['flow']),
    sagaId: textOf(fields['saga_id']),
    scheduleId: textOf(fields['schedule_id']),
    continuedFrom: idOf(fields['continued_from']),
  };
  return Object.values(relations).some((relation) => relation !== undefined) ? relations : undefined;
}

/** A whole number of 0 or more; undefined for everything else. */
export function countOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined; // sound: an integer is a number
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? carriableId(value) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? (wholeOrNone(value) ?? undefined) : undefined;
}

function fieldsOf(value: unknown): Fields | undefined {
  // Sound: an object that is no array; every field is tested before it is believed.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function groupingOf(value: unknown): Grouping | undefined {
  const { id: named, index: at, count: of } = fieldsOf(value) ?? {};
  const [id, index, count] = [idOf(named), countOf(at), countOf(of)];
  return id === undefined || index === undefined || count === undefined ? undefined : { id, index, count };
}

function replayOf(value: unknown): Relations['replay'] {
  const { actor: who, plan_id: plan, traceparent: span } = fieldsOf(value) ?? {};
  const [actor, planId] = [textOf(who), idOf(plan)];
  if (actor === undefined || planId === undefined) return undefined;
  const isSpan = typeof span === 'string' && parseTraceparent(span) !== null;
  return isSpan ? { actor, planId, traceparent: span } : { actor, planId };
}

function flowOf(value: unknown): Flow | undefined {
  const { id: named, role } = fieldsOf(value) ?? {};
  const id = idOf(named);
  return id === undefined || (role !== 'parent' && role !== 'child') ? undefined : { id, role };
}
