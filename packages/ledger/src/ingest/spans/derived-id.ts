import { createHash } from 'node:crypto';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * An id of our own form, made of what two services see of one thing: both ends of a hop come to the same, in whatever
 * order they are heard. The prefix is hashed too, so that what is made of one span does not end alike.
 */
export function derivedId(
  prefix: 'msg' | 'req' | 'bat' | 'exe' | 'fct',
  ...parts: readonly (string | number)[]
): string {
  const hash = createHash('sha256')
    .update([prefix, ...parts].join('\0'))
    .digest('hex');
  let value = BigInt(`0x${hash.slice(0, 32)}`);
  let digits = '';
  for (let place = 0; place < 26; place++, value >>= 5n) digits = DIGITS[Number(value & 31n)] + digits;
  return `${prefix}_${digits}`;
}
