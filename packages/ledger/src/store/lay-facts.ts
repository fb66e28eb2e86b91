import type { DatabaseSync } from 'node:sqlite';
import type { Blocks } from './blocks.ts';
import type { FactIds } from './fact-ids.ts';
import { type FactRow, type FactText, lineAt, textOf } from './fact-lines.ts';
import { FAILING } from './failing.ts';
import { idCode, parentCode, spanCode } from './id-codes.ts';
import type { IdIndex } from './id-index.ts';
import { type MessageDraft, ownOf } from './messages.ts';
import { packId } from './packed-id.ts';
import type { Resolved } from './resolve-fact.ts';

/**
 * So many facts of a commit are laid down together, by workflow: whoever reads one mostly reads those beside it. With four
 * times as many there were more message rows than are remembered, and a changed one must not be read again before it is written.
 */
export const laidTogetherMax = 2_048;

/** Lays facts down that came together, with what finds them by their ids, by time and by batch. */
export interface Layer {
  /** Makes the line of a fact at once: a fact takes several times as much memory. */
  note(resolved: Resolved): void;
  /** How many are noted. */
  count(): number;
  /** Writes the lines of what was noted. */
  lay(): void;
  forget(): void;
}

interface Noted {
  readonly factId: string;
  readonly message: MessageDraft;
  readonly text: FactText;
}

export function openLayer(database: DatabaseSync, blocks: Blocks, name: IdIndex['add'], place: FactIds['add']): Layer {
  const insertItem = database.prepare('INSERT OR IGNORE INTO batch_items (batch_id, message, place) VALUES (?, ?, ?)');
  const insertFailure = database.prepare('INSERT OR IGNORE INTO failures (at, message, tenant) VALUES (?, ?, ?)');
  const insertGap = database.prepare('INSERT OR IGNORE INTO gaps (at, message, tenant) VALUES (?, ?, ?)');
  const insertSend = database.prepare(
    'INSERT OR IGNORE INTO sends (destination, at, message, tenant) VALUES (?, ?, ?, ?)',
  );
  let noted: Noted[] = [];

  function index({ fact, row: { at, message, tenant, said } }: Resolved): void {
    if (fact.kind === 'sent') insertSend.run(said.destination, at, message, tenant);
    if (fact.kind === 'gap') insertGap.run(at, message, tenant);
    if (fact.kind === 'settled' && FAILING.includes(fact.outcome)) insertFailure.run(at, message, tenant);
    if (fact.kind === 'started' && fact.batch !== undefined)
      insertItem.run(packId(fact.batch.id), message, fact.batch.index);
  }

  return {
    note(resolved) {
      const { message, row } = resolved;
      for (const code of codesOf(resolved, message.said)) name(code, message.key);
      index(resolved);
      noted.push({ factId: row.factId, message, text: textOf(row, message.said, ownOf(message)) });
      message.said = row.said;
    },
    count: () => noted.length,
    lay() {
      if (noted.length === 0) return;
      // A message's facts stay in the order of their arrival, in which their lines were made: sorting is stable.
      noted.sort(({ message: a }, { message: b }) => Number(a.workflow) - Number(b.workflow) || a.key - b.key);
      const first = blocks.end();
      const lines = noted.map(({ message, text }, nth) => {
        const line = lineAt(text, first + nth, message.lastFact);
        message.lastFact = first + nth;
        return line;
      });
      blocks.add(lines);
      place(noted.map(({ factId: id }, nth) => ({ id, place: first + nth })));
      noted = [];
    },
    forget() {
      noted = [];
    },
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
