import { isAscii, isUtf8 } from 'node:buffer';

const slotsCount = 2048;
const repeatedLengthMax = 48;

/**
 * The texts of one body. Names of attributes come with every record, and many values: a short text is compared with the
 * last one like it before it is decoded. Without this a record takes half as long again.
 */
export class Texts {
  readonly #bytes: Buffer;
  readonly #isAscii: boolean;
  // A slot holds the text that came last, so that no sender fills more than these.
  readonly #texts: (string | null)[] = new Array(slotsCount).fill(null);
  readonly #starts = new Int32Array(slotsCount);
  readonly #lengths = new Int32Array(slotsCount);

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#isAscii = isAscii(bytes);
  }

  /** The text in these bytes; null if it is not UTF-8. The caller has checked that they are there. */
  at(start: number, end: number): string | null {
    const length = end - start;
    if (length === 0) return '';
    if (length > repeatedLengthMax) return this.#decoded(start, end);
    const slot = this.#slotOf(start, length);
    if (this.#lengths[slot] === length && this.#isSame(this.#starts[slot] as number, start, length)) {
      return this.#texts[slot] as string | null; // each slot is filled
    }
    const text = this.#decoded(start, end);
    this.#texts[slot] = text;
    this.#starts[slot] = start;
    this.#lengths[slot] = length;
    return text;
  }

  /** By the length and three characters: whoever finds two names in one slot only decodes them each time. */
  #slotOf(start: number, length: number): number {
    const middle = this.#bytes[start + (length >> 1)] as number;
    const later = this.#bytes[start + (length >> 2) * 3] as number;
    const last = this.#bytes[start + length - 1] as number;
    return (length * 7 + middle * 5 + later * 17 + last * 31) & (slotsCount - 1);
  }

  #isSame(one: number, other: number, length: number): boolean {
    const bytes = this.#bytes;
    for (let at = 0; at < length; at++) if (bytes[one + at] !== bytes[other + at]) return false;
    return true;
  }

  #decoded(start: number, end: number): string | null {
    // Most bodies are, and then nothing has to be decoded.
    if (this.#isAscii) return this.#bytes.toString('latin1', start, end);
    const text = this.#bytes.toString('utf8', start, end);
    // Decoding puts this character where it fails, but the text may also have one of its own.
    return text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(start, end)) ? null : text;
  }
}
