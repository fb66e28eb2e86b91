import type { Recorder } from '../core/facts.ts';
import type { Metering } from '../core/metering.ts';
import { createSafeguard } from '../core/safeguard.ts';
import { observeDropped } from './dropped-facts.ts';
import { Measurements } from './measurements.ts';
import type { OpenTelemetryApi, OtelMeter, OtelMetrics, OtelObserved } from './opentelemetry-api.ts';

/** One for each API, however many bridges: the bound on series holds for all of them, and a sum is observed once. */
const meterings = new WeakMap<OtelMetrics, Metering>();

/** Numbers by destination; undefined where the app's API object has no metrics. */
export function meteringOf({ metrics, createNoopMeter }: OpenTelemetryApi): Metering | undefined {
  if (typeof metrics?.getMeterProvider !== 'function') return undefined;
  const metering = meterings.get(metrics) ?? createMetering(metrics, createNoopMeter?.());
  meterings.set(metrics, metering);
  return metering;
}

/** A view, a reader or an exporter of the app's own may throw: the job goes on, and is not measured. */
function createMetering(metrics: OtelMetrics, noop: OtelMeter | undefined): Metering {
  const guard = createSafeguard(Date.now);
  const guarded = <A extends readonly unknown[], R>(ask: (...args: A) => R, what = 'meter') =>
    guard<A, R | undefined>(what, ask, () => undefined);
  const recorders = new Set<Recorder>();
  const observe = guarded((observed: OtelObserved) => observeDropped(recorders, observed), 'recorder');
  const measurements = new Measurements(metrics, noop, observe);
  const started = guarded(measurements.started.bind(measurements));
  const ended = guarded(measurements.ended.bind(measurements));
  const ran = guarded(measurements.ran.bind(measurements));
  return {
    sent: guarded(measurements.sent.bind(measurements)),
    started: (...args) => {
      const run = started(...args);
      if (run === undefined) return undefined;
      return { ended: () => ended(run), ran: (settlement, ms) => ran(run, settlement, ms) };
    },
    gap: guarded(measurements.gap.bind(measurements)),
    watch: (recorder) => void recorders.add(recorder),
  };
}
