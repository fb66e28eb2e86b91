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

function twoDigits(count: number): string {
  return String(count).padStart(2, '0');
}
