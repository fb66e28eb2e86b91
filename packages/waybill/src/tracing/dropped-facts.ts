import type { Recorder } from '../core/facts.ts';
import { DROP_REASONS_MAX, OTHER } from './metric-series.ts';
import type { OtelObserved } from './opentelemetry-api.ts';
import { ATTRIBUTE } from './span-attributes.ts';

/** Tells what recorders had to drop so far, by reason. */
export function observeDropped(recorders: ReadonlySet<Recorder>, observed: OtelObserved): void {
  const sums = new Map<string, number>();
  for (const recorder of recorders) {
    for (const [why, count] of recorder.dropped?.() ?? []) {
      const known = sums.has(why) || sums.size < DROP_REASONS_MAX ? why : OTHER;
      sums.set(known, (sums.get(known) ?? 0) + count);
    }
  }
  for (const [why, count] of sums) observed.observe(count, { [ATTRIBUTE.why]: why });
}
