import { AsyncLocalStorage } from 'node:async_hooks';
import { reasonOf, warn } from '../../core/safeguard.ts';

/** A step that repeats itself. */
export interface Loop {
  /** Cuts the wait short: there may be something to do. */
  wake(): void;
  /** Resolves when the step that runs is over. */
  stop(): Promise<void>;
}

const FAILED_WAIT_MS = 1000;

/** Outside every scope, and every span too: what was current when this was imported. */
const outside = AsyncLocalStorage.snapshot();

/**
 * Repeats a step, which gives the ms until the next, on nobody's behalf. One that fails is repeated too, and warned of
 * once until it succeeds again: Redis may be away for a while.
 */
export function repeat(what: string, step: () => Promise<number>): Loop {
  let isStopped = false;
  let isWoken = false;
  let isFailing = false;
  let resume = () => {};
  const wait = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      resume = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const wake = () => {
    isWoken = true;
    resume();
  };
  const turn = async (): Promise<number> => {
    try {
      const waitMs = await step();
      isFailing = false;
      return waitMs;
    } catch (error) {
      if (!isFailing) warn(`waybill/asynq could not ${what}, and goes on trying: ${reasonOf(error)}`);
      isFailing = true;
      return FAILED_WAIT_MS;
    }
  };
  const over = outside(async () => {
    while (!isStopped) {
      isWoken = false;
      const waitMs = await turn();
      // Woken while the step ran, it may have missed something.
      if (waitMs > 0 && !isWoken && !isStopped) await wait(waitMs);
    }
  });
  return {
    wake,
    stop() {
      isStopped = true;
      wake();
      return over;
    },
  };
}
