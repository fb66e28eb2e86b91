import { checkOptions, isFlag, isOneOf, type OptionRule } from '../core/options.ts';
import { createSafeguard } from '../core/safeguard.ts';
import { findScopesBy } from '../core/scope.ts';
import type { Tracing } from '../core/tracing.ts';
import type { Waybill } from '../core/waybill.ts';
import type { Bridged } from './bridged.ts';
import { scopeIn, takeRequestId } from './carried-scope.ts';
import { startExecution } from './execution-span.ts';
import {
  type IdentityLogRecordProcessor,
  type IdentitySpanProcessor,
  identityLogRecordProcessor,
  identitySpanProcessor,
} from './identity-processors.ts';
import { meteringOf } from './metrics.ts';
import type { OpenTelemetryApi } from './opentelemetry-api.ts';
import { type PropagatorOptions, propagator, type WaybillPropagator } from './propagator.ts';
import { registrationOf } from './registration.ts';
import { startSend } from './send-span.ts';
import { isValid } from './span-context.ts';
import type { SpanNaming } from './span-naming.ts';
import { type WorkflowSampler, type WorkflowSamplerOptions, workflowSampler } from './workflow-sampler.ts';

export const peer = { name: '@opentelemetry/api', range: '>=1.9 <1.11' };

export interface BridgeOptions {
  /**
   * `auto`, if left out: a span for each send and each run, except where another tool makes one. `always`: inside of
   * theirs too. `never`: none, and what others make is used.
   */
  readonly spans?: 'auto' | 'always' | 'never' | undefined;
  /** A span for each settlement too, from the handler's end to the transport's word; none, if left out. */
  readonly settleSpans?: boolean | undefined;
  /** Names and kinds that a team knows already, by system. */
  readonly naming?: Readonly<Record<string, SpanNaming>> | undefined;
  /** Numbers by destination, once a meter provider is registered; made, if left out. */
  readonly metrics?: boolean | undefined;
}

/** What an app gives to `createWaybill` as `tracing`, and what it may give to its SDK. */
export interface Bridge extends Tracing {
  /** Carries context wherever an instrumentation propagates its own: without any adapter. */
  propagator(waybill: Waybill, options?: PropagatorOptions): WaybillPropagator;
  /** Traces whole workflows, or not at all: the root of a parent-based sampler. */
  sampler(options: WorkflowSamplerOptions): WorkflowSampler;
  /** Writes the identity on every span of a scope. */
  spanProcessor(): IdentitySpanProcessor;
  /** Writes the identity on every log record of a scope. */
  logRecordProcessor(): IdentityLogRecordProcessor;
}

/**
 * Waybill in a traced system: `createWaybill({ tracing: bridge(api) })`, where `api` is `@opentelemetry/api`. The
 * active span, baggage and the scope then move together. Nothing is registered, and without an SDK nothing is made.
 *
 * @throws OPTION_UNKNOWN, OPTION_INVALID for a mistake in the options.
 */
export function bridge(api: OpenTelemetryApi, options: BridgeOptions = {}): Bridge {
  checkOptions('bridge', { api }, { api: { ...isApi, required: true } });
  checkOptions('bridge', options, {
    spans: isOneOf('auto', 'always', 'never'),
    settleSpans: isFlag,
    naming: isNaming,
    metrics: isFlag,
  });
  const guard = createSafeguard(Date.now);
  const suppressed = api.ROOT_CONTEXT.setValue(SUPPRESS_KEY, true);
  const attempted = guard(
    'tracer',
    (work: () => unknown) => work(),
    () => undefined,
  );
  const bridged: Bridged = {
    api,
    tracer: api.trace.getTracer('waybill'),
    hasProvider: registrationOf(api),
    spans: options.spans ?? 'auto',
    hasSettleSpans: options.settleSpans ?? false,
    naming: options.naming ?? {},
    // A sampler, a processor or an exporter of the app's own may throw: the job goes on, without that span.
    guarded: <R>(work: () => R) => attempted(work) as R | undefined, // sound: what the work itself gives, or nothing
  };
  const tracing: Tracing = {
    startSend: (start) => bridged.guarded(() => startSend(bridged, start)),
    startExecution: (start) => bridged.guarded(() => startExecution(bridged, start)),
    requestId: () => takeRequestId(api),
    activeIds: () => {
      const context = api.trace.getSpan(api.context.active())?.spanContext();
      return isValid(context) ? context : undefined;
    },
    keep: () => {
      const active = api.context.active();
      return (work) => api.context.with(active, work);
    },
    untraced: (work) => api.context.with(suppressed, work),
    metering: options.metrics === false ? undefined : meteringOf(api),
  };
  return {
    ...tracing,
    propagator(waybill, propagatorOptions) {
      findScopesBy(() => scopeIn(api.context.active()));
      return propagator(api, tracing, waybill, propagatorOptions);
    },
    sampler: (samplerOptions) => workflowSampler(api, samplerOptions),
    spanProcessor: identitySpanProcessor,
    logRecordProcessor: identityLogRecordProcessor,
  };
}

/** Where `@opentelemetry/core` has SDKs look whether a context is to have spans. */
const SUPPRESS_KEY = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

const isApi: OptionRule = {
  expected: 'the module "@opentelemetry/api", as `import * as api` gives it',
  fits: (value) =>
    typeof value === 'object' && value !== null && ['context', 'trace', 'propagation'].every((name) => name in value),
};

const isNaming: OptionRule = {
  expected: 'an object of names by system, such as { asynq: { send: { name, kind } } }',
  fits: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};
