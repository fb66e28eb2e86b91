import type { MessageFact } from 'waybill';

/**
 * What was recorded of a message, a bit each: kept in its row, in whatever order its facts arrive, so that a workflow of
 * any size is counted by where its messages stand without reading what happened to them. The values are in the file.
 */
export const MARKS = { ok: 1, dead: 2, skipped: 4, discarded: 8, failed: 16, replayed: 32, gap: 64 } as const;

/** The marks by which it is told whether a message is over, and how. */
const TELLING = MARKS.ok | MARKS.dead | MARKS.skipped | MARKS.discarded | MARKS.replayed;

export function markOf(fact: MessageFact): number {
  if (fact.kind === 'settled') return fact.outcome in MARKS ? MARKS[fact.outcome as keyof typeof MARKS] : 0;
  return fact.kind === 'discarded' || fact.kind === 'replayed' || fact.kind === 'gap' ? MARKS[fact.kind] : 0;
}

/**
 * Where a message stands, by its row alone, in SQL: null where only its facts tell. Skipped is a duplicate of what
 * somebody knew to be done; what was both done and dead, or replayed, depends on what came last.
 */
export const STANDING_SQL = `CASE WHEN messages.unsettled <> 0 THEN NULL ELSE CASE messages.marks & ${TELLING}
  WHEN ${MARKS.ok} THEN 'done' WHEN ${MARKS.ok | MARKS.skipped} THEN 'done' WHEN ${MARKS.skipped} THEN 'done'
  WHEN ${MARKS.dead} THEN 'dead' WHEN ${MARKS.dead | MARKS.skipped} THEN 'dead'
  WHEN ${MARKS.discarded} THEN 'discarded' END END`;
