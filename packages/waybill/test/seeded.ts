/** Chance that comes out the same each time: a case that failed once fails again. */
export interface Seeded {
  /** A whole number from 0 up to, and without, `limit`. */
  below(limit: number): number;
  pick<T>(choices: readonly T[]): T;
  chance(share: number): boolean;
  /** Text with quotes, control characters, letters of every width, and halves of pairs. */
  text(lengthMax: number): string;
}

const ALPHABETS: readonly (readonly [from: number, to: number])[] = [
  [0x20, 0x7e],
  [0x20, 0x7e],
  [0x00, 0x1f],
  [0x7f, 0xff],
  [0x0400, 0x04ff],
  [0x2028, 0x202e],
  [0x4e00, 0x9fff],
  [0xd800, 0xdfff],
  [0xfff0, 0xffff],
];

export function seeded(seed: number): Seeded {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state;
  };
  const below = (limit: number) => next() % limit;
  const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T; // the index is in range
  const text = (lengthMax: number) => {
    let made = '';
    for (let left = below(lengthMax + 1); left > 0; left--) {
      const [from, to] = pick(ALPHABETS);
      made += below(8) === 0 ? pick(['"', '\\', '{', '}', ',']) : String.fromCharCode(from + below(to - from + 1));
    }
    return made;
  };
  return { below, pick, text, chance: (share) => below(1_000_000) < share * 1_000_000 };
}
