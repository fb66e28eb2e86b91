/** A date as Unix ms; undefined for what a database driver of the app's own hands out as something else than a date. */
export function millisOf(date: unknown, secondsLater = 0): number | undefined {
  const at = date instanceof Date ? date.getTime() + secondsLater * 1000 : Number.NaN;
  return Number.isFinite(at) ? at : undefined;
}
