/** Calls `done` or `failed` when the work is over, and hands its result or error on as it was. */
export function settleWith<R>(work: () => R, done: (result: Awaited<R>) => void, failed: (error: unknown) => void): R {
  let result: R;
  try {
    result = work();
  } catch (error) {
    failed(error);
    throw error;
  }
  if (!isThenable(result)) {
    done(result as Awaited<R>); // sound: what is no thenable is what awaiting it would give
    return result;
  }
  // Chained, not watched from the side: a rejection that the caller ignores must stay an unhandled one.
  const settled = result.then(
    (value) => {
      done(value as Awaited<R>); // sound: this is the thenable's own value
      return value;
    },
    (error: unknown) => {
      failed(error);
      throw error;
    },
  );
  return settled as R; // sound: the same value or error comes out of it, one turn later
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
