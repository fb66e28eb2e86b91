import type { Seeded } from '../../../waybill/test/seeded.ts';

/** One to four changes: a byte, a bit, a stretch that is gone, is there twice, is zeros or nines, or an end too early. */
export function mutated(whole: Buffer, chance: Seeded): Buffer {
  let body = Buffer.from(whole);
  for (let changes = 1 + chance.below(4); changes > 0 && body.length > 0; changes--) {
    const at = chance.below(body.length);
    const end = Math.min(body.length, at + 1 + chance.below(40));
    const kind = chance.below(7);
    if (kind === 0) body[at] = chance.below(256);
    else if (kind === 1)
      body[at] = (body[at] as number) ^ (1 << chance.below(8)); // within the body
    else if (kind === 2) body = Buffer.concat([body.subarray(0, at), body.subarray(end)]);
    else if (kind === 3) body = Buffer.concat([body.subarray(0, end), body.subarray(at)]);
    else if (kind === 4) body.fill(0, at, end);
    else if (kind === 5) body.fill(0xff, at, end);
    else body = body.subarray(0, at);
  }
  return body;
}
