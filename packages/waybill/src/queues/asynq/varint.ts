/** A base-128 number, as protobuf writes all whole numbers; a negative one takes ten bytes. */
export function encodeVarint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}

const VARINT_BYTES_MAX = 10;

/**
 * Reads one at `at`.
 *
 * @throws RangeError where the bytes end in it, or it is longer than 64 bits.
 */
export function decodeVarint(bytes: Uint8Array, at: number): { readonly value: bigint; readonly end: number } {
  let value = 0n;
  for (let index = 0; index < VARINT_BYTES_MAX; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) break;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: at + index + 1 };
  }
  throw new RangeError(`no whole number at byte ${at}`);
}
