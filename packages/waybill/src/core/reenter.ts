/** The methods of a generator, sync or async. */
interface Steps {
  next(value: unknown): unknown;
  return(value: unknown): unknown;
  throw(error: unknown): unknown;
  [Symbol.toStringTag]: string;
}

export function isGenerator(result: unknown): result is Steps {
  if (typeof result !== 'object' || result === null) return false;
  const tag = (result as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return tag === 'AsyncGenerator' || tag === 'Generator';
}

/** A generator whose every step goes through `step`. */
function steppedThrough<R>(steps: Steps, step: (take: () => unknown) => unknown): R {
  const stepped: Record<PropertyKey, unknown> = {
    next: (value: unknown) => step(() => steps.next(value)),
    return: (value: unknown) => step(() => steps.return(value)),
    throw: (error: unknown) => step(() => steps.throw(error)),
    [Symbol.toStringTag]: steps[Symbol.toStringTag],
  };
  const self = steps[Symbol.toStringTag] === 'Generator' ? Symbol.iterator : Symbol.asyncIterator;
  stepped[self] = () => stepped;
  return stepped as R; // sound: a generator's protocol is these three methods, and itself as its iterator
}

/**
 * A generator leaves the scope at each `yield` and would go on in its reader's. This gives one that goes back
 * into its own for each step; any other value is given back as it is.
 */
export function reenterSteps<R>(result: R, enter: <T>(work: () => T) => T): R {
  return isGenerator(result) ? steppedThrough(result, enter) : result;
}

/** Calls `over` once, when a generator has given its last value, was left early, or threw. */
export function onLastStep<R>(result: R, over: (error: unknown, value: unknown, hasFailed: boolean) => void): R {
  if (!isGenerator(result)) return result;
  let isOver = false;
  const finish = (error: unknown, value: unknown, hasFailed: boolean) => {
    if (!isOver) over(error, value, hasFailed);
    isOver = true;
  };
  const look = (step: unknown) => {
    const { done, value } = step as IteratorResult<unknown>; // sound: a generator's steps have this shape
    if (done) finish(undefined, value, false);
    return step;
  };
  const fail = (error: unknown): never => {
    finish(error, undefined, true);
    throw error;
  };
  return steppedThrough(result, (take) => {
    try {
      const step = take();
      return step instanceof Promise ? step.then(look, fail) : look(step);
    } catch (error) {
      return fail(error);
    }
  });
}
