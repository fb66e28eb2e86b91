import type { Claim, Evidence } from '../evidence.ts';
import { rfc3339 } from '../instant.ts';
import type { Crowd, Group } from './crowd.ts';
import { keptOf } from './kept.ts';
import { inCausalOrder, type Placed } from './order.ts';

/** Messages that are counted, and not told one by one. The claim is that of how they stand. */
export interface FoldedRow extends Claim {
  readonly folded: {
    readonly event_type: string | null;
    /** The type of what led to them; null where nothing did that is known, or that has none. */
    readonly cause_type: string | null;
    readonly messages: number;
    readonly executions: number;
    readonly gaps: number;
    readonly states: Group['states'];
    readonly first_at: string;
    /** How many groups these are: one, but for those that are too many to be told apart. */
    readonly groups: number;
  };
  /** The message that they stand under, where that is one. */
  readonly parent: string | null;
  readonly depth: number;
}

/** A row of a crowd: one message in its place, or how many more there are of its like. */
export type CrowdRow = Placed | FoldedRow;

export function isFolded<Row extends object>(row: Row | FoldedRow): row is FoldedRow {
  return 'folded' in row;
}

/** Each message in its place; of a crowd that was not read, there are none. */
export function allRows({ messages }: Crowd): readonly CrowdRow[] {
  return inCausalOrder(messages ?? new Map());
}

/** The crowd in so many rows at most, each of its messages told or counted. */
export function foldedRows(crowd: Crowd, messageId: string, rowsMax: number): readonly CrowdRow[] {
  const kept = keptOf(crowd, messageId);
  const rows: CrowdRow[] = inCausalOrder(kept).map((placed) => underItsCause(placed, crowd));
  const groups = crowd.groups(new Set(kept.keys()));
  const room = rowsMax - rows.length;
  const told = groups.length <= room ? groups : groups.slice(0, room - 1);
  const others = groups.slice(told.length);
  // A group stands under those that led to it: they have to stand first.
  let waiting: readonly Group[] = told;
  for (let left = -1; waiting.length > 0 && waiting.length !== left; ) {
    left = waiting.length;
    waiting = waiting.filter((group) => !insert(rows, group, waiting));
  }
  for (const group of waiting) insertAt(rows, null, group);
  const [first] = others;
  if (first !== undefined) rows.push({ ...foldedRow(others, null, 0) });
  return rows;
}

/** What led to it has facts, though there was no room to tell them. */
function underItsCause(placed: Placed, crowd: Crowd): Placed {
  const { cause } = placed.message;
  const [id] = cause.messageIds;
  if (placed.parent !== null || id === undefined || crowd.message(id) === undefined) return placed;
  return { ...placed, parent: id, via: cause.via === 'replay' ? 'replay' : 'cause' };
}

/**
 * Puts a group under the message that led to all of it; else under the group that did, or the first such message. False
 * while that group waits itself.
 */
function insert(rows: CrowdRow[], group: Group, waiting: readonly Group[]): boolean {
  if (!group.hasCause) return insertAt(rows, null, group);
  const cause = rows.findIndex((row) => !isFolded(row) && row.message.messageId === group.causeId);
  if (cause >= 0) return insertAt(rows, cause, group);
  const isCause = (row: CrowdRow) =>
    (isFolded(row) ? row.folded.event_type : row.message.eventType) === group.causeType;
  const folded = rows.findIndex((row) => isFolded(row) && isCause(row));
  if (folded >= 0) return insertAt(rows, folded, group);
  if (waiting.some((other) => other !== group && other.eventType === group.causeType)) return false;
  const index = rows.findIndex(isCause);
  return insertAt(rows, index < 0 ? null : index, group);
}

function insertAt(rows: CrowdRow[], parentIndex: number | null, group: Group): true {
  const parent = parentIndex === null ? undefined : rows[parentIndex];
  if (parent === undefined || parentIndex === null) {
    rows.push(foldedRow([group], null, 0));
    return true;
  }
  let end = parentIndex + 1;
  while ((rows[end]?.depth ?? -1) > parent.depth) end++;
  rows.splice(end, 0, foldedRow([group], isFolded(parent) ? null : parent.message.messageId, parent.depth + 1));
  return true;
}

function foldedRow(groups: readonly Group[], parent: string | null, depth: number): FoldedRow {
  const sum = (count: (group: Group) => number) => groups.reduce((total, group) => total + count(group), 0);
  const states: Partial<Record<keyof Group['states'], number>> = {};
  for (const group of groups)
    for (const [state, count] of Object.entries(group.states) as [keyof Group['states'], number][]) // sound: its keys
      states[state] = (states[state] ?? 0) + count;
  const [only] = groups.length === 1 ? groups : [];
  return {
    folded: {
      ...{ event_type: only?.eventType ?? null, cause_type: only?.causeType ?? null },
      messages: sum(({ messages }) => messages),
      executions: sum(({ executions }) => executions),
      gaps: sum(({ gaps }) => gaps),
      states,
      first_at: rfc3339(Math.min(...groups.map(({ firstAt }) => firstAt))),
      groups: groups.length,
    },
    ...{ parent, depth, evidence: evidenceOf(states), because_facts: [] },
  };
}

/** That a message ended is recorded; that it has not is not. */
function evidenceOf(states: Group['states']): Evidence {
  return Object.keys(states).every((state) => state === 'done' || state === 'dead' || state === 'discarded')
    ? 'observed'
    : 'inferred';
}
