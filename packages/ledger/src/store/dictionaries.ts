import type { DatabaseSync } from 'node:sqlite';
import { isLedgerError } from '../errors.ts';
import { damaged } from './damage.ts';
import { shapeOf } from './line-shape.ts';
import { createRecent } from './recent.ts';

/**
 * What lines have in common, for blocks are too small to learn it: with it, sixteen lines take as much room each as sixty-four
 * do without. It holds no more of a fact than its shape, so nothing has to be taken out of it when facts are deleted.
 */
export interface Dictionaries {
  /** That with which a block of this number is packed; made anew now and then, of the lines before it. */
  for(block: number): Dictionary;
  /** Throws LEDGER_DAMAGED where there is none of this key. */
  of(key: number): Dictionary;
  /** What was remembered may not be in the file. */
  forget(): void;
}

export interface Dictionary {
  /** 0 where there is none yet. */
  readonly key: number;
  readonly text: Buffer;
}

interface Newest {
  readonly key: number;
  /** The first block that was packed with it. */
  readonly since: number;
}

const NONE: Dictionary = { key: 0, text: Buffer.alloc(0) };
/** A block tells it in two bytes. */
const keyMax = 0xffff;
/** Blocks from one to the next, once there are as many: the first ones have met little yet. */
const blocksMax = 4_096;
const blocksRead = 32;
const shapesMax = 16;
const shapeLengthMax = 1_024;
const rememberedMax = 100;

/** `linesOf` reads a block that is there already. */
export function openDictionaries(database: DatabaseSync, linesOf: (block: number) => readonly string[]): Dictionaries {
  const select = database.prepare('SELECT text FROM dictionaries WHERE key = ?');
  const newest = database.prepare('SELECT key, since FROM dictionaries ORDER BY key DESC LIMIT 1');
  const insert = database.prepare('INSERT INTO dictionaries (key, since, text) VALUES (?, ?, ?)');
  const remembered = createRecent<Dictionary, number>(rememberedMax);
  let last: Newest | undefined;

  function lastOf(): Newest {
    const row = newest.get();
    return row === undefined ? { key: NONE.key, since: 0 } : { key: Number(row['key']), since: Number(row['since']) };
  }

  function of(key: number): Dictionary {
    if (key === NONE.key) return NONE;
    let known = remembered.get(key);
    if (known !== undefined) return known;
    const text = select.get(key)?.['text'];
    if (text === undefined) throw damaged('what a block of facts was packed with is not there');
    known = { key, text: Buffer.from(String(text)) };
    remembered.set(key, known);
    return known;
  }

  return {
    for(block) {
      last ??= lastOf();
      const isDue = block - last.since >= Math.min(last.since + 2, blocksMax);
      if (isDue && last.key < keyMax) {
        last = { key: last.key + 1, since: block };
        insert.run(last.key, block, commonShapes(block, linesOf));
      }
      return of(last.key);
    },
    of,
    forget() {
      last = undefined;
      remembered.clear();
    },
  };
}

/** The shapes of the lines before a block, those that came last at the end, where they are cheapest to refer to. */
function commonShapes(block: number, linesOf: (block: number) => readonly string[]): string {
  const shapes = new Map<string, string>();
  for (let before = Math.max(0, block - blocksRead); before < block; before++) {
    for (const line of readable(() => linesOf(before))) {
      if (line === '') continue;
      const shape = shapeOf(line);
      if (shape.length > shapeLengthMax) continue;
      const alike = shape.replaceAll(/\d+/g, '0');
      shapes.delete(alike);
      shapes.set(alike, shape);
    }
  }
  return [...shapes.values()].slice(-shapesMax).join('\n');
}

/** A damaged block teaches nothing, and what is written is not to wait for it. */
function readable(read: () => readonly string[]): readonly string[] {
  try {
    return read();
  } catch (error) {
    if (isLedgerError(error) && error.code === 'LEDGER_DAMAGED') return [];
    throw error;
  }
}
