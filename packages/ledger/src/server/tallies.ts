import type { Sample } from './exposition.ts';

/** Counts by some label. */
export interface Tally {
  add(label: string, count?: number): void;
  readonly counts: ReadonlyMap<string, number>;
}

/** What comes past the bound is counted as `_OTHER`, so that sums stay right. */
export function openTally(labelsMax: number): Tally {
  const counts = new Map<string, number>();
  return {
    add(label, count = 1) {
      const own = counts.has(label) || counts.size < labelsMax ? label : '_OTHER';
      counts.set(own, (counts.get(own) ?? 0) + count);
    },
    counts,
  };
}

/** Counts values by how large they are. */
export interface Histogram {
  add(value: number): void;
  samples(): Sample[];
}

/** `bounds` are upper ones, in order. */
export function openHistogram(bounds: readonly number[]): Histogram {
  const counts = bounds.map(() => 0);
  let sum = 0;
  let count = 0;
  return {
    add(value) {
      sum += value;
      count++;
      const at = bounds.findIndex((bound) => value <= bound);
      if (at >= 0) counts[at] = (counts[at] ?? 0) + 1;
    },
    samples() {
      let below = 0;
      const buckets = bounds.map((bound, at) => {
        below += counts[at] ?? 0;
        return { suffix: '_bucket', labels: { le: String(bound) }, value: below };
      });
      return [
        ...buckets,
        { suffix: '_bucket', labels: { le: '+Inf' }, value: count },
        { suffix: '_sum', value: sum },
        { suffix: '_count', value: count },
      ];
    },
  };
}
