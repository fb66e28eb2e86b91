/** An id as it is stored: 17 bytes for one of our own, else the text itself. The two can never be equal. */
export type PackedId = Uint8Array | string;

// The position is the code in the file: append only.
const PREFIXES = ['', 'req', 'tick', 'run', 'msg', 'bat', 'exe', 'fct', 'plan', 'fan', 'flow'];
const codeOfPrefix = new Map(PREFIXES.map((prefix, code) => [prefix, code]));

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const digitCount = 26;
/** The prefix's code, and 128 bits. */
const packedLength = 17;
const noDigit = 255;
const valueOfCharacter = new Uint8Array(128).fill(noDigit);
for (let value = 0; value < DIGITS.length; value++) valueOfCharacter[DIGITS.charCodeAt(value)] = value;

/** The value of a Crockford base32 digit as we write it: upper case, and never I, L, O or U. */
export function digitValue(character: string): number | null {
  const code = character.charCodeAt(0);
  const value = code < 128 ? valueOfCharacter[code] : noDigit;
  return value === undefined || value === noDigit ? null : value;
}

/**
 * Packs `prefix_` and 26 digits into the prefix's code and the 128 bits. What only looks like one of ours (another
 * prefix, lower case, more than 128 bits) stays text: unpacked it would read differently, and ids are kept whole.
 */
export function packId(id: string): PackedId {
  const digitsAt = id.length - digitCount;
  if (digitsAt < 4 || digitsAt > 5 || id.charCodeAt(digitsAt - 1) !== 0x5f) return id;
  const code = codeOfPrefix.get(id.slice(0, digitsAt - 1));
  if (code === undefined) return id;
  const packed = new Uint8Array(packedLength);
  packed[0] = code;
  let bits = 0;
  let pending = 0;
  let filled = 1;
  for (let place = 0; place < digitCount; place++) {
    const value = valueAt(id, digitsAt + place);
    if (value === noDigit || (place === 0 && value > 7)) return id;
    bits = (bits << 5) | value;
    pending += place === 0 ? 3 : 5; // 26 digits hold 130 bits: the first one carries three
    if (pending >= 8) {
      pending -= 8;
      packed[filled++] = bits >> pending;
      bits &= (1 << pending) - 1;
    }
  }
  return packed;
}

/** All digits by twos, by the ten bits that they write. */
const PAIRS = Array.from({ length: 1024 }, (_, bits) => `${DIGITS[bits >> 5]}${DIGITS[bits & 31]}`);

/** The id as it was recorded. */
export function unpackId(packed: PackedId): string {
  if (typeof packed === 'string') return packed;
  let digits = '';
  let bits = 0;
  let pending = 2; // two zero bits before the 128 make 26 whole digits
  for (let place = 1; place < packed.length; place++) {
    bits = (bits << 8) | (packed[place] ?? 0);
    pending += 8;
    if (pending < 10) continue;
    pending -= 10;
    digits += PAIRS[bits >> pending];
    bits &= (1 << pending) - 1;
  }
  return `${PREFIXES[packed[0] ?? 0]}_${digits}`;
}

/**
 * What a statement selects of a column of ids where it may find many: hex, or the text behind a mark. SQLite makes the text
 * in half a microsecond; for a blob Node makes a buffer, which takes twice that, and is let go of one by one.
 */
export function idText(column: string): string {
  return `CASE typeof(${column}) WHEN 'blob' THEN hex(${column}) ELSE '${textMark}' || ${column} END`;
}

/** No digit of hex. */
const textMark = '!';
const valueOfHex = new Uint8Array(128);
for (let value = 0; value < 16; value++) valueOfHex[value.toString(16).toUpperCase().charCodeAt(0)] = value;
/** Where the hex of an id is read into, one after another. */
const unhexed = new Uint8Array(packedLength);

/** The id that was selected so. */
export function idOfText(text: string): string {
  if (text.startsWith(textMark)) return text.slice(textMark.length);
  // A damaged one may have any length.
  if (text.length !== 2 * packedLength) return unpackId(Buffer.from(text, 'hex'));
  for (let place = 0; place < packedLength; place++)
    unhexed[place] = (hexAt(text, 2 * place) << 4) | hexAt(text, 2 * place + 1);
  return unpackId(unhexed);
}

function hexAt(text: string, at: number): number {
  return valueOfHex[text.charCodeAt(at)] ?? 0;
}

/** Whether an id is one of our own, whole and as we write it. */
export function isOwnId(id: string): boolean {
  const digitsAt = id.length - digitCount;
  if (digitsAt < 4 || digitsAt > 5 || id.charCodeAt(digitsAt - 1) !== 0x5f) return false;
  if (!codeOfPrefix.has(id.slice(0, digitsAt - 1)) || valueAt(id, digitsAt) > 7) return false;
  for (let at = digitsAt + 1; at < id.length; at++) if (valueAt(id, at) === noDigit) return false;
  return true;
}

const timeDigits = 10;

/** The instant that an own id begins with, Unix ms. */
export function instantOf(ownId: string): number {
  const digitsAt = ownId.length - digitCount;
  return numberAt(ownId, digitsAt, 4) * 2 ** 30 + numberAt(ownId, digitsAt + 4, timeDigits - 4);
}

/** An instant as the digits that an own id begins with. */
export function timeDigitsOf(ms: number): string {
  let text = '';
  for (let rest = ms, place = 0; place < timeDigits; place++, rest = Math.floor(rest / 32))
    text = DIGITS[rest % 32] + text;
  return text;
}

/** The number that at most six digits of an own id write. */
export function numberAt(ownId: string, from: number, digits: number): number {
  let number = 0;
  for (let at = from; at < from + digits; at++) number = (number << 5) | valueAt(ownId, at);
  return number;
}

function valueAt(id: string, at: number): number {
  const code = id.charCodeAt(at);
  return code < 128 ? (valueOfCharacter[code] ?? noDigit) : noDigit;
}

/** W3C ids as bytes; what is not lower-case hex of that length stays text. */
export function packHex(id: string, digits: 16 | 32): PackedId {
  return id.length === digits && /^[0-9a-f]+$/.test(id) ? Buffer.from(id, 'hex') : id;
}

export function unpackHex(packed: PackedId): string {
  return typeof packed === 'string' ? packed : Buffer.from(packed).toString('hex');
}
