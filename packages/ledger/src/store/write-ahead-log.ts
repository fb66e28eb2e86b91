import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { endianness } from 'node:os';

/** How far SQLite will read a write-ahead log, and what lies behind that and was written since the log was begun. */
export interface LogReading {
  readonly bytes: number;
  /** As far as the last transaction whose frames are all as they were written. */
  readonly readableBytes: number;
  /** Frames behind it that are of this log and not of an earlier one whose room it took, a last one in part included. */
  readonly lostFrames: number;
  /** Transactions that end in one of them. */
  readonly lostCommits: number;
  /** The file ends inside a frame of this log. */
  readonly isCut: boolean;
}

const headerBytes = 32;
const frameHeadBytes = 24;
const pageBytesMin = 512;
const pageBytesMax = 65_536;
/** The lowest bit of the first word says in which order the sums take the bytes of a word. */
const magicOfLittleEnd = 0x377f0682;
const readAtOnce = 1_048_576;

/**
 * Reads a log as SQLite does when it recovers one: it takes all up to the first frame whose sum is not that of everything
 * before it, and says nothing of what it leaves. Undefined where there is none to read.
 */
export function readLog(path: string): LogReading | undefined {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes <= headerBytes) return undefined;
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(headerBytes);
    readSync(file, head, 0, headerBytes, 0);
    const log = logOf(head);
    // Of which log the frames are is not known then, nor how long they are.
    if (log === undefined) return { bytes, readableBytes: 0, lostFrames: 0, lostCommits: 0, isCut: false };
    return readFrames(file, bytes, log);
  } finally {
    closeSync(file);
  }
}

interface Log {
  readonly frameBytes: number;
  readonly isLittleEnd: boolean;
  readonly salts: readonly [number, number];
  readonly sum: Sum;
}

type Sum = readonly [number, number];

function logOf(head: Buffer): Log | undefined {
  const magic = head.readUInt32BE(0);
  const pageBytes = head.readUInt32BE(8);
  const isLittleEnd = magic === magicOfLittleEnd;
  if (!isLittleEnd && magic !== magicOfLittleEnd + 1) return undefined;
  if (pageBytes < pageBytesMin || pageBytes > pageBytesMax || (pageBytes & (pageBytes - 1)) !== 0) return undefined;
  const sum = summed(wordsOf(head, isLittleEnd), 0, 6, [0, 0]);
  if (!isSum(head, 24, sum)) return undefined;
  return {
    frameBytes: frameHeadBytes + pageBytes,
    isLittleEnd,
    salts: [head.readInt32BE(16), head.readInt32BE(20)],
    sum,
  };
}

function readFrames(file: number, bytes: number, { frameBytes, isLittleEnd, salts, sum: begun }: Log): LogReading {
  const buffer = Buffer.alloc(Math.ceil(readAtOnce / frameBytes) * frameBytes);
  let [sum, isReadable] = [begun, true];
  let readableBytes = headerBytes;
  let [open, lostFrames, lostCommits, isCut] = [0, 0, 0, false];
  for (let at = headerBytes; at < bytes; at += buffer.length) {
    const read = readSync(file, buffer, 0, buffer.length, at);
    const words = isReadable ? wordsOf(buffer, isLittleEnd) : undefined;
    for (let frame = 0; frame < read; frame += frameBytes) {
      const isWhole = frame + frameBytes <= read;
      const isCommit = frame + 8 <= read && buffer.readInt32BE(frame + 4) !== 0;
      isReadable &&= isWhole && words !== undefined && ofLog(buffer, frame, salts) === 'whole';
      if (isReadable && words !== undefined) {
        const first = frame / 4;
        sum = summed(words, first, first + 2, sum);
        sum = summed(words, first + frameHeadBytes / 4, first + frameBytes / 4, sum);
        isReadable = isSum(buffer, frame + 16, sum);
      }
      if (isReadable) {
        open = isCommit ? 0 : open + 1;
        if (isCommit) readableBytes = at + frame + frameBytes;
        continue;
      }
      // Of less than its salts nobody knows of which log it is.
      if (frame + 16 <= read && ofLog(buffer, frame, salts) === 'none') continue;
      lostFrames++;
      if (!isWhole) isCut = true;
      else if (isCommit) lostCommits++;
    }
  }
  // Those of a transaction whose end is lost are lost with it.
  if (lostFrames > 0) lostFrames += open;
  return { bytes, readableBytes, lostFrames, lostCommits, isCut };
}

/** An earlier log has two other salts: where one of them is that of this log, the other is damaged. */
function ofLog(buffer: Buffer, frame: number, [first, second]: Log['salts']): 'whole' | 'part' | 'none' {
  const isFirst = buffer.readInt32BE(frame + 8) === first;
  const isSecond = buffer.readInt32BE(frame + 12) === second;
  return isFirst && isSecond ? 'whole' : isFirst || isSecond ? 'part' : 'none';
}

/** The words of which sums are made, in the order of bytes in which the log has them. */
function wordsOf(buffer: Buffer, isLittleEnd: boolean): Int32Array {
  const isOurs = isLittleEnd === (endianness() === 'LE');
  const bytes = isOurs ? buffer : Buffer.from(Uint8Array.from(buffer).buffer).swap32();
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** SQLite's sum: two words at a time, each of both in the other. */
function summed(words: Int32Array, from: number, to: number, [first, second]: Sum): Sum {
  let [a, b] = [first, second];
  for (let at = from; at < to; at += 2) {
    a = (a + (words[at] as number) + b) | 0;
    b = (b + (words[at + 1] as number) + a) | 0;
  }
  return [a, b];
}

function isSum(buffer: Buffer, at: number, [a, b]: Sum): boolean {
  return buffer.readInt32BE(at) === a && buffer.readInt32BE(at + 4) === b;
}
