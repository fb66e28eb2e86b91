import { decodeVarint, encodeVarint } from './varint.ts';

/** How a field's value lies in the bytes; there are others, which Asynq does not use. */
export const WIRE = { varint: 0, bytes: 2 } as const;

/** One field of a protobuf message, as it stands in the bytes. */
export interface Field {
  readonly number: number;
  readonly wireType: number;
  /** Of wire type 0. */
  readonly value: bigint;
  /** Of wire type 2. */
  readonly bytes: Uint8Array;
  /** Tag and value, for whoever keeps what it does not know. */
  readonly raw: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);
const NUMBER_MAX = 0x1fffffffn;

/**
 * The fields of a message, one after another. Nothing is copied.
 *
 * @throws RangeError for bytes that are no protobuf message.
 */
export function* readFields(message: Uint8Array): Generator<Field> {
  let at = 0;
  while (at < message.length) {
    const start = at;
    const tag = decodeVarint(message, at);
    const number = tag.value >> 3n;
    if (number === 0n || number > NUMBER_MAX) throw new RangeError(`no field begins at byte ${start}`);
    const wireType = Number(tag.value & 7n);
    const { value, from, end } = valueAt(message, tag.end, wireType);
    if (end > message.length) throw new RangeError(`the field at byte ${start} is longer than the message`);
    at = end;
    const bytes = wireType === 2 ? message.subarray(from, end) : NO_BYTES;
    yield { number: Number(number), wireType, value, bytes, raw: message.subarray(start, end) };
  }
}

function valueAt(message: Uint8Array, at: number, wireType: number): { value: bigint; from: number; end: number } {
  switch (wireType) {
    case 0: {
      const { value, end } = decodeVarint(message, at);
      return { value, from: at, end };
    }
    case 1:
      return { value: 0n, from: at, end: at + 8 };
    case 2: {
      const { value, end } = decodeVarint(message, at);
      return { value: 0n, from: end, end: end + Number(value) };
    }
    case 5:
      return { value: 0n, from: at, end: at + 4 };
    default:
      // Groups (3 and 4) have been deprecated since before Asynq was written.
      throw new RangeError(`wire type ${wireType} at byte ${at}`);
  }
}

const tagOf = (number: number, wireType: number): number[] => encodeVarint((number << 3) | wireType);

export function numberField(number: number, value: number | bigint): Uint8Array {
  return Uint8Array.from([...tagOf(number, WIRE.varint), ...encodeVarint(value)]);
}

/** Of a text, of bytes, or of a message inside. */
export function bytesField(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([...tagOf(number, WIRE.bytes), ...encodeVarint(bytes.length)]), bytes]);
}
