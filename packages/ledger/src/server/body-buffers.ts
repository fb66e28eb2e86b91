/**
 * Memory for bodies, used again and again. Left to the collector, those of the last half second lay in memory with what
 * they were read in, and made it look through all that is alive twice as often.
 */
export interface BodyBuffers {
  /** Has at least so many bytes; what is in them is of others. */
  take(least: number): Buffer;
  /** Whoever gives one back reads it no more. */
  giveBack(buffer: Buffer): void;
}

const lengthMin = 64 * 1024;
/** So much is kept while nobody needs it, what a few exporters at a time send, and no buffer that takes half of it. */
const keptBytesMax = 8 * 1024 * 1024;

export function openBodyBuffers(): BodyBuffers {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  return {
    take(least) {
      const length = Math.max(lengthMin, 2 ** Math.ceil(Math.log2(least)));
      const place = kept.findIndex((buffer) => buffer.length === length);
      if (place < 0) return Buffer.allocUnsafeSlow(length);
      keptBytes -= length;
      return kept.splice(place, 1)[0] as Buffer; // it was found there
    },
    giveBack(buffer) {
      if (buffer.length > keptBytesMax / 2) return;
      kept.push(buffer);
      keptBytes += buffer.length;
      // What was not needed for longest goes first.
      while (keptBytes > keptBytesMax) keptBytes -= kept.shift()?.length ?? 0;
    },
  };
}
