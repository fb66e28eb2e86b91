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

/** What one request has of them. */
export interface Lent {
  /** Empty, and the request's until its end. */
  body(lengthMin: number): Body;
  /** Gives all back. */
  end(): void;
}

/** A body as far as it has come. */
export interface Body {
  add(part: Uint8Array): void;
  bytes(): Buffer;
}

export function lendFrom({ take, giveBack }: BodyBuffers): Lent {
  const taken = new Set<Buffer>();
  const taking = (least: number) => {
    const buffer = take(least);
    taken.add(buffer);
    return buffer;
  };
  return {
    body(lengthMin) {
      let buffer = taking(lengthMin);
      let length = 0;
      return {
        add(part) {
          if (length + part.length > buffer.length) {
            const larger = taking(length + part.length);
            larger.set(buffer.subarray(0, length));
            taken.delete(buffer);
            giveBack(buffer);
            buffer = larger;
          }
          buffer.set(part, length);
          length += part.length;
        },
        bytes: () => buffer.subarray(0, length),
      };
    },
    end() {
      for (const buffer of taken) giveBack(buffer);
    },
  };
}
