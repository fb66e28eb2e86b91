import { createHash, randomFillSync } from 'node:crypto';

/** What an id names: a request, a tick, a run, a message, a batch, an execution, a fact, a plan, a fan-out, a flow. */
export type IdPrefix = 'req' | 'tick' | 'run' | 'msg' | 'bat' | 'exe' | 'fct' | 'plan' | 'fan' | 'flow';
/** Makes an id of the given kind, as old as `at` (Unix ms). Replaced in tests, so that they know every id. */
export type MintId = (prefix: IdPrefix, at: number) => string;

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Two base32 digits for each 10 bits. */
const PAIRS = Array.from({ length: 1024 }, (_, bits) => `${DIGITS[bits >> 5]}${DIGITS[bits & 31]}`);
const CODES = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));
const VERSION_7 = 0b01110;
const VARIANT = 0b01000;

const pool = new Uint8Array(8192);
let used = pool.length;
let stampedAt = -1;
let stamp = '';

/** 48 bits of time as ten base32 digits; ids of one millisecond share them, so they are made once. */
function timeDigits(at: number): string {
  if (at === stampedAt) return stamp;
  const clamped = at >= 0 && at < 2 ** 48 ? Math.floor(at) : 0;
  let digits = '';
  for (let rest = clamped, place = 0; place < 5; place++, rest = Math.floor(rest / 1024)) {
    digits = PAIRS[rest % 1024] + digits;
  }
  stampedAt = at;
  stamp = digits;
  return digits;
}

/** Where so many random bytes begin in the pool: asking the system for each id costs ten times the rest. */
function takeRandom(count: number): number {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += count;
  return used - count;
}

/** The code of a digit, by the low five bits of a random byte. */
const digitAt = (at: number): number => CODES[(pool[at] as number) & 31] as number; // in range: the caller has taken it

/** `prefix_` and a UUIDv7 in Crockford's base32: sorts by time, 26 digits. */
export const mintId: MintId = (prefix, at) => {
  const r = takeRandom(16);
  // The 80 bits behind the time: version 7, 12 random, variant 10, 62 random. In one piece: joined, each id would have
  // to be flattened when it is written.
  const random = String.fromCharCode(
    CODES[VERSION_7 | ((pool[r] as number) & 1)] as number,
    digitAt(r + 1),
    digitAt(r + 2),
    CODES[VARIANT | ((pool[r + 3] as number) & 0b10011)] as number,
    digitAt(r + 4),
    digitAt(r + 5),
    digitAt(r + 6),
    digitAt(r + 7),
    digitAt(r + 8),
    digitAt(r + 9),
    digitAt(r + 10),
    digitAt(r + 11),
    digitAt(r + 12),
    digitAt(r + 13),
    digitAt(r + 14),
    digitAt(r + 15),
  );
  return `${prefix}_${timeDigits(at)}${random}`;
};

/** The first bits of a hash as base32 digits: 16 bytes are 26, and 10 are 16. */
function digitsOf(hash: Buffer, byteCount: 10 | 16): string {
  let value = BigInt(`0x${hash.toString('hex', 0, byteCount)}`);
  let digits = '';
  for (let place = 0; place < byteCount * 0.8; place++, value >>= 10n) digits = PAIRS[Number(value & 1023n)] + digits;
  return digits;
}

/**
 * The id of a message that came with nothing readable: a hash of where it lies, so that its retries are one
 * message, in every process. The parts are joined by a NUL, which no broker allows in them.
 */
export function hashedMessageId(system: string, destination: string, brokerId: string): string {
  return `msg_${digitsOf(createHash('sha256').update(`${system}\0${destination}\0${brokerId}`).digest(), 16)}`;
}

/**
 * The id of a schedule's tick: its due time and a hash, so that two schedulers that fire the same tick make one
 * message, and two environments two.
 */
export function tickId(namespace: string, scheduleId: string, dueAt: number): string {
  const hash = createHash('sha256').update(`${namespace}\0${scheduleId}\0${dueAt}`).digest();
  return `tick_${timeDigits(dueAt)}${digitsOf(hash, 10)}`;
}

/** Of an id, and of a tenant, operation, event type or business key. */
export const IDENTITY_LENGTH_MAX = 128;
const PRINTABLE = /^[\x20-\x7e]+$/;

/** Whether an id may be carried as it is: 1 to 128 printable ASCII characters. */
export function isCarriableId(id: unknown): id is string {
  return typeof id === 'string' && id.length <= IDENTITY_LENGTH_MAX && PRINTABLE.test(id);
}

/**
 * A foreign id in the form in which it is kept: itself, or where it is too long or not printable its SHA-256.
 * Never cut: two ids that begin alike are two ids.
 */
export function carriableId(id: string): string {
  return isCarriableId(id) ? id : createHash('sha256').update(id).digest('hex');
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A W3C trace id for logs and the waybill, where no tracer made one. */
export function mintTraceId(): string {
  return randomHex() + randomHex();
}

/** A W3C span id, for `originateTrace`. */
export function mintSpanId(): string {
  return randomHex();
}

/** 64 random bits as 16 hex digits, never all zeros. */
function randomHex(): string {
  const at = takeRandom(8);
  // One bit less of chance, and no id of zeros, which W3C forbids.
  let digits = HEX[(pool[at] as number) | 1] as string; // in range: just taken
  for (let next = 1; next < 8; next++) digits += HEX[pool[at + next] as number];
  return digits;
}
