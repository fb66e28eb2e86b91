import { counted } from './counts.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** `812ms`, `5.3s`, `42m13s`: each cut off, never rounded up into the next unit. A negative one keeps its sign. */
export function duration(ms: number): string {
  if (ms < 0) return `-${duration(-ms)}`;
  if (ms < SECOND) return `${Math.floor(ms)}ms`;
  if (ms < MINUTE) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`;
  const seconds = Math.floor(ms / SECOND);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  const rest = `${twoDigits(seconds % 60)}s`;
  if (days > 0) return `${days}d${twoDigits(hours)}h${twoDigits(minutes)}m${rest}`;
  if (hours > 0) return `${hours}h${twoDigits(minutes)}m${rest}`;
  return `${minutes}m${rest}`;
}

/** One that somebody set: `10m`, where a measured one would be `10m00s`. */
export function setDuration(ms: number): string {
  return duration(ms)
    .replace(/\.0s$/, 's')
    .replace(/(?<=[dhm])(?:00[hms])+$/, '');
}

/** In words, of its largest unit: `42 minutes`. */
export function spokenDuration(ms: number): string {
  const [unit, size] = SPOKEN.find(([, least]) => ms >= least) ?? ['millisecond', 1];
  return counted(Math.floor(ms / size), unit);
}

const SPOKEN = [
  ['day', 24 * 60 * MINUTE],
  ['hour', 60 * MINUTE],
  ['minute', MINUTE],
  ['second', SECOND],
] as const;

function twoDigits(count: number): string {
  return String(count).padStart(2, '0');
}
