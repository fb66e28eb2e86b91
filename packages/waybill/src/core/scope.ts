import { AsyncLocalStorage } from 'node:async_hooks';
import { type Bindings, BoundFields } from './bindings.ts';
import type { Context } from './context.ts';
import { type MintId, mintId, mintTraceId } from './ids.ts';
import type { Tracing } from './tracing.ts';
import { NO_TRACE_HEADERS, type TraceHeaders } from './w3c.ts';

/** What all branches of one execution share. */
export interface Run {
  /** When the handler ended, in Unix ms: what runs after that is a promise that nobody awaited, and late. */
  endedAt: number | undefined;
  /** Sends so far: past the sixteenth they are a fan-out. */
  sends: number;
  /** The instance that opened it, for what is minted inside without one at hand. */
  readonly minter: Minter;
}

/** What makes ids; an instance is one. */
export interface Minter {
  now(): number;
  readonly mint: MintId;
  readonly tracing?: Tracing | undefined;
}

/** A context that is current, with the bindings that the app adds while it runs. */
export interface Scope {
  readonly context: Context;
  /** What a message made here names as its cause. */
  readonly causeId: string | null;
  /** Written on what is sent here: a tracer's own, or those that came in. */
  readonly traceHeaders: TraceHeaders;
  readonly originTraceId: string | undefined;
  readonly continuedFrom: string | undefined;
  /** A batch of several workflows: all their ids. */
  readonly correlations: readonly string[] | undefined;
  readonly inheritJson: string | undefined;
  /** A log is read again: what is sent says of what input it was made. */
  readonly isReplaying: boolean;
  readonly bindings: BoundFields;
  readonly hidden: BoundFields;
  readonly run: Run;
}

// One for the process, whatever copies of the library are loaded; its shape belongs to the symbol's version.
const KEY = Symbol.for('waybill.context.v1');
const shared = globalThis as { [KEY]?: AsyncLocalStorage<Scope | null> };
const scopes = shared[KEY] ?? new AsyncLocalStorage<Scope | null>();
shared[KEY] = scopes;

let carriedScope: (() => Scope | undefined) | undefined;

/** A tracer's own context may carry a scope to where nothing of ours has entered one: then it is found there. */
export function findScopesBy(find: () => Scope | undefined): void {
  carriedScope = find;
}

export function currentScope(): Scope | undefined {
  const scope = scopes.getStore();
  // Null says that there is none, whatever a tracer carries.
  return scope === undefined ? carriedScope?.() : (scope ?? undefined);
}

/** `run`, never `enterWith`: what was current before comes back, whether the work returns or throws. */
export function runInScope<R>(scope: Scope, work: () => R): R {
  return scopes.run(scope, work);
}

/** For our own timers and sockets, which must not belong to whoever happened to start them. */
export function runOutsideScopes<R>(work: () => R): R {
  return carriedScope === undefined ? scopes.exit(work) : scopes.run(null, work);
}

/** The context that is current; undefined outside every request, job and ingress. */
export function current(): Context | undefined {
  return currentScope()?.context;
}

/**
 * Binds log fields to the current execution: its log lines have them, and so have those of every message it
 * sends from now on, wherever that is handled. Parallel branches overwrite each other: see `withBindings`.
 *
 * @param options `hidden`: carried to the handlers, and never logged.
 * @returns false where there is no scope to bind to.
 */
export function bind(fields: Bindings, options?: { readonly hidden?: boolean }): boolean {
  const scope = currentScope();
  if (scope === undefined) return false;
  (options?.hidden ? scope.hidden : scope.bindings).add(fields);
  return true;
}

/** Runs `work` with more fields bound, for its own branch only: what is bound inside stays inside. */
export function withBindings<R>(fields: Bindings, work: () => R): R {
  const scope = currentScope();
  if (scope === undefined) return work();
  const bindings = scope.bindings.fork();
  bindings.add(fields);
  return scopes.run({ ...scope, bindings, hidden: scope.hidden.fork() }, work);
}

/** Gives a callback that a foreign client will call (a timer, a pool, an emitter) the scope in which it was made. */
export function keepScope<F extends (...args: never[]) => unknown>(callback: F): F {
  const scope = currentScope();
  const within = scope?.run.minter.tracing?.keep();
  const kept = function (this: unknown, ...args: never[]): unknown {
    const call = () => callback.apply(this, args);
    if (scope === undefined) return runOutsideScopes(call);
    return within === undefined ? scopes.run(scope, call) : within(() => scopes.run(scope, call));
  };
  // Clients look at these: a callback's length decides how some of them call it.
  Object.defineProperties(kept, { length: { value: callback.length }, name: { value: callback.name } });
  return kept as unknown as F; // sound: the same parameters go in and the same result comes out
}

/**
 * Runs `work` in a workflow of its own: what it sends still names what is being handled as its cause, and says
 * which workflow it continues, but has a new correlation id and none of the bindings.
 */
export function newWorkflow<R>(work: () => R): R {
  const scope = currentScope();
  const minter = scope?.run.minter ?? { now: Date.now, mint: mintId };
  const correlationId = minter.mint('run', minter.now());
  const fresh = { bindings: new BoundFields(null), hidden: new BoundFields(null) };
  if (scope !== undefined) {
    const context = { ...scope.context, correlationId };
    const continuedFrom = scope.context.correlationId;
    return scopes.run(
      { ...scope, ...fresh, context, continuedFrom, correlations: undefined, inheritJson: undefined },
      work,
    );
  }
  const context: Context = {
    correlationId,
    messageId: correlationId,
    causationId: null,
    executionId: minter.mint('exe', minter.now()),
    attempt: null,
    traceId: mintTraceId(),
    spanId: null,
    tenantId: null,
    operation: null,
    eventType: null,
    businessKey: null,
    hop: -1,
  };
  const nothing = {
    causeId: null,
    originTraceId: undefined,
    continuedFrom: undefined,
    correlations: undefined,
    inheritJson: undefined,
    isReplaying: false,
  };
  const run = { endedAt: undefined, sends: 0, minter };
  return scopes.run({ context, ...nothing, ...fresh, traceHeaders: NO_TRACE_HEADERS, run }, work);
}

/**
 * The fields that a log line of this moment has: the identity, then what was bound. An object of its own each
 * time, because loggers write into what they are given; empty outside every scope.
 */
export function logFields(): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  const scope = currentScope();
  if (scope === undefined) return line;
  const { context } = scope;
  line['correlation_id'] = context.correlationId;
  line['message_id'] = context.messageId;
  if (context.causationId !== null) line['causation_id'] = context.causationId;
  line['execution_id'] = context.executionId;
  if (context.attempt !== null) line['attempt'] = context.attempt;
  const active = scope.run.minter.tracing?.activeIds();
  line['trace_id'] = active?.traceId ?? context.traceId;
  const spanId = active?.spanId ?? context.spanId;
  if (spanId !== null) line['span_id'] = spanId;
  if (context.tenantId !== null) line['tenant_id'] = context.tenantId;
  if (context.operation !== null) line['operation'] = context.operation;
  if (context.businessKey !== null) line['business_key'] = context.businessKey;
  if (scope.run.endedAt !== undefined) line['late'] = true;
  scope.bindings.copyTo(line);
  return line;
}
