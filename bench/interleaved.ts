// Compares pieces of code in one process, in turns, so that a slow moment of the machine falls on all of them.

export interface Measured {
  readonly name: string;
  /** Nanoseconds an operation: the median over the rounds. */
  readonly nanoseconds: number;
  readonly min: number;
  readonly max: number;
  /** To the first piece of code, in the same round: the median over the rounds. */
  readonly ratio: number;
}

const ROUNDS = 41;
const ROUND_MS = 20;

export function compare(pieces: Readonly<Record<string, () => unknown>>): Measured[] {
  const names = Object.keys(pieces);
  const runs = names.map((name) => pieces[name] as () => unknown);
  const counts = runs.map(calibrated);
  const rounds = Array.from({ length: ROUNDS }, () => runs.map((run, index) => timed(run, counts[index] as number)));
  return names.map((name, index) => {
    const times = rounds.map((round) => round[index] as number);
    const ratios = rounds.map((round) => (round[index] as number) / (round[0] as number));
    return {
      name,
      nanoseconds: median(times),
      min: Math.min(...times),
      max: Math.max(...times),
      ratio: median(ratios),
    };
  });
}

/** How many operations fill a round; also warms the code up. */
function calibrated(run: () => unknown): number {
  let count = 1000;
  for (let warm = 0; warm < 20; warm++) timed(run, 5000);
  while (timed(run, count) * count < ROUND_MS * 1e6) count *= 2;
  return count;
}

let sink: unknown;

function timed(run: () => unknown, count: number): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i++) sink = run();
  return Number(process.hrtime.bigint() - start) / count;
}

export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

export function printMeasured(title: string, measured: readonly Measured[]): void {
  console.log(`\n${title}`);
  for (const { name, nanoseconds, min, max, ratio } of measured) {
    const range = `${min.toFixed(0)}–${max.toFixed(0)}`;
    console.log(
      `  ${name.padEnd(58)} ${nanoseconds.toFixed(0).padStart(6)} ns  ${range.padStart(12)}  ×${ratio.toFixed(2)}`,
    );
  }
}

/** So that nothing that was computed can be called unused. */
export function lastResult(): unknown {
  return sink;
}
