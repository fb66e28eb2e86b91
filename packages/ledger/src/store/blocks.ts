import type { DatabaseSync } from 'node:sqlite';
import { openDictionaries } from './dictionaries.ts';
import { isPlain, linesIn, packed, plain, unpack } from './packed-lines.ts';
import { createRecentTexts } from './recent-texts.ts';

/** So many facts are packed together: with what they have in common beside them, more would hardly take less room. */
export const blockFacts = 16;

/** Lines of text by their place: at most so many to a block, which is packed once it is full. An empty line is none. */
export interface Blocks {
  /** The line at a place; undefined where there never was one. */
  line(place: number): string | undefined;
  /** All lines of a block. */
  lines(block: number): readonly string[];
  /** Blocks that hold places of this range, in their order. */
  between(low: number, high: number): number[];
  /** The place behind all others. */
  end(): number;
  /** Writes lines behind all others. */
  add(lines: readonly string[]): void;
  /** Empties the lines at these places, so that what they said is nowhere in the file. */
  clear(places: readonly number[]): void;
  /** What was remembered may not be in the file: after a rollback, or when another process has written to it. */
  forget(): void;
}

/** Some four thousand blocks: about what one question about an hour reads. */
const rememberedBytesMax = 16 * 1024 * 1024;
const newline = 0x0a;
/** No fact lies at place 0, which says that there is none. */
const NO_LINES = [''];

/** The block that is written again with each commit is packed early where it is long: so much, and what comes with it. */
const plainLengthMax = 16_384;

interface Last {
  readonly block: number;
  readonly lines: string[];
}

export function openBlocks(database: DatabaseSync): Blocks {
  const select = database.prepare('SELECT lines FROM blocks WHERE block = ?');
  select.setReturnArrays(true);
  const newest = database.prepare('SELECT block, lines FROM blocks ORDER BY block DESC LIMIT 1');
  const range = database.prepare('SELECT block FROM blocks WHERE block BETWEEN ? AND ? ORDER BY block');
  const upsert = database.prepare(
    'INSERT INTO blocks (block, lines) VALUES (?, ?) ON CONFLICT DO UPDATE SET lines = excluded.lines',
  );
  const remove = database.prepare('DELETE FROM blocks WHERE block = ?');
  const remembered = createRecentTexts(rememberedBytesMax);
  const dictionaries = openDictionaries(database, linesOf);
  let last: Last | undefined;

  /** The block that is being filled. */
  function lastBlock(): Last {
    if (last !== undefined) return last;
    const row = newest.get();
    if (row === undefined) last = { block: 0, lines: [...NO_LINES] };
    else {
      const [block, bytes] = [Number(row['block']), row['lines'] as Uint8Array]; // sound: the column holds blobs only
      last = isPlain(bytes) ? { block, lines: linesIn(unpack(bytes, dictionaries)) } : { block: block + 1, lines: [] };
    }
    return last;
  }

  /** Kept as bytes: of most blocks one line is wanted. What is told is read before another block is. */
  function textOf(block: number): Buffer | undefined {
    const known = remembered.get(block);
    if (known !== undefined) return known;
    const row = select.get(block) as unknown as [Uint8Array] | undefined; // sound: rows are arrays, and as above
    if (row === undefined) return undefined;
    const [bytes] = row;
    const text = unpack(bytes, dictionaries);
    if (!isPlain(bytes)) remembered.set(block, text);
    return text;
  }

  function linesOf(block: number): readonly string[] {
    const text = textOf(block);
    return text === undefined ? [] : linesIn(text);
  }

  function pack(block: number, lines: readonly string[]): void {
    upsert.run(block, packed(lines, dictionaries.for(block)));
  }

  return {
    line(place) {
      const text = textOf(Math.floor(place / blockFacts));
      return text === undefined ? undefined : lineIn(text, place % blockFacts);
    },
    lines: linesOf,
    between: (low, high) =>
      range.all(Math.floor(low / blockFacts), Math.floor(high / blockFacts)).map(({ block }) => Number(block)),
    end: () => lastBlock().block * blockFacts + lastBlock().lines.length,
    add(added) {
      let { block, lines } = lastBlock();
      for (const line of added) {
        lines.push(line);
        if (lines.length < blockFacts) continue;
        pack(block, lines);
        [block, lines] = [block + 1, []];
      }
      if (lengthOf(lines) > plainLengthMax) {
        pack(block, lines);
        [block, lines] = [block + 1, []];
      } else if (lines.length > 0) {
        upsert.run(block, plain(lines));
      }
      last = { block, lines };
    },
    clear(places) {
      const blocks = new Map<number, Set<number>>();
      for (const place of places) {
        const block = Math.floor(place / blockFacts);
        blocks.set(block, (blocks.get(block) ?? new Set()).add(place % blockFacts));
      }
      const newestBlock = Number(newest.get()?.['block']);
      for (const [block, slots] of blocks) {
        const lines = linesOf(block).map((line, slot) => (slots.has(slot) ? '' : line));
        // Places are not given out again, so the newest block stays when all of it is gone.
        if (block !== newestBlock && lines.every((line) => line === '')) remove.run(block);
        else if (block === lastBlock().block) upsert.run(block, plain(lines));
        else pack(block, lines);
      }
      remembered.clear();
      last = undefined;
    },
    forget() {
      remembered.clear();
      dictionaries.forget();
      last = undefined;
    },
  };
}

function lineIn(text: Buffer, slot: number): string | undefined {
  let from = 0;
  for (let before = slot; before > 0; before--) {
    const end = text.indexOf(newline, from);
    if (end < 0) return undefined;
    from = end + 1;
  }
  const end = text.indexOf(newline, from);
  return text.toString('utf8', from, end < 0 ? text.length : end);
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, { length }) => sum + length, 0);
}
