/** Asynq's own: n⁴ + 15 seconds, and some at random, so that tasks that failed together do not come back together. */
export function defaultRetryDelayMs(retried: number): number {
  return (retried ** 4 + 15 + Math.floor(Math.random() * 30) * (retried + 1)) * 1000;
}
