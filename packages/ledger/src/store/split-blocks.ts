import type { DatabaseSync } from 'node:sqlite';
import { crc32, inflateRawSync } from 'node:zlib';
import { blockFacts } from './blocks.ts';
import { openDictionaries } from './dictionaries.ts';
import { isPlain, linesIn, packed, plain, unpack } from './packed-lines.ts';

/** What a block was until schema 9. */
const OLD = { facts: 64, headBytes: 5, unpacking: { windowBits: 14 } };
/** In the place of what was damaged: whoever reads it is told so, as before. */
const UNREADABLE = new Uint8Array([1]);

/** The tables of schema 10. */
export const BLOCKS = `
CREATE TABLE blocks (
  block INTEGER PRIMARY KEY,
  lines BLOB NOT NULL
) STRICT;
CREATE TABLE dictionaries (
  key INTEGER PRIMARY KEY,
  since INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;`;

/** Schema 10: fewer facts to a block, packed with what they have in common. Each fact stays in its place. */
export function splitBlocks(database: DatabaseSync): void {
  splitOldBlocks(database);
  database.exec('PRAGMA user_version = 10');
}

/** The same before an older step, which reads or writes facts as they are today. */
export function splitOldBlocks(database: DatabaseSync): void {
  if (database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'dictionaries'`).get() !== undefined) return;
  database.exec(`ALTER TABLE blocks RENAME TO old_blocks; ${BLOCKS}`);
  const old = database.prepare('SELECT block, lines FROM old_blocks ORDER BY block');
  const written = database.prepare('SELECT lines FROM blocks WHERE block = ?');
  const insert = database.prepare('INSERT INTO blocks (block, lines) VALUES (?, ?)');
  const dictionaries = openDictionaries(database, (block) => {
    const row = written.get(block);
    return row === undefined ? [] : linesIn(unpack(row['lines'] as Uint8Array, dictionaries)); // a blob
  });
  for (const row of old.iterate()) {
    const bytes = row['lines'] as Uint8Array; // a blob
    const lines = oldLines(bytes);
    const first = (Number(row['block']) * OLD.facts) / blockFacts;
    for (let from = 0; from < (lines?.length ?? OLD.facts); from += blockFacts) {
      const block = first + from / blockFacts;
      const some = lines?.slice(from, from + blockFacts);
      const isBeingFilled = isPlain(bytes) && some !== undefined && some.length < blockFacts;
      if (some === undefined) insert.run(block, UNREADABLE);
      else insert.run(block, isBeingFilled ? plain(some) : packed(some, dictionaries.for(block)));
    }
  }
  database.exec('DROP TABLE old_blocks');
}

/** Undefined where they are not what was written. */
function oldLines(bytes: Uint8Array): string[] | undefined {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const written = block.subarray(OLD.headBytes);
  try {
    const text = isPlain(block) ? written : inflateRawSync(written, OLD.unpacking);
    return crc32(text) === block.readUInt32LE(1) ? linesIn(text) : undefined;
  } catch {
    return undefined;
  }
}
