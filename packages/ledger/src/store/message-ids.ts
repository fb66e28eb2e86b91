import type { DatabaseSync } from 'node:sqlite';
import { CODED } from './id-index.ts';
import { messageMissing, openMessageLookUp, openMessageReader } from './message-rows.ts';
import { idOfText } from './packed-id.ts';

/** Which key a message has, and which id: remembered for one moment, because a question comes back to its messages. */
export interface MessageIds {
  /** @throws LEDGER_DAMAGED where no message has this key, for whoever asks has it of another row. */
  idOf(key: number): string;
  /** Undefined where no message has this id. */
  keyOf(id: string): number | undefined;
  /** What was read of it anyway, by `idText`, null where there is no row; tells its id. @throws as `idOf`. */
  note(key: number, text: string | null): string;
  /** The same of an id that was unpacked already. */
  know(key: number, id: string): void;
  forget(): void;
}

/** A question that names more has little use for what it began with. */
const rememberedMax = 20_000;

export function openMessageIds(database: DatabaseSync): MessageIds {
  const byKey = openMessageReader(database);
  const byId = openMessageLookUp(database, CODED);
  let ids = new Map<number, string>();
  let keys = new Map<string, number>();
  const remember = (key: number, id: string) => {
    if (ids.size >= rememberedMax) forget();
    ids.set(key, id);
    keys.set(id, key);
    return id;
  };
  const forget = () => {
    // New ones: a map that is cleared again and again is a chain of all that it ever held, as long as its oldest part lives.
    ids = new Map();
    keys = new Map();
  };
  return {
    note(key, text) {
      if (text === null) throw messageMissing();
      return ids.get(key) ?? remember(key, idOfText(text));
    },
    know(key, id) {
      if (!ids.has(key)) remember(key, id);
    },
    idOf(key) {
      const known = ids.get(key);
      if (known !== undefined) return known;
      const stored = byKey(key);
      if (stored === undefined) throw messageMissing();
      return remember(key, stored.id);
    },
    keyOf(id) {
      const known = keys.get(id);
      if (known !== undefined) return known;
      const columns = byId(id);
      if (columns !== undefined) remember(columns[0], id);
      return columns?.[0];
    },
    forget,
  };
}
