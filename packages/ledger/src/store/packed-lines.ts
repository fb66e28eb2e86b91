import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { inflateSync } from 'fflate';
import { damaged } from './damage.ts';
import type { Dictionaries, Dictionary } from './dictionaries.ts';

const plainKind = 0;
const deflatedKind = 1;
/** Which of both it is, a checksum of the text, and the key of the dictionary. */
const headBytes = 7;
const sumAt = 1;
const dictionaryAt = 5;
/** A window of twice what a block mostly has: what is opened for each call is as large as these say. */
const PACKING = { level: 6, windowBits: 13, memLevel: 6, chunkSize: 4_000 };
/** Where a block is unpacked, one after another; one with long lines needs more. */
const unpacked = Buffer.allocUnsafeSlow(64 * 1024);

/** Where the text of a block is written before it is packed. A character takes three bytes at most. */
const written = Buffer.allocUnsafeSlow(64 * 1024);
const bytesPerCharacterMax = 3;

export function linesIn(text: Buffer): string[] {
  return text.toString().split('\n');
}

export function isPlain(block: Uint8Array): boolean {
  return block[0] === plainKind;
}

export function plain(lines: readonly string[]): Uint8Array {
  const text = bytesOf(lines);
  return Buffer.concat([headOf(plainKind, text, 0), text]);
}

export function packed(lines: readonly string[], { key, text: dictionary }: Dictionary): Uint8Array {
  const text = bytesOf(lines);
  return Buffer.concat([headOf(deflatedKind, text, key), deflateRawSync(text, { ...PACKING, dictionary })]);
}

function bytesOf(lines: readonly string[]): Buffer {
  const text = lines.join('\n');
  if (text.length * bytesPerCharacterMax > written.length) return Buffer.from(text);
  return written.subarray(0, written.write(text));
}

/** SQLite keeps no checksums: without this one a bit that the disk turned over would be another fact. */
function headOf(kind: number, text: Buffer, dictionary: number): Buffer {
  const head = Buffer.alloc(headBytes, kind);
  head.writeUInt32LE(crc32(text), sumAt);
  head.writeUInt16LE(dictionary, dictionaryAt);
  return head;
}

/**
 * The text of a block, which lies where that of the next one will.
 *
 * @throws LEDGER_DAMAGED.
 */
export function unpack(bytes: Uint8Array, dictionaries: Dictionaries): Buffer {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (block.length < headBytes) throw damaged('a block of facts has no head');
  const packedText = block.subarray(headBytes);
  const { text: dictionary } = dictionaries.of(block.readUInt16LE(dictionaryAt));
  try {
    const text = isPlain(block) ? packedText : inflated(packedText, dictionary);
    if (crc32(text) === block.readUInt32LE(sumAt)) return text;
  } catch {
    // What cannot be inflated is damaged as well.
  }
  throw damaged('a block of facts is not what was written');
}

/** In JavaScript: each call of Node's makes a stream, and to let go of these takes the collector longer than to inflate. */
function inflated(bytes: Uint8Array, dictionary: Uint8Array): Buffer {
  const { length } = inflateSync(bytes, { dictionary, out: unpacked });
  if (length < unpacked.length) return unpacked.subarray(0, length);
  return inflateRawSync(bytes, { windowBits: PACKING.windowBits, dictionary });
}
