import { BoundFields } from './bindings.ts';
import type { Context } from './context.ts';
import type { Execution, Settlement } from './delivery.ts';
import type { MessageMeter } from './metering.ts';
import { isGenerator, reenterSteps } from './reenter.ts';
import { type Minter, type Run, runInScope, type Scope } from './scope.ts';
import type { ExecutionSpan } from './tracing.ts';

/** What is known of an execution when its scope is made. */
interface ScopeSeed {
  readonly context: Context;
  readonly causeId: string | null;
  readonly traceHeaders: Scope['traceHeaders'];
  readonly originTraceId?: string | undefined;
  readonly correlations?: readonly string[] | undefined;
  readonly inheritJson?: string | undefined;
  readonly bindingsJson: string | null;
  readonly hiddenJson: string | null;
  readonly isReplaying?: boolean | undefined;
  readonly run: Run;
}

export function freshRun(minter: Minter): Run {
  return { endedAt: undefined, sends: 0, minter };
}

/** A fresh scope for every delivery, also for one that carries nothing: clients hand their start-up scope to every handler. */
export function freshScope(seed: ScopeSeed): Scope {
  return {
    context: seed.context,
    causeId: seed.causeId,
    traceHeaders: seed.traceHeaders,
    originTraceId: seed.originTraceId,
    continuedFrom: undefined,
    correlations: seed.correlations,
    inheritJson: seed.inheritJson,
    bindings: new BoundFields(seed.bindingsJson),
    hidden: new BoundFields(seed.hiddenJson),
    isReplaying: seed.isReplaying ?? false,
    run: seed.run,
  };
}

/** Private state that run, ended and settle share: an adapter may call them turns apart. */
export class OpenExecution implements Execution {
  readonly #scope: Scope;
  readonly #settle: (settlement: Settlement, endedAt: number | undefined) => void;
  readonly #now: () => number;
  readonly #span: ExecutionSpan | undefined;
  readonly #meter: Pick<MessageMeter, 'ended'> | undefined;
  #isSettled = false;
  #isReached = false;

  constructor(
    scope: Scope,
    now: () => number,
    span: ExecutionSpan | undefined,
    settle: (settlement: Settlement, endedAt: number | undefined) => void,
    meter?: Pick<MessageMeter, 'ended'> | undefined,
  ) {
    this.#scope = scope;
    this.#now = now;
    this.#span = span;
    this.#settle = settle;
    this.#meter = meter;
  }

  get context(): Context {
    return this.#scope.context;
  }

  get settled(): boolean {
    return this.#isSettled;
  }

  /** Whether anything was run for it: a batch may fail before it comes to its last items. */
  get isReached(): boolean {
    return this.#isReached;
  }

  run<R>(work: () => R): R {
    this.#isReached = true;
    const result = this.#enter(work);
    return isGenerator(result) ? reenterSteps(result, (step) => this.#enter(step)) : result;
  }

  /** The active span and the scope move together. */
  #enter<R>(work: () => R): R {
    if (this.#span === undefined) return runInScope(this.#scope, work);
    return this.#span.run(() => runInScope(this.#scope, work));
  }

  ended(): void {
    const { run } = this.#scope;
    if (run.endedAt !== undefined) return;
    run.endedAt = this.#now();
    this.#span?.ended();
    this.#meter?.ended();
  }

  settle(settlement: Settlement): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#settle(settlement, this.#scope.run.endedAt);
  }
}
