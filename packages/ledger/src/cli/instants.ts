import { ledgerError } from '../errors.ts';
import type { Typed } from './flags.ts';

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;
const expected = '14:02, a time ago such as 2h, or an RFC 3339 time';

/** By whose clock a time of day is meant. */
export type Zone = 'UTC' | 'local';

export function zoneOf({ given }: Typed): Zone {
  return given.has('local') ? 'local' : 'UTC';
}

/** `14:02` (the last one that was), `2h` (so long ago) or RFC 3339, as RFC 3339. */
export function instantOf(text: string, now: number, name = '--as-of', zone: Zone = 'UTC'): string {
  const ago = /^(\d{1,6})([smhd])$/.exec(text);
  // Sound: the expression lets only these units through.
  if (ago) return rfc3339(now - Number(ago[1]) * UNITS[ago[2] as keyof typeof UNITS], text, name);
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
  if (clock) {
    const [hours, minutes, seconds] = [Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0)];
    const day = new Date(now);
    const today =
      zone === 'local' ? day.setHours(hours, minutes, seconds, 0) : day.setUTCHours(hours, minutes, seconds, 0);
    return rfc3339(today > now ? today - UNITS.d : today, text, name);
  }
  if (!RFC_3339.test(text)) throw ledgerError('ARGUMENT_INVALID', name, expected, text);
  return rfc3339(Date.parse(text), text, name);
}

/** Whether it takes a clock to say which instant is meant. */
export function isRelative(text: string | undefined): boolean {
  return text !== undefined && !RFC_3339.test(text);
}

function rfc3339(at: number, text: string, name: string): string {
  if (Number.isNaN(at)) throw ledgerError('ARGUMENT_INVALID', name, expected, text);
  return new Date(at).toISOString();
}
