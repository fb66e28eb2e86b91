import type { Fact, Millis } from '../../core/facts.ts';
import { createWaybill, type Waybill } from '../../core/waybill.ts';
import type { SeededIds } from './seeded-ids.ts';
import type { Timeline } from './timeline.ts';

/** Something that has a clock of its own: a broker, a host. */
export interface Clock {
  /** What it shows: never quite the true time, where clocks are skewed. */
  now(): Millis;
}

/** One running copy of a service. */
export interface Host extends Clock {
  readonly service: string;
  readonly waybill: Waybill;
}

interface HostOptions {
  readonly service: string;
  readonly instance: string;
  readonly skewMs: number;
  readonly timeline: Timeline;
  readonly ids: SeededIds;
  readonly record: (fact: Fact) => void;
}

export function createHost({ service, instance, skewMs, timeline, ids, record }: HostOptions): Host {
  const now = () => timeline.now + skewMs;
  const waybill = createWaybill({
    service,
    instance,
    namespace: 'simulated',
    clock: now,
    mintId: ids.mintId,
    mintTraceId: ids.mintTraceId,
    recorder: { record },
  });
  return { service, waybill, now };
}
