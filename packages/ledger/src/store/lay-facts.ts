import type { DatabaseSync } from 'node:sqlite';
import type { Blocks } from './blocks.ts';
import type { FactIds } from './fact-ids.ts';
import { type FactRow, lineOf, SAID_NOTHING } from './fact-lines.ts';
import { FAILING } from './failing.ts';
import { idCode, parentCode, spanCode } from './id-codes.ts';
import type { IdIndex } from './id-index.ts';
import { ownOf } from './messages.ts';
import { packId } from './packed-id.ts';
import type { Resolved } from './resolve-fact.ts';

/**
 * So many facts of a commit are laid down together, by workflow: whoever reads one mostly reads those beside it. With four
 * times as many there were more message rows than are remembered, and a changed one must not be read again before it is written.
 */
export const laidTogetherMax = 2_048;

/** Lays facts down that came together, with what finds them by their ids, by time and by batch. */
export function openLayer(
  database: DatabaseSync,
  blocks: Blocks,
  name: IdIndex['add'],
  place: FactIds['add'],
): (facts: readonly Resolved[]) => void {
  const insertItem = database.prepare('INSERT OR IGNORE INTO batch_items (batch_id, message, place) VALUES (?, ?, ?)');
  const insertFailure = database.prepare('INSERT OR IGNORE INTO failures (at, message, tenant) VALUES (?, ?, ?)');
  const insertGap = database.prepare('INSERT OR IGNORE INTO gaps (at, message, tenant) VALUES (?, ?, ?)');
  const insertSend = database.prepare(
    'INSERT OR IGNORE INTO sends (destination, at, message, tenant) VALUES (?, ?, ?, ?)',
  );

  function index({ fact, row: { at, message, tenant, said } }: Resolved): void {
    if (fact.kind === 'sent') insertSend.run(said.destination, at, message, tenant);
    if (fact.kind === 'gap') insertGap.run(at, message, tenant);
    if (fact.kind === 'settled' && FAILING.includes(fact.outcome)) insertFailure.run(at, message, tenant);
    if (fact.kind === 'started' && fact.batch !== undefined)
      insertItem.run(packId(fact.batch.id), message, fact.batch.index);
  }

  return (facts) => {
    // A message's facts stay in the order of their arrival: sorting is stable.
    const laid = [...facts].sort((a, b) => a.row.own.workflow - b.row.own.workflow || a.message.key - b.message.key);
    const first = blocks.end();
    const lines = laid.map((each, nth) => {
      const { fact, message, row } = each;
      const before = { place: message.lastFact ?? 0, said: message.lastFact === null ? SAID_NOTHING : message.said };
      for (const code of codesOf({ fact, row }, before.said)) name(code, message.key);
      index(each);
      const line = lineOf(row, first + nth, before, ownOf(message));
      message.lastFact = first + nth;
      message.said = row.said;
      return line;
    });
    if (lines.length === 0) return;
    blocks.add(lines);
    place(laid.map(({ row }, nth) => ({ id: row.factId, place: first + nth })));
  };
}

/** Under which codes a fact's message is found, but for that of its own id. What the fact before it brought is there. */
export function codesOf(
  { fact, row: { said } }: Pick<Resolved, 'fact'> & { readonly row: Pick<FactRow, 'said'> },
  before: Partial<FactRow['said']> = {},
): number[] {
  const codes: (number | null)[] = [];
  if (said.execution !== null && said.execution !== before.execution) codes.push(idCode(said.execution));
  if (said.broker !== null && said.broker !== before.broker) codes.push(idCode(said.broker));
  if (said.span !== null) codes.push(spanCode(fact.trace_id, said.span));
  if (fact.kind === 'gap' && fact.gap.traceparent !== undefined) codes.push(parentCode(fact.gap.traceparent));
  return codes.filter((code) => code !== null);
}
