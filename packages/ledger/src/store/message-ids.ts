import type { DatabaseSync } from 'node:sqlite';
import { idCode } from './id-codes.ts';
import { type PackedId, packId, unpackId } from './packed-id.ts';

/** Which key a message has, and which id: remembered for one moment, because a question comes back to its messages. */
export interface MessageIds {
  idOf(key: number): string;
  /** Undefined where no message has this id. */
  keyOf(id: string): number | undefined;
  /** What was read of it anyway; tells its id. */
  note(key: number, stored: PackedId): string;
  forget(): void;
}

/** A question that names more has little use for what it began with. */
const rememberedMax = 20_000;

export function openMessageIds(database: DatabaseSync): MessageIds {
  const byKey = database.prepare('SELECT message_id FROM messages WHERE key = ?');
  const byId = database.prepare(
    `-- Which key has the message of this id?
     SELECT key FROM ids JOIN messages ON messages.key = ids.message WHERE ids.code = ? AND message_id = ?`,
  );
  byKey.setReturnArrays(true);
  byId.setReturnArrays(true);
  let ids = new Map<number, string>();
  let keys = new Map<string, number>();
  const remember = (key: number, id: string) => {
    if (ids.size >= rememberedMax) forget();
    ids.set(key, id);
    keys.set(id, key);
  };
  const forget = () => {
    // New ones: a map that is cleared again and again is a chain of all that it ever held, as long as its oldest part lives.
    ids = new Map();
    keys = new Map();
  };
  const note = (key: number, stored: PackedId) => {
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = unpackId(stored);
    remember(key, id);
    return id;
  };
  return {
    note,
    idOf(key) {
      const known = ids.get(key);
      if (known !== undefined) return known;
      // Sound: rows are arrays, and the one column holds packed ids only.
      const [stored] = byKey.get(key) as unknown as [PackedId];
      return note(key, stored);
    },
    keyOf(id) {
      const known = keys.get(id);
      if (known !== undefined) return known;
      const row = byId.get(idCode(id), packId(id)) as unknown as [number] | undefined; // sound: as above
      if (row !== undefined) remember(row[0], id);
      return row?.[0];
    },
    forget,
  };
}
