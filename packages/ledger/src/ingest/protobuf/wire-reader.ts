import { ledgerError } from '../../errors.ts';
import { Texts } from '../texts.ts';

/** An attribute of 64 levels takes 192 messages of protobuf: what is deeper than this is no request. */
const levelsMax = 384;
/** An SDK's own limits, 128 of everything, allow 65,792. An empty value has two bytes on the wire, and fifty in memory. */
const valuesMax = 1_000_000;

/**
 * Reads protobuf from the front to the back, and never past the end of the message that it is in. Whatever the bytes,
 * it throws BODY_UNREADABLE and nothing else.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #texts: Texts;
  #at = 0;
  #end: number;
  #levels = 0;
  #values = 0;
  /** The two halves of the last varint: it has more bits than a number holds. */
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.byteLength;
    this.#texts = new Texts(this.#bytes);
  }

  /** Whether the message that it is in goes on. */
  get hasMore(): boolean {
    return this.#at < this.#end;
  }

  get at(): number {
    return this.#at;
  }

  /** Back to where it was before, in the same message. */
  rewind(at: number): void {
    this.#at = at;
  }

  /** From here on the values of another record are counted. */
  recount(): void {
    this.#values = 0;
  }

  /** Enters the message that comes next. What it gives is for `leave`. */
  enter(): number {
    const length = this.#length();
    if (++this.#levels > levelsMax) throw unreadable(`it is nested more than ${levelsMax} levels deep`);
    if (++this.#values > valuesMax) throw unreadable(`it has a record of more than ${valuesMax} values`);
    const outerEnd = this.#end;
    this.#end = this.#at + length;
    return outerEnd;
  }

  /** Leaves the message at its end. */
  leave(outerEnd: number): void {
    this.#end = outerEnd;
    this.#levels--;
  }

  /** The number of the field that comes next, and above it, in three bits, how it is written. */
  tag(): number {
    const tag = this.#small();
    return tag >= 8 ? tag : this.#fail();
  }

  /** Text that is not UTF-8 is null, so that only what rests on it is rejected: to mend it is to make another id of it. */
  text(): string | null {
    const length = this.#length();
    const start = this.#take(length);
    return this.#texts.at(start, this.#at);
  }

  /** Bytes, in lower-case hex or base64. */
  bytesAs(encoding: 'hex' | 'base64'): string {
    const length = this.#length();
    const start = this.#take(length);
    return this.#bytes.toString(encoding, start, this.#at);
  }

  /** In decimal, exact: nanoseconds since 1970 are more than a number holds. */
  fixed64(): string {
    return this.#bytes.readBigUInt64LE(this.#take(8)).toString();
  }

  /** In decimal, exact. */
  int64(): string {
    this.#varint();
    // Up to 2^53, where numbers are exact.
    if (this.#high < 2 ** 21) return String(this.#high * 2 ** 32 + this.#low);
    return BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low)).toString();
  }

  int32(): number {
    this.#varint();
    return this.#low | 0;
  }

  flag(): boolean {
    this.#varint();
    return this.#low !== 0 || this.#high !== 0;
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  /** Passes over a field that nobody asks for. */
  skip(tag: number): void {
    const way = tag & 7;
    if (way === 0) this.#varint();
    else if (way === 1) this.#take(8);
    else if (way === 2) this.#take(this.#length());
    else if (way === 3) this.#skipGroup(tag >>> 3);
    else if (way === 5) this.#take(4);
    else this.#fail();
  }

  /** A group is a message without a length, which only its end tells. OTLP has none, but what is unknown may be one. */
  #skipGroup(number: number): void {
    const open = [number];
    while (open.length > 0) {
      const tag = this.tag();
      if ((tag & 7) === 3) {
        if (open.push(tag >>> 3) > levelsMax) throw unreadable(`it is nested more than ${levelsMax} levels deep`);
      } else if ((tag & 7) === 4) {
        if (open.pop() !== tag >>> 3) this.#fail();
      } else {
        this.skip(tag);
      }
    }
  }

  #length(): number {
    const length = this.#small();
    return length <= this.#end - this.#at ? length : this.#fail();
  }

  /** A tag or a length, which are mostly one byte. */
  #small(): number {
    if (this.#at < this.#end) {
      const byte = this.#bytes[this.#at] as number; // before the end
      if (byte < 0x80) {
        this.#at++;
        return byte;
      }
    }
    this.#varint();
    return this.#high === 0 ? this.#low : this.#fail();
  }

  #varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#take(1)] as number; // before the end
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high = bits >>> 4;
      else if (shift > 28) high |= bits << (shift - 32);
      if (byte >= 0x80) continue;
      if (shift === 63 && bits > 1) break;
      this.#low = low >>> 0;
      this.#high = high >>> 0;
      return;
    }
    this.#fail();
  }

  /** Where the next so many bytes begin. */
  #take(length: number): number {
    const start = this.#at;
    if (length > this.#end - start) this.#fail();
    this.#at = start + length;
    return start;
  }

  #fail(): never {
    throw unreadable(`it is not protobuf from byte ${this.#at} on`);
  }
}

function unreadable(why: string): Error {
  return ledgerError('BODY_UNREADABLE', why);
}
