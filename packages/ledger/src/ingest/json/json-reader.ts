import { isAscii, isUtf8 } from 'node:buffer';
import { ledgerError } from '../../errors.ts';
import { Texts } from '../texts.ts';

/** An attribute of 64 levels takes 256 of JSON: what is deeper than this is no request, whichever record it is in. */
const levelsMax = 512;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
/** An object or a list begins with this, and ends two characters later in ASCII. */
export const OBJECT = 0x7b;
export const LIST = 0x5b;
type Container = typeof OBJECT | typeof LIST;

/** Where a reader is. */
export interface Mark {
  readonly at: number;
  readonly levels: number;
}

/**
 * Reads JSON from the front to the back, a value at a time, so that a body is never all objects at once. It takes what
 * `JSON.parse` takes and nothing else: whatever the bytes, it throws BODY_UNREADABLE and nothing else.
 */
export class JsonReader {
  readonly #bytes: Buffer;
  readonly #texts: Texts;
  #at = 0;
  #levels = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!isAscii(this.#bytes) && !isUtf8(this.#bytes)) throw unreadable('it is not UTF-8');
    this.#texts = new Texts(this.#bytes);
    // A byte order mark says no more than that it is UTF-8.
    if (this.#bytes.indexOf('\ufeff') === 0) this.#at = 3;
  }

  get mark(): Mark {
    return { at: this.#at, levels: this.#levels };
  }

  rewind({ at, levels }: Mark): void {
    this.#at = at;
    this.#levels = levels;
  }

  /** Whether an object, or a list, comes next. */
  isAt(container: Container): boolean {
    return this.#next() === container;
  }

  /** Goes behind these bytes, if they come next as they are. What they open has to be closed by others of these. */
  takes(expected: Uint8Array): boolean {
    const [bytes, start] = [this.#bytes, this.#at];
    if (expected.length > bytes.length - start) return false;
    for (let at = 0; at < expected.length; at++) if (bytes[start + at] !== expected[at]) return false;
    this.#at = start + expected.length;
    return true;
  }

  /** Enters what comes next: whether there is anything in it. */
  enter(container: Container): boolean {
    if (this.#next() !== container) this.#fail();
    this.#at++;
    this.#descend();
    return this.#next() !== container + 2 || !this.#leave();
  }

  /** Behind a value: whether another one follows. If not, it is left. */
  goesOn(container: Container): boolean {
    const byte = this.#next();
    if (byte === comma) this.#at++;
    else if (byte !== container + 2) this.#fail();
    return byte === comma || !this.#leave();
  }

  /** The name of the member that comes next, whose value follows. */
  key(): string {
    const key = this.#next() === quote ? this.#text() : this.#fail();
    if (this.#next() !== colon) this.#fail();
    this.#at++;
    return key;
  }

  /** The whole value that comes next, as `JSON.parse` gives it. */
  value(): unknown {
    if (this.#next() === quote) return this.#text();
    const start = this.#at;
    this.passOver();
    return this.#parsed(start, this.#at);
  }

  /** As `value`, and where it is a text of decimal digits, the number that they are: if that is one exactly. */
  integer(): unknown {
    const bytes = this.#bytes;
    if (this.#next() !== quote) return this.value();
    let number = 0;
    let at = this.#at + 1;
    for (; at < bytes.length; at++) {
      const digit = (bytes[at] as number) - 0x30; // within them
      if (digit < 0 || digit > 9) break;
      number = number * 10 + digit;
    }
    const digits = at - this.#at - 1;
    if (bytes[at] !== quote || digits === 0 || digits > 15) return this.value();
    this.#at = at + 1;
    return number;
  }

  /** Goes behind the value that comes next; it is not looked at, so that it may be read yet. */
  passOver(): void {
    const byte = this.#next();
    if (byte === quote) this.#at = this.#endOfText(this.#at + 1) + 1;
    else if (byte === OBJECT || byte === LIST) this.#passContainer();
    else while (this.#at < this.#bytes.length && !isDelimiter(this.#bytes[this.#at] as number)) this.#at++; // within them
  }

  /** Nothing but white space may follow. */
  end(): void {
    if (this.#next() !== 0 || this.#at < this.#bytes.length) this.#fail();
  }

  /** The byte that comes next behind white space, where the reader then is; 0 at the end. */
  #next(): number {
    const bytes = this.#bytes;
    for (; this.#at < bytes.length; this.#at++) {
      const byte = bytes[this.#at] as number; // within them
      if (byte > 0x20 || !isSpace(byte)) return byte;
    }
    return 0;
  }

  #descend(): void {
    if (++this.#levels > levelsMax) throw unreadable(`it is nested more than ${levelsMax} levels deep`);
  }

  #leave(): true {
    this.#at++;
    this.#levels--;
    return true;
  }

  /** The text whose opening quote comes next. */
  #text(): string {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at] as number; // within them
      if (byte === quote) {
        this.#at = at + 1;
        return this.#texts.at(start, at) ?? this.#fail();
      }
      if (byte === backslash) break;
      if (byte < 0x20) this.#fail();
    }
    this.#at = this.#endOfText(start) + 1;
    return this.#parsed(start - 1, this.#at) as string; // it is in quotes
  }

  /** Where the closing quote of a text is. */
  #endOfText(start: number): number {
    const bytes = this.#bytes;
    for (let at = start; at < bytes.length; at++) {
      if (bytes[at] === quote) return at;
      if (bytes[at] === backslash) at++;
    }
    return this.#fail();
  }

  /** Counts what opens and closes, and leaves it to `JSON.parse` whether they belong together. */
  #passContainer(): void {
    const bytes = this.#bytes;
    const levels = this.#levels;
    for (; this.#at < bytes.length; this.#at++) {
      const byte = bytes[this.#at] as number; // within them
      if (byte === quote) this.#at = this.#endOfText(this.#at + 1);
      else if (byte === OBJECT || byte === LIST) this.#descend();
      else if ((byte === OBJECT + 2 || byte === LIST + 2) && --this.#levels === levels) {
        this.#at++;
        return;
      }
    }
    this.#fail();
  }

  #parsed(start: number, end: number): unknown {
    try {
      return JSON.parse(this.#bytes.toString('utf8', start, end));
    } catch {
      // The parser's own message quotes the body, which may hold what nobody wants in a log.
      return this.#fail();
    }
  }

  #fail(): never {
    throw unreadable('it is not JSON');
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** What a number, true, false or null ends before. */
function isDelimiter(byte: number): boolean {
  return byte === comma || byte === OBJECT + 2 || byte === LIST + 2 || isSpace(byte);
}

function unreadable(why: string): Error {
  return ledgerError('BODY_UNREADABLE', why);
}
