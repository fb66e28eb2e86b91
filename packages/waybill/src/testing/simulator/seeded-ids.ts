import type { MintId } from '../../core/ids.ts';
import type { Random } from './random.ts';

/** What an instance mints ids with. */
export interface SeededIds {
  readonly mintId: MintId;
  readonly mintTraceId: () => string;
  /** A span of somebody else's. */
  readonly mintSpanId: () => string;
}

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Two digits for each 10 bits. */
const PAIRS = Array.from({ length: 1024 }, (_, bits) => `${DIGITS[bits >> 5]}${DIGITS[bits & 31]}`);
const HEX = Array.from({ length: 65_536 }, (_, bits) => bits.toString(16).padStart(4, '0'));

/** Ids in the form of the real ones (`prefix_` and a UUIDv7 in Crockford's base32), with chance that can be repeated. */
export function createSeededIds(random: Random): SeededIds {
  const pair = () => PAIRS[random.below(1024)];
  const hex = (words: number) => {
    let text = '';
    for (let word = 0; word < words; word++) text += HEX[random.below(65_535) + 1]; // never all zeros, which W3C forbids
    return text;
  };
  return {
    mintId: (prefix, at) => {
      const versioned = PAIRS[(0b01110 << 5) | random.below(64)];
      const varied = PAIRS[(random.below(64) << 4) | 0b1000 | random.below(4)];
      return `${prefix}_${timeDigits(at)}${versioned}${varied}${pair()}${pair()}${pair()}${pair()}${pair()}${pair()}`;
    },
    mintTraceId: () => hex(8),
    mintSpanId: () => hex(4),
  };
}

/** 48 bits of time as ten digits. */
function timeDigits(at: number): string {
  let digits = '';
  for (let rest = at, place = 0; place < 5; place++, rest = Math.floor(rest / 1024)) {
    digits = PAIRS[rest % 1024] + digits;
  }
  return digits;
}
