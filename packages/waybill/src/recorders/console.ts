import type { Fact, Recorder } from '../core/facts.ts';

/** Prints one JSON line for each fact: for a first look, before a ledger runs. `write` is stderr, if left out. */
export function consoleRecorder(write: (line: string) => void = (line) => void process.stderr.write(line)): Recorder {
  return { record: (fact: Fact) => write(`${JSON.stringify({ ...fact, at: new Date(fact.at).toISOString() })}\n`) };
}
