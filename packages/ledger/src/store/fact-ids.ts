import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { type MarkTable, openMarkTable } from './mark-table.ts';
import { instantOf, isOwnId, numberAt } from './packed-id.ts';

/**
 * Which facts are there already. An index of whole ids would take as much room as all else that a fact says: this keeps
 * 32 bits of each by the seconds in which it was made, and tells where those lie that may be the same.
 */
export interface FactIds {
  /** Places of facts that may have this id; below zero, of those that recorders dropped. Mostly there is none. */
  candidates(id: string): readonly number[];
  /** All that were written together: their places lie near each other. */
  add(ids: readonly PlacedId[]): void;
  remove(ids: readonly PlacedId[]): void;
  forget(): void;
}

export interface PlacedId {
  readonly id: string;
  readonly place: number;
}

/** Where the bits of an id belong, and the bits. */
interface Mark {
  readonly bucket: number;
  readonly bits: number;
}

const bucketMs = 8_192;
const entryBytes = 6; // four of the id, two of its place
/** Room for so many marks, in 9 MB: those of the last seconds are what is looked for. */
const rememberedMax = 786_432;

export function openFactIds(database: DatabaseSync): FactIds {
  const select = database.prepare('SELECT place, marks FROM fact_ids WHERE bucket = ?');
  const insert = database.prepare('INSERT INTO fact_ids (bucket, place, marks) VALUES (?, ?, ?)');
  const update = database.prepare('UPDATE fact_ids SET marks = ? WHERE bucket = ? AND place = ?');
  const remove = database.prepare('DELETE FROM fact_ids WHERE bucket = ? AND place = ?');
  const remembered = new Map<number, MarkTable>();
  let room = 0;

  function* writtenIn(bucket: number): Generator<Entry> {
    for (const row of select.all(bucket)) yield* entriesOf(row['marks'] as Uint8Array, Number(row['place'])); // a blob
  }

  function tableOf(bucket: number): MarkTable {
    let table = remembered.get(bucket);
    if (table !== undefined) return table;
    table = openMarkTable();
    for (const { bits, place } of writtenIn(bucket)) table.add(bits, place);
    remembered.set(bucket, table);
    room += table.capacity();
    for (const [oldest, { capacity }] of remembered) {
      if (room <= rememberedMax || oldest === bucket) break;
      remembered.delete(oldest);
      room -= capacity();
    }
    return table;
  }

  return {
    candidates(id) {
      const { bucket, bits } = markOf(id);
      if (bucket >= 0) return tableOf(bucket).placesOf(bits);
      // Each id that is not our own has a bucket of its own, which is hardly asked for twice.
      return [...writtenIn(bucket)].filter((entry) => entry.bits === bits).map(({ place }) => place);
    },
    add(ids) {
      for (const [bucket, entries] of byBucket(ids)) {
        const base = Math.min(...entries.map(({ place }) => place));
        insert.run(bucket, base, packed(entries, base));
        const table = remembered.get(bucket);
        if (table === undefined) continue;
        const before = table.capacity();
        for (const { bits, place } of entries) table.add(bits, place);
        room += table.capacity() - before;
      }
    },
    remove(ids) {
      for (const [bucket, entries] of byBucket(ids)) {
        const gone = new Set(entries.map(({ place }) => place));
        for (const row of select.all(bucket)) {
          const base = Number(row['place']);
          const all = [...entriesOf(row['marks'] as Uint8Array, base)];
          const left = all.filter(({ place }) => !gone.has(place));
          if (left.length === 0) remove.run(bucket, base);
          else if (left.length < all.length) update.run(packed(left, base), bucket, base);
        }
      }
    },
    forget() {
      remembered.clear();
      room = 0;
    },
  };
}

interface Entry {
  readonly bits: number;
  readonly place: number;
}

function byBucket(ids: readonly PlacedId[]): Map<number, Entry[]> {
  const buckets = new Map<number, Entry[]>();
  for (const { id, place } of ids) {
    const { bucket, bits } = markOf(id);
    const entries = buckets.get(bucket);
    if (entries === undefined) buckets.set(bucket, [{ bits, place }]);
    else entries.push({ bits, place });
  }
  return buckets;
}

function packed(entries: readonly Entry[], base: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(entries.length * entryBytes);
  for (const [index, { bits, place }] of entries.entries()) {
    bytes.writeInt32LE(bits, index * entryBytes);
    bytes.writeUInt16LE(place - base, index * entryBytes + 4);
  }
  return bytes;
}

function* entriesOf(marks: Uint8Array, base: number): Generator<Entry> {
  const bytes = Buffer.from(marks.buffer, marks.byteOffset, marks.byteLength);
  for (let at = 0; at < bytes.length; at += entryBytes)
    yield { bits: bytes.readInt32LE(at), place: base + bytes.readUInt16LE(at + 4) };
}

/** Of our own ids the time, and 19 bits of what is random; any other is hashed, and lies below zero. */
function markOf(id: string): Mark {
  if (!isOwnId(id)) {
    const hash = createHash('sha256').update(id).digest();
    return { bucket: -1 - hash.readUIntLE(0, 5), bits: hash.readInt32LE(8) };
  }
  const instant = instantOf(id);
  return { bucket: Math.floor(instant / bucketMs), bits: ((instant % bucketMs) << 19) | mixed(id) };
}

/** Of twelve digits, because an id that somebody made up may count in the last. */
function mixed(ownId: string): number {
  const last = numberAt(ownId, ownId.length - 6, 6);
  const before = numberAt(ownId, ownId.length - 12, 6);
  return Math.imul(last ^ Math.imul(before, 0x85ebca6b), 0x9e3779b1) >>> 13;
}
