import { type EndingRange, endingOf } from './endings.ts';

/** Beside an ending a code has so many bits of the whole id: whoever makes up ids may let many end alike. */
const besideEnding = 2 ** 18;

/**
 * The number under which an id is looked up: of our own first the ending, so that one index finds it whole and by its
 * last digits; of any other a hash, below zero, where no ending lies. Ids may share one: whoever looks one up compares.
 */
export function idCode(id: string): number {
  const ending = endingOf(id);
  return ending === null ? -1 - hashOf(id) : ending * besideEnding + (hashOf(id) % besideEnding);
}

/** The codes of all own ids whose endings lie in a range. */
export function codesOfEndings({ low, high }: EndingRange): EndingRange {
  return { low: low * besideEnding, high: (high + 1) * besideEnding - 1 };
}

/** The same for a span, whose id is unique at best in its trace. */
export function spanCode(traceId: string, spanId: string): number {
  return -1 - hashOf(`${traceId}-${spanId}`);
}

/** The span that a gap's traceparent names, if it has the form of one. */
export function parentCode(traceparent: string): number | null {
  const parts = /^00-([0-9a-f]{32})-([0-9a-f]{16})-/.exec(traceparent);
  return parts === null ? null : spanCode(parts[1] ?? '', parts[2] ?? '');
}

/** FNV-1a, 31 bits of it: few ids share one, and whoever makes some up slows down only what looks for them. */
function hashOf(text: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return sum >>> 1;
}
