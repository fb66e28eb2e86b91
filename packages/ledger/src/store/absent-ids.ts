import type { DatabaseSync } from 'node:sqlite';
import type { MessageFact } from 'waybill';
import { damaged } from './damage.ts';
import type { Said } from './fact-lines.ts';
import { idCode } from './id-codes.ts';
import { CODED } from './id-index.ts';
import { codesOf } from './lay-facts.ts';
import { STORED_COLUMNS, storedMessage } from './message-rows.ts';

/**
 * Refuses an id that only seems not to be there. Entries of the index of ids have no sums: one that is damaged lies beside
 * where it was, or names a message that has no such id.
 *
 * @throws LEDGER_DAMAGED.
 */
export function openAbsence(
  database: DatabaseSync,
  ofMessage: (key: number) => readonly { readonly fact: MessageFact; readonly said: Said }[],
): (id: string) => void {
  const select = (entries: string) =>
    database.prepare(
      `-- Which messages do these entries of the index name?
       SELECT ${STORED_COLUMNS} FROM ${entries} AS entry
       LEFT JOIN messages ON messages.key = entry.message`,
    );
  const beside = [
    select('(SELECT message FROM ids WHERE code < :code ORDER BY code DESC LIMIT 2)'),
    select('(SELECT message FROM ids WHERE code > :code ORDER BY code LIMIT 2)'),
  ];
  const under = select(CODED);
  for (const statement of [...beside, under]) statement.setReturnArrays(true);

  function hasCode(key: number, code: number): boolean {
    return ofMessage(key).some(({ fact, said }) => codesOf({ fact, row: { said } }).includes(code));
  }

  return (id) => {
    const code = idCode(id);
    for (const row of under.all({ code })) {
      const message = storedMessage(row);
      if (idCode(message.id) !== code && !hasCode(message.columns[0], code))
        throw damaged('an index names a message that has no such id');
    }
    for (const row of beside.flatMap((entries) => entries.all({ code })))
      if (storedMessage(row).id === id) throw damaged('an index has lost an id');
  };
}
