import { distance } from 'fastest-levenshtein';
import { digitValue, isOwnId } from './packed-id.ts';

/** A range of `ending` columns, and what the id must end in besides. */
export interface EndingRange {
  readonly low: number;
  readonly high: number;
}

const indexedDigits = 6;
const endingDigitsMin = 4;
const ownDigits = 26;
const editsMax = 1;
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * The last six digits of an own id, reversed, as 30 bits: so an ending of four or five is a range of one index.
 * Null for a foreign id, which is found whole or not at all.
 */
export function endingOf(id: string): number | null {
  return isOwnId(id) ? (rangeOf(id.slice(-indexedDigits))?.low ?? null) : null;
}

/** Where in the index ids with these last digits lie; only the last six narrow it. Null when these are no digits. */
export function rangeOf(digits: string): EndingRange | null {
  const indexed = digits.slice(-indexedDigits);
  let low = 0;
  for (let place = indexed.length - 1; place >= 0; place--) {
    const value = digitValue(indexed[place] ?? '');
    if (value === null) return null;
    low = low * 32 + value;
  }
  const span = 32 ** (indexedDigits - indexed.length);
  return { low: low * span, high: (low + 1) * span - 1 };
}

/** Somebody's spelling of an own id, as we would have written it: read aloud, O and 0, I, L and 1 are the same. */
export function canonicalId(typed: string): string | null {
  const parts = /^(?:([a-z]{3,4})_)?([0-9a-z]{4,27})$/i.exec(typed);
  if (parts === null) return null;
  const [, prefix, digits = ''] = parts;
  const forgiven = digits.toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return prefix === undefined ? forgiven : `${prefix.toLowerCase()}_${forgiven}`;
}

/** The digits of a typed ending; null for what is no ending of an own id. */
export function typedEnding(typed: string): string | null {
  const canonical = canonicalId(typed);
  if (canonical === null || canonical.includes('_') || canonical.length > ownDigits) return null;
  return rangeOf(canonical) === null ? null : canonical;
}

/** Ranges that hold every id whose ending is within one edit of the typed one: a few hundred index look-ups. */
export function nearbyRanges(canonical: string): EndingRange[] {
  const tail = canonical.slice(canonical.indexOf('_') + 1).slice(-indexedDigits);
  const spellings = new Set([tail]);
  for (let place = 0; place <= tail.length; place++) {
    const before = tail.slice(0, place);
    spellings.add(before + tail.slice(place + 1));
    for (const digit of ALPHABET) {
      spellings.add(before + digit + tail.slice(place + 1));
      spellings.add(before + digit + tail.slice(place));
    }
  }
  const long = [...spellings].filter((spelling) => spelling.length >= endingDigitsMin);
  return long.map(rangeOf).filter((range) => range !== null);
}

/** Whether the id, or its ending of about that length, is within one edit of what was typed. */
export function isNearby(canonical: string, id: string): boolean {
  if (canonical.includes('_')) return distance(canonical, id) <= editsMax;
  const digits = id.slice(-ownDigits);
  return [canonical.length - 1, canonical.length, canonical.length + 1]
    .filter((length) => length >= endingDigitsMin)
    .some((length) => distance(canonical, digits.slice(-length)) <= editsMax);
}
