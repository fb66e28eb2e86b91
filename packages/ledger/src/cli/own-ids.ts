import { randomBytes } from 'node:crypto';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** An id of the kinds that the library makes: a UUIDv7 as 26 digits of Crockford's base32, as old as `at`. */
export function ownId(prefix: 'plan' | 'fct', at: number): string {
  let bits = (BigInt(at) << 80n) | BigInt(`0x${randomBytes(10).toString('hex')}`);
  bits = (bits & ~(0xfn << 76n)) | (7n << 76n); // version
  bits = (bits & ~(3n << 62n)) | (2n << 62n); // variant
  let digits = '';
  for (let place = 0; place < 26; place++, bits >>= 5n) digits = `${DIGITS[Number(bits & 31n)]}${digits}`;
  return `${prefix}_${digits}`;
}
