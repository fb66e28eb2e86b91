/** The texts of blocks that were read lately, in so many bytes. */
export interface RecentTexts {
  /** A view of what is kept: whoever asks is done with it before the next one is set. */
  get(block: number): Buffer | undefined;
  set(block: number, text: Buffer): void;
  clear(): void;
}

/**
 * All of them lie in one buffer, the newest over the oldest: a buffer each would be memory that only a whole collection
 * gives back, which then runs as often as blocks are read.
 */
export function createRecentTexts(bytesMax: number): RecentTexts {
  const all = Buffer.allocUnsafeSlow(bytesMax);
  // In the order in which they came, which is that in which they lie from `next` on, and around.
  let places = new Map<number, { readonly from: number; readonly to: number }>();
  let next = 0;

  /** Lets go of the oldest, as long as they lie in this stretch. */
  function clearStretch(from: number, to: number): void {
    for (const [block, place] of places) {
      if (place.from >= to || place.to <= from) return;
      places.delete(block);
    }
  }

  return {
    get(block) {
      const place = places.get(block);
      return place && all.subarray(place.from, place.to);
    },
    set(block, text) {
      if (text.length > bytesMax || places.has(block)) return;
      if (next + text.length > bytesMax) {
        clearStretch(next, bytesMax);
        next = 0;
      }
      const to = next + text.length;
      clearStretch(next, to);
      text.copy(all, next);
      places.set(block, { from: next, to });
      next = to;
    },
    clear() {
      places = new Map();
      next = 0;
    },
  };
}
