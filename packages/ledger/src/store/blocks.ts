import type { DatabaseSync } from 'node:sqlite';
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { damaged } from './damage.ts';
import { createRecentTexts } from './recent-texts.ts';

/** So many facts are packed together: twice as many took 5 % less room, and a read of one took half as long again. */
export const blockFacts = 64;

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

const isPlain = 0;
const isDeflated = 1;
/** Which of both it is, and a checksum of the text. */
const headBytes = 5;
/** A window of 32 KB, which is more than a block has, and what is opened for each call is as large as it is. */
const PACKING = { level: 5, windowBits: 14, memLevel: 8 };
/** A thousand blocks: about what one question about an hour reads. */
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
  let last: Last | undefined;

  /** The block that is being filled. */
  function lastBlock(): Last {
    if (last !== undefined) return last;
    const row = newest.get();
    if (row === undefined) last = { block: 0, lines: [...NO_LINES] };
    else {
      const [block, bytes] = [Number(row['block']), row['lines'] as Uint8Array]; // sound: the column holds blobs only
      last = bytes[0] === isPlain ? { block, lines: linesIn(unpack(bytes)) } : { block: block + 1, lines: [] };
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
    const text = unpack(bytes);
    if (bytes[0] !== isPlain) remembered.set(block, text);
    return text;
  }

  function linesOf(block: number): readonly string[] {
    const text = textOf(block);
    return text === undefined ? [] : linesIn(text);
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
        upsert.run(block, packed(lines));
        [block, lines] = [block + 1, []];
      }
      if (lengthOf(lines) > plainLengthMax) {
        upsert.run(block, packed(lines));
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
        else upsert.run(block, packed(lines));
      }
      remembered.clear();
      last = undefined;
    },
    forget() {
      remembered.clear();
      last = undefined;
    },
  };
}

function linesIn(text: Buffer): string[] {
  return text.toString().split('\n');
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

function plain(lines: readonly string[]): Uint8Array {
  const text = Buffer.from(lines.join('\n'));
  return Buffer.concat([headOf(isPlain, text), text]);
}

function packed(lines: readonly string[]): Uint8Array {
  const text = Buffer.from(lines.join('\n'));
  return Buffer.concat([headOf(isDeflated, text), deflateRawSync(text, PACKING)]);
}

/** SQLite keeps no checksums: without this one a bit that the disk turned over would be another fact. */
function headOf(kind: number, text: Buffer): Buffer {
  const head = Buffer.alloc(headBytes, kind);
  head.writeUInt32LE(crc32(text), 1);
  return head;
}

/** @throws LEDGER_DAMAGED. */
function unpack(bytes: Uint8Array): Buffer {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const written = block.subarray(headBytes);
  try {
    const text = block[0] === isPlain ? written : inflateRawSync(written, PACKING);
    if (crc32(text) === block.readUInt32LE(1)) return text;
  } catch {
    // What cannot be inflated is damaged as well.
  }
  throw damaged('a block of facts is not what was written');
}
