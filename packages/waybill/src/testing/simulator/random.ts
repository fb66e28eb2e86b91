/** Chance that comes out the same each time, on any machine. */
export interface Random {
  /** A whole number from 0 up to, and without, `limit`. */
  below(limit: number): number;
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
  chance(share: number): boolean;
  pick<T>(choices: readonly [T, ...T[]]): T;
  /** One of the choices, each as often as its weight says. */
  weigh<T extends string>(weights: Readonly<Partial<Record<T, number>>>): T;
}

/**
 * Chance for one purpose of one workflow. Each purpose has its own: that a fact is lost must not change what happens
 * next.
 */
export function createRandom(seed: number, index: number, purpose: number): Random {
  const next = sfc32(seed, index, purpose);
  const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit);
  const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T; // sound: the index is in range
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (share) => next() < share * 2 ** 32,
    pick,
    weigh: <T extends string>(weights: Readonly<Partial<Record<T, number>>>) => {
      const entries = Object.entries(weights) as [T, number][]; // sound: the keys are those of the type
      let left = below(entries.reduce((sum, [, weight]) => sum + weight, 0));
      for (const [choice, weight] of entries) {
        left -= weight;
        if (left < 0) return choice;
      }
      throw new RangeError('nothing to choose from');
    },
  };
}

/** Small, fast, and with 128 bits of state: streams of neighbouring workflows do not meet. */
function sfc32(seed: number, index: number, purpose: number): () => number {
  let a = seed | 0;
  let b = index | 0;
  let c = purpose | 0;
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 20; round++) next(); // until what was put in is mixed
  return next;
}
