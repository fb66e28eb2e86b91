const WARN_EVERY_MS = 60_000;

/**
 * Wraps what the app gave us (a clock, a recorder), so that a failure in it never reaches a job: the stand-in
 * answers, the failure is counted, and at most one warning a minute says so.
 */
export function createSafeguard(now: () => number) {
  let failures = 0;
  let warnedAt = Number.NEGATIVE_INFINITY;
  const failed = (what: string, error: unknown) => {
    failures++;
    if (now() - warnedAt < WARN_EVERY_MS) return;
    warnedAt = now();
    warn(
      `The ${what} given to Waybill failed ${failures === 1 ? 'once' : `${failures} times`} so far: ${reasonOf(error)}`,
    );
  };
  return <A extends readonly unknown[], R>(what: string, ask: (...args: A) => R, standIn: (...args: A) => R) =>
    (...args: A): R => {
      try {
        const answer = ask(...args);
        // An async recorder that fails would end the process by a rejection that nobody handles.
        if (answer instanceof Promise) answer.catch((error: unknown) => failed(what, error));
        return answer;
      } catch (error) {
        failed(what, error);
        return standIn(...args);
      }
    };
}

/** A few words of an error, whatever was thrown. */
export function reasonOf(error: unknown): string {
  try {
    return String(error).slice(0, 200);
  } catch {
    return 'an error that cannot be read';
  }
}

/** A process warning: on stderr by default, and the app may listen for it. */
export function warn(message: string): void {
  try {
    process.emitWarning(message, { type: 'WaybillWarning', code: 'WAYBILL' });
  } catch {
    // Nothing is left to tell it to, and a job is running.
  }
}
