import { BoundFields } from './bindings.ts';
import { mintId } from './ids.ts';
import { currentScope, runInScope, runOutsideScopes, type Scope } from './scope.ts';

/** A scope as a value that can be posted to a worker thread, or kept with a task of a pool. */
export interface PassedScope extends Omit<Scope, 'bindings' | 'hidden' | 'run'> {
  readonly bindingsJson: string | null;
  readonly hiddenJson: string | null;
  /** Unix ms; when the handler had ended already. */
  readonly endedAt: number | undefined;
}

/** The scope that is current, by value: what is bound later is not in it. Undefined outside every scope. */
export function captureScope(): PassedScope | undefined {
  const scope = currentScope();
  if (scope === undefined) return undefined;
  const { bindings, hidden, run, ...rest } = scope;
  return { ...rest, bindingsJson: bindings.json(), hiddenJson: hidden.json(), endedAt: run.endedAt };
}

/** Runs `work` in a captured scope, in whatever thread: the same message, execution and trace. Without one, in none. */
export function restoreScope<R>(passed: PassedScope | undefined, work: () => R): R {
  if (passed === undefined) return runOutsideScopes(work);
  const { bindingsJson, hiddenJson, endedAt, ...rest } = passed;
  const bindings = new BoundFields(bindingsJson);
  const hidden = new BoundFields(hiddenJson);
  const run = { endedAt, sends: 0, minter: { now: Date.now, mint: mintId } };
  return runInScope({ ...rest, bindings, hidden, run }, work);
}
