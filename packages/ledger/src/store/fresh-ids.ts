import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { damaged } from './damage.ts';

/** A code of id-codes.ts, and a message that is found by it. */
export type CodedMessage = readonly [code: number, message: number];

/**
 * Codes that came last. They lie anywhere in the table of ids, so that each of them would have a page of it written: these
 * are kept in memory, and in a log that is only added to, until many of one stretch of codes can be written together.
 */
export interface FreshIds {
  /** Those of these codes, from low to high. */
  between(low: number, high: number): CodedMessage[];
  /**
   * Keeps what came together; `write` is given what goes into the table now, in its order, once there is too much. Both are
   * codes and messages by turns.
   */
  add(pairs: readonly number[], write: (pairs: readonly number[]) => void): void;
  /** So that nothing of these is in the file. */
  remove(coded: readonly CodedMessage[]): void;
  /** What is in memory may not be in the file: after a rollback, or when another process has written to it. */
  forget(): void;
}

const numberBytes = 8;
const stretches = 1_024;
/** Own codes have 48 bits and others 31, below zero: half of the stretches for each. */
const ownWidth = 2 ** 48 / (stretches / 2);
const otherWidth = 2 ** 31 / (stretches / 2);
/** About 3 MB in memory. A stretch then has some 400 when it is written, and the log twice as many as memory. */
const freshMaxDefault = 196_608;

export function openFreshIds(database: DatabaseSync, freshMax = freshMaxDefault): FreshIds {
  const select = database.prepare('SELECT batch, coded FROM fresh_ids ORDER BY batch');
  const insert = database.prepare('INSERT INTO fresh_ids (least, coded) VALUES (?, ?)');
  const removeUntil = database.prepare('DELETE FROM fresh_ids WHERE batch <= ?');
  const holding = database.prepare('SELECT batch, coded FROM fresh_ids WHERE least <= ?');
  const update = database.prepare('UPDATE fresh_ids SET coded = ? WHERE batch = ?');
  let held: Held | undefined;

  /** What is written goes round the stretches: what came before a whole round is all in the table. */
  function holdAll(): Held {
    const all: Held = { stretches: Array.from({ length: stretches }, () => []), count: 0, turn: 0, log: [] };
    for (const { batch, coded } of select.all()) {
      hold(all, unpack(coded as Uint8Array)); // a blob
      all.log.push({ batch: Number(batch), until: stretches });
    }
    return all;
  }

  return {
    between(low, high) {
      held ??= holdAll();
      const found: CodedMessage[] = [];
      for (let stretch = stretchOf(low); stretch <= stretchOf(high); stretch++) {
        const pairs = held.stretches[stretch] as number[]; // there are so many
        for (let at = 0; at < pairs.length; at += 2) {
          const code = pairs[at] as number; // before the end
          if (code >= low && code <= high) found.push([code, pairs[at + 1] as number]);
        }
      }
      return found;
    },
    add(pairs, write) {
      if (pairs.length === 0) return;
      held ??= holdAll();
      const { lastInsertRowid } = insert.run(leastOf(pairs), pack(pairs));
      hold(held, pairs);
      held.log.push({ batch: Number(lastInsertRowid), until: held.turn + stretches });
      for (; held.count > freshMax; held.turn++) write(takeStretch(held));
      let done: number | undefined;
      for (; (held.log[0]?.until ?? Number.POSITIVE_INFINITY) <= held.turn; held.log.shift()) done = held.log[0]?.batch;
      if (done !== undefined) removeUntil.run(done);
    },
    remove(coded) {
      const gone = new Set(coded.map(([code, message]) => `${code} ${message}`));
      const newest = coded.reduce((most, [, message]) => Math.max(most, message), 0);
      for (const { batch, coded: packed } of holding.all(newest)) {
        const pairs = unpack(packed as Uint8Array); // a blob
        const left = pairs.filter((_, at) => !gone.has(`${pairs[at & ~1]} ${pairs[at | 1]}`));
        if (left.length === pairs.length) continue;
        update.run(pack(left), Number(batch));
        held = undefined;
      }
    },
    forget() {
      held = undefined;
    },
  };
}

interface Held {
  /** Codes and messages by turns: so they are numbers and no objects. */
  readonly stretches: number[][];
  count: number;
  /** Which stretch is written next, counted on from round to round. */
  turn: number;
  /** Rows of the log, and the turn at which all of each is in the table. */
  readonly log: { readonly batch: number; readonly until: number }[];
}

function stretchOf(code: number): number {
  return stretches / 2 + Math.floor(code < 0 ? code / otherWidth : code / ownWidth);
}

function hold(held: Held, pairs: ArrayLike<number>): void {
  for (let at = 0; at < pairs.length; at += 2) {
    const [code, message] = [pairs[at] as number, pairs[at + 1] as number]; // pairs
    held.stretches[stretchOf(code)]?.push(code, message);
  }
  held.count += pairs.length / 2;
}

function takeStretch(held: Held): number[] {
  const pairs = held.stretches[held.turn % stretches]?.splice(0) ?? [];
  held.count -= pairs.length / 2;
  const coded: CodedMessage[] = [];
  for (let at = 0; at < pairs.length; at += 2) coded.push([pairs[at] as number, pairs[at + 1] as number]); // pairs
  return coded.sort((one, other) => one[0] - other[0]).flat();
}

/** The least message. */
function leastOf(pairs: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 1; at < pairs.length; at += 2) least = Math.min(least, pairs[at] as number); // before the end
  return least;
}

/** With a checksum behind them: of an id that a damaged one stands for nobody would know that it was there. */
function pack(pairs: ArrayLike<number>): Uint8Array {
  const numbers = new Float64Array(pairs.length + 1);
  numbers.set(pairs);
  const bytes = new Uint8Array(numbers.buffer);
  numbers[pairs.length] = crc32(bytes.subarray(0, pairs.length * numberBytes));
  return bytes;
}

/** @throws LEDGER_DAMAGED. */
function unpack(packed: Uint8Array): Float64Array {
  // Copied, because numbers have to begin at a multiple of their size.
  const numbers = new Float64Array(packed.slice(0, packed.length - (packed.length % numberBytes)).buffer);
  const pairs = numbers.subarray(0, -1);
  if (crc32(packed.subarray(0, pairs.length * numberBytes)) !== numbers.at(-1))
    throw damaged('what came last into the index of ids is not what was written');
  return pairs;
}
