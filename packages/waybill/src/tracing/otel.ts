import { checkOptions, isFlag, isOneOf, type OptionRule } from '../core/options.ts';
import { createSafeguard } from '../core/safeguard.ts';
import type { Tracing } from '../core/tracing.ts';
import type { Bridged } from './bridged.ts';
import { startExecution } from './execution-span.ts';
import type { OpenTelemetryApi } from './opentelemetry-api.ts';
import { startSend } from './send-span.ts';
import { isValid } from './span-context.ts';
import type { SpanNaming } from './span-naming.ts';

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
}

/**
 * Waybill in a traced system: `createWaybill({ tracing: bridge(api) })`, where `api` is `@opentelemetry/api`. The
 * active span, baggage and the scope then move together. Nothing is registered, and without an SDK nothing is made.
 *
 * @throws OPTION_UNKNOWN, OPTION_INVALID for a mistake in the options.
 */
export function bridge(api: OpenTelemetryApi, options: BridgeOptions = {}): Tracing {
  checkOptions('bridge', { api }, { api: { ...isApi, required: true } });
  checkOptions('bridge', options, {
    spans: isOneOf('auto', 'always', 'never'),
    settleSpans: isFlag,
    naming: isNaming,
  });
  const guard = createSafeguard(Date.now);
  const suppressed = api.ROOT_CONTEXT.setValue(SUPPRESS_KEY, true);
  const bridged: Bridged = {
    api,
    tracer: api.trace.getTracer('waybill'),
    spans: options.spans ?? 'auto',
    hasSettleSpans: options.settleSpans ?? false,
    naming: options.naming ?? {},
    // A sampler, a processor or an exporter of the app's own may throw: the job goes on, without that span.
    guarded: (work) => guard('tracer', work, () => undefined)(),
  };
  return {
    startSend: (start) => bridged.guarded(() => startSend(bridged, start)),
    startExecution: (start) => bridged.guarded(() => startExecution(bridged, start)),
    activeIds: () => {
      const context = api.trace.getSpan(api.context.active())?.spanContext();
      return isValid(context) ? context : undefined;
    },
    keep: () => {
      const active = api.context.active();
      return (work) => api.context.with(active, work);
    },
    untraced: (work) => api.context.with(suppressed, work),
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
