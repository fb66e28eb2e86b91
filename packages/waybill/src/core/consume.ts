import type { Delivery, Execution, JudgeOutcome, Settlement } from './delivery.ts';
import type { Kernel } from './kernel.ts';
import { open } from './open.ts';
import { isGenerator, onLastStep } from './reenter.ts';
import { settleWith } from './settle.ts';

const RETURNED: Settlement = Object.freeze({ outcome: 'ok', by: 'return' });

function verdict(
  error: unknown,
  result: unknown,
  hasFailed: boolean,
  judge: JudgeOutcome | undefined,
): Settlement | undefined {
  const otherwise = hasFailed ? { outcome: 'failed' as const, error, by: 'throw' } : RETURNED;
  if (judge === undefined) return otherwise;
  try {
    // A handler may throw undefined; a judge must not take that for a return.
    const said = judge(hasFailed ? (error ?? new Error('The handler threw nothing.')) : undefined, result);
    return said === undefined || typeof said.outcome === 'string' ? said : otherwise;
  } catch {
    return otherwise;
  }
}

/**
 * Runs the handler in the scope of an execution and settles it with what `judge` says. Without a judge a return
 * is `ok`, and a throw `failed`: it failed, and what comes next is not known here. The handler's result or error
 * goes on unchanged. A generator is settled when its last step is over.
 */
export function execute<R>(
  execution: Execution,
  handler: (execution: Execution) => R,
  judge: JudgeOutcome | undefined,
): R {
  const over = (error: unknown, result: unknown, hasFailed: boolean) => {
    execution.ended();
    const settlement = verdict(error, result, hasFailed, judge);
    if (settlement !== undefined) execution.settle(settlement);
  };
  let steps = false;
  const result = settleWith(
    () => {
      const started = execution.run(() => handler(execution));
      steps = isGenerator(started);
      return started;
    },
    (value) => {
      if (!steps) over(undefined, value, false);
    },
    (error) => over(error, undefined, true),
  );
  return steps ? onLastStep(result, over) : result;
}

/** Opens a delivery and executes it. */
export function consume<R>(
  kernel: Kernel,
  delivery: Delivery,
  handler: (execution: Execution) => R,
  judge: JudgeOutcome | undefined,
): R {
  return execute(open(kernel, delivery), handler, judge);
}
