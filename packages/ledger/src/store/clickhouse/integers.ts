/** An instant as ClickHouse takes it, which has no infinity among its integers. */
export function integerOf(instant: number): number {
  return Math.trunc(Math.min(Math.max(instant, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER));
}
