// Compares variants of one script in alternating processes, so that a slow moment of the machine falls on all of them.
import { execFileSync } from 'node:child_process';
import { median } from './interleaved.ts';

export interface Variant {
  readonly name: string;
  readonly title: string;
  /** CPU microseconds a message: the median over the rounds. */
  readonly microseconds: number;
  readonly min: number;
  readonly max: number;
  /** To the first variant, in the same round: the median over the rounds. */
  readonly added: number;
}

/** Which variant this process is to measure; undefined for the process that compares them. */
export function variantOf<Name extends string>(titles: Readonly<Record<Name, string>>): Name | undefined {
  const named = process.argv.find((arg) => arg.startsWith('--variant='))?.slice('--variant='.length);
  return named !== undefined && Object.hasOwn(titles, named) ? (named as Name) : undefined; // sound: it is a key of them
}

/** Runs the script once for each variant in each round; it prints the microseconds. */
export function alternate(script: string, titles: Readonly<Record<string, string>>, rounds: number): Variant[] {
  const times = new Map<string, number[]>(Object.keys(titles).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, own] of times) {
      const args = ['--conditions=@waybill/source', script, `--variant=${name}`];
      own.push(Number(execFileSync(process.execPath, args, { encoding: 'utf8' })));
    }
  }
  const [plain = []] = times.values();
  return [...times].map(([name, own]) => ({
    name,
    title: titles[name] ?? name,
    microseconds: median(own),
    min: Math.min(...own),
    max: Math.max(...own),
    added: median(own.map((time, round) => time - (plain[round] ?? Number.NaN))),
  }));
}

export function printVariants(title: string, variants: readonly Variant[]): void {
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ title, variants }));
    return;
  }
  console.log(title);
  for (const { title: what, microseconds, min, max, added } of variants) {
    const range = `${min.toFixed(0)}–${max.toFixed(0)}`;
    console.log(
      `  ${what.padEnd(60)} ${microseconds.toFixed(1).padStart(7)}  ${range.padStart(9)}  added ${added.toFixed(1).padStart(6)}`,
    );
  }
}
