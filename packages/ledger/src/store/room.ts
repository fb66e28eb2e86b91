import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

const MEBIBYTE = 1024 * 1024;
/** A delete writes as well: of a disk without any room nothing could be deleted. */
const leftBytesMax = 64 * MEBIBYTE;
const leftShare = 0.1;
/** A reader that stays keeps the log growing. A backup takes as long as the file is large, and has to be able to end. */
const walBytesMin = 1024 * MEBIBYTE;
/** What the disk says is asked of it so often: in between no more is written than deletes have room for. */
const askedEveryMs = 100;

export interface RoomOptions {
  readonly leftBytes?: number;
  readonly walBytesMax?: number;
  /** Asked of the disk, if left out. */
  readonly diskOf?: (folder: string) => Disk;
}

interface Disk {
  readonly bytes: number;
  readonly freeBytes: number;
}

/** Makes what is called before the file grows. It throws where only the room is left that deletes need. */
export function openRoom(database: DatabaseSync, path: string, options: RoomOptions = {}): () => void {
  if (path === ':memory:') return () => {};
  const free = database.prepare(
    `-- How much of the file waits to be used again?
     SELECT freelist_count * page_size AS bytes FROM pragma_freelist_count(), pragma_page_size()`,
  );
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  let askedAt = Number.NEGATIVE_INFINITY;
  let misses: string | undefined;

  function missing(): string | undefined {
    const disk = (options.diskOf ?? askDisk)(dirname(path));
    const left = disk.freeBytes + Number(free.get()?.['bytes']);
    if (left < (options.leftBytes ?? Math.min(leftBytesMax, disk.bytes * leftShare)))
      return `${mebibytes(left)} of room are left, which deletes need`;
    const wal = bytesOf(`${path}-wal`);
    if (wal <= (options.walBytesMax ?? Math.max(walBytesMin, bytesOf(path)))) return undefined;
    // Once the reader has gone, all of the log goes into the file, and the next write begins it anew.
    const { log, checkpointed } = { ...checkpoint.get() };
    return log === checkpointed
      ? undefined
      : `a process reads, and has let the write-ahead log grow to ${mebibytes(wal)}`;
  }

  return () => {
    const now = performance.now();
    if (now - askedAt >= askedEveryMs) {
      askedAt = now;
      misses = missing();
    }
    if (misses !== undefined) throw new Error(misses);
  };
}

function askDisk(folder: string): Disk {
  const { bavail, blocks, bsize } = statfsSync(folder);
  return { bytes: blocks * bsize, freeBytes: bavail * bsize };
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / MEBIBYTE)} MiB`;
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
