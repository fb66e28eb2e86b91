// What a benchmark tells: figures, beside their targets where they have one.

interface Result {
  readonly name: string;
  readonly value: number;
  /** Null where it is told beside others, and aimed at by none. */
  readonly target: number | null;
  readonly met: boolean | null;
}

type Bound = 'least' | 'most';

interface Results {
  tell(name: string, value: number, target?: number | null, bound?: Bound): void;
  print(asJson: boolean | undefined): void;
}

export function openResults(): Results {
  const results: Result[] = [];
  return {
    tell(name, value, target = null, bound = 'most') {
      const met = target === null ? null : bound === 'most' ? value <= target : value >= target;
      results.push({ name, value: Number(value.toPrecision(4)), target, met });
    },
    print(asJson) {
      if (asJson) {
        console.log(JSON.stringify({ results }));
        return;
      }
      for (const { name, value, target, met } of results) {
        const aim = target === null ? '' : `${met ? 'met' : 'missed'}, ${target}`;
        console.log(`  ${name.padEnd(50)} ${String(value).padStart(9)}  ${aim}`);
      }
    },
  };
}

export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
