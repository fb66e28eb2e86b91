/** An `Export…ServiceResponse`, which is the same for logs and traces: empty where nothing was rejected. */
export function exportResponse(rejected: number, reason = ''): Uint8Array<ArrayBuffer> {
  return rejected === 0 ? new Uint8Array() : lengthField(1, numberAndText(rejected, reason));
}

/** A `google.rpc.Status`. */
export function status(code: number, message: string): Uint8Array<ArrayBuffer> {
  return numberAndText(code, message);
}

/** An integer in field 1 and a text in field 2: a partial success and a status both are this. */
function numberAndText(number: number, text: string): Uint8Array<ArrayBuffer> {
  return Buffer.concat([varint(fieldTag(1, VARINT)), varint(number), lengthField(2, Buffer.from(text))]);
}

const VARINT = 0;
const LENGTH = 2;

function lengthField(number: number, content: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.concat([varint(fieldTag(number, LENGTH)), varint(content.length), content]);
}

function fieldTag(number: number, way: number): number {
  return number * 8 + way;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Buffer.from([...bytes, rest]);
}
