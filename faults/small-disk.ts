import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, statfsSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of its own, in memory, that can be full without harm. */
export interface SmallDisk {
  readonly folder: string;
  /** Takes so much of the room that is left, as somebody else's file would. */
  fill(share: number): void;
  /** Gives it back. */
  free(): void;
  remove(): void;
}

/** Null where it may not be made: only root may, and not in every container. */
export function smallDisk(mebibytes: number): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-disk-'));
  const made = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder]);
  if (made.status !== 0) {
    rmSync(folder, { recursive: true });
    return null;
  }
  const ballast = join(folder, 'somebody-elses-file');
  return {
    folder,
    fill(share) {
      const { bavail, bsize } = statfsSync(folder);
      appendFileSync(ballast, Buffer.alloc(Math.floor(bavail * share) * bsize, 'x'));
    },
    free: () => truncateSync(ballast, 0),
    remove() {
      execFileSync('umount', [folder]);
      rmSync(folder, { recursive: true });
    },
  };
}
