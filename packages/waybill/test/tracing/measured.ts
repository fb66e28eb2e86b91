import type { TestContext } from 'node:test';
import * as opentelemetry from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import type { Delivery } from '../../src/core/delivery.ts';
import type { WaybillOptions } from '../../src/core/waybill.ts';
import type { OpenTelemetryApi } from '../../src/tracing/opentelemetry-api.ts';
import { bridge } from '../../src/tracing/otel.ts';
import { anEnvelope, knownWaybill, NOW } from '../known-waybill.ts';

class OnDemand extends MetricReader {
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}

/** One series: its attributes, and what it stands at; of a histogram how many values it took, and their sum. */
export type Series = readonly [attributes: Readonly<Record<string, unknown>>, value: number | readonly number[]];

export interface Metered {
  readonly provider: MeterProvider;
  /** What there is of each instrument by now, as the SDK gives it to an exporter. */
  read(): Promise<Readonly<Record<string, Series[]>>>;
  /** The descriptors of all instruments. */
  described(): Promise<{ readonly name: string; readonly unit: string; readonly bounds?: readonly number[] }[]>;
}

/** A real provider, read when the test asks. */
export function startMeter(context: TestContext): Metered {
  const reader = new OnDemand();
  const provider = new MeterProvider({ readers: [reader] });
  context.after(() => provider.shutdown());
  const metrics = async () => {
    const { resourceMetrics, errors } = await reader.collect();
    for (const error of errors) throw error;
    return resourceMetrics.scopeMetrics.flatMap((scope) => (scope.scope.name === 'waybill' ? scope.metrics : []));
  };
  const standOf = (value: unknown): Series[1] => {
    if (typeof value === 'number') return value;
    const { count, sum = 0 } = value as { count: number; sum?: number }; // sound: what is no number is a histogram
    return [count, sum];
  };
  return {
    provider,
    async read() {
      const points = (await metrics()).map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ attributes, value }): Series => [attributes, standOf(value)]),
      ]);
      return Object.fromEntries(points);
    },
    async described() {
      return (await metrics()).map(({ descriptor: { name, unit }, dataPoints: [point] }) => {
        // Sound: a histogram's value has buckets, and a number has none.
        const value = point?.value as { readonly buckets?: { readonly boundaries: number[] } } | undefined;
        return { name, unit, ...(value?.buckets && { bounds: value.buckets.boundaries }) };
      });
    },
  };
}

/** The API as an app has it that has registered this provider, or at some time another. */
export function apiWith(providerOf: () => { getMeter(name: string): unknown }): OpenTelemetryApi {
  const metrics = { getMeterProvider: providerOf };
  // Sound: what the tests hand over are meters of the SDK, or ones that fail in our hands.
  return { ...opentelemetry, metrics } as unknown as OpenTelemetryApi;
}

/** An instance that is measured, whose clock the test moves. */
export function meteredWaybill({ provider }: Metered, options: Partial<WaybillOptions> = {}) {
  const clock = { at: NOW };
  const tracing = bridge(apiWith(() => provider));
  return { clock, ...knownWaybill({ recorder: undefined, clock: () => clock.at, tracing, ...options }) };
}

/** A first delivery of an order, created 5 s ago and enqueued 2 s ago. */
export function aDelivery(fields: Partial<Delivery> = {}): Delivery {
  const envelope = anEnvelope({ sentAt: NOW - 5000 });
  return { system: 'kafka', destination: 'orders', envelope, attempt: 1, enqueuedAt: NOW - 2000, ...fields };
}
